// The loop thread's work: read, count, keep, answer.
//
// A scrape gets what was in the files when it came, once a record that holds it is on the disk. Those who ask meanwhile
// share the next record. Without a state, and when the disk does not take the record, they are answered all the same,
// and told so by tailmeter_durable.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exporter/pipeline.h"
#include "exporter/saved_state.h"
#include "exporter/scrape.h"
#include "exporter/self_metrics.h"
#include "exporter/signals.h"
#include "exporter/state/real_disk.h"
#include "exporter/state/slot_file.h"
#include "exporter/state_metrics.h"
#include "exporter/state_writer.h"
#include "exporter/tail/real_file_system.h"
#include "exporter/tail/tail.h"
#include "exporter/tail_reporter.h"
#include "rules/program/rule_set.h"

namespace tailmeter {

class Loop {
 public:
  // An empty `state_directory` is none. Throws std::system_error if the state cannot be opened.
  Loop(RuleSet& rules, const std::vector<FollowedSource>& sources, const std::string& state_directory, Signals& signals,
       ScrapeQueue& scrapes);

  // True once all that was in the files at the start is counted. Any thread.
  [[nodiscard]] bool is_ready() const { return is_ready_; }

  // Returns after a signal to stop, with the state on the disk.
  void run();

 private:
  using Clock = std::chrono::steady_clock;

  // What a scrape is to see, if it is still to become durable.
  struct Answer {
    std::uint64_t number = 0;  // 0: nobody waits
    Snapshot snapshot{};
    std::vector<prometheus::MetricFamily> own{};
  };

  void open_state(const std::string& directory);
  void catch_up();
  void warn_if_nothing_to_follow(SourceIndex source);
  void wait();
  void answer_scrapes();
  void give(Answer answer);
  void save(Answer answer);
  void note_result(std::error_code error);
  void take_result();
  void save_if_due();
  void save_at_the_end();
  [[nodiscard]] std::vector<std::uint64_t> progress() const;

  RuleSet& rules_;
  const std::vector<FollowedSource>& sources_;
  Signals& signals_;
  ScrapeQueue& scrapes_;
  SelfMetrics metrics_;
  StateMetrics state_metrics_;
  TailReporter reporter_;
  Pipeline pipeline_;
  RealFileSystem files_;
  Tail tail_;
  const MachineIdentity machine_ = machine_identity();
  RealDisk disk_;
  SlotFile state_file_{disk_};
  std::unique_ptr<StateWriter> writer_;  // null: no state

  Answer waiting_;                             // for the record that is under way
  std::size_t record_bytes_ = 0;               // of that
  std::vector<std::uint64_t> saved_progress_;  // of that, or of the newest
  std::error_code state_error_;
  Clock::time_point next_save_;
  Clock::time_point submitted_;
  std::shared_ptr<Scrape> last_durable_;
  std::atomic<bool> is_ready_ = false;
};

}  // namespace tailmeter
