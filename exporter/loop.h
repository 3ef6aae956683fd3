// Runs the engine on the real files, disk and clock: waits, and lets it do what is due.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

#include "exporter/engine.h"
#include "exporter/input/inputs.h"
#include "exporter/reload.h"
#include "exporter/scrape.h"
#include "exporter/signals.h"
#include "exporter/state/real_disk.h"
#include "exporter/state/slot_file.h"
#include "exporter/state_writer.h"
#include "exporter/tail/compressed_files.h"
#include "exporter/tail/real_file_system.h"
#include "exporter/web/http_counts.h"

namespace tailmeter {

// What web threads ask the loop for.
struct Requests {
  ScrapeQueue scrapes;
  ReloadQueue reloads;
};

class Loop {
 public:
  // An empty `state_directory` is none. `http` is what the web server counts, and outlives the loop. Throws
  // std::system_error if the state cannot be opened.
  Loop(LoadedRules rules, RuleLoader load_rules, const std::string& state_directory, Signals& signals,
       Requests& requests, const HttpCounts& http);

  // True once all that was in the files at the start is counted. Any thread.
  [[nodiscard]] bool is_ready() const { return is_ready_; }
  // How many files and directories cannot be read, as of the last look. Any thread.
  [[nodiscard]] std::size_t unreadable_files() const { return unreadable_files_; }

  // Returns after a signal to stop, with the state on the disk. Rules are reloaded between two steps, when all that was
  // in the files at the start is counted.
  void run();

 private:
  [[nodiscard]] Surroundings open_surroundings(const std::string& state_directory, const HttpCounts& http);
  void catch_up();
  void reload_if_asked();
  [[nodiscard]] ReloadResult reload();
  void wait();

  const RuleLoader load_rules_;
  Signals& signals_;
  Requests& requests_;
  RealFileSystem files_;
  CompressedFiles compressed_files_{files_};
  RealDisk disk_;
  SlotFile state_file_{disk_};
  SlotContents contents_;
  std::unique_ptr<StateWriter> writer_;  // null: no state
  Inputs inputs_;
  Engine engine_;
  std::atomic<bool> is_ready_ = false;
  std::atomic<std::size_t> unreadable_files_ = 0;
};

}  // namespace tailmeter
