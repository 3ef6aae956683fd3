// Writes records to the state file on a thread of its own: a slow disk delays an answer, never the reading of logs.
//
// Everything but the work itself happens on the loop thread, which sees by an event
// that a result is there.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>

#include "exporter/descriptors/event.h"
#include "exporter/record_writer.h"
#include "exporter/state/slot_file.h"

namespace tailmeter {

class StateWriter final : public RecordWriter {
 public:
  // `file` outlives the writer, and is its own until then. Throws std::system_error if no thread can be had.
  explicit StateWriter(SlotFile& file);
  ~StateWriter() override;  // waits for the record that is under way
  StateWriter(const StateWriter&) = delete;
  StateWriter& operator=(const StateWriter&) = delete;

  void submit(std::string record) override;
  [[nodiscard]] bool is_busy() const override { return is_busy_; }

  // Readable when a result is there to be taken.
  [[nodiscard]] int event_fd() const { return event_.fd(); }
  [[nodiscard]] std::optional<std::error_code> take_result() override;
  [[nodiscard]] std::optional<std::error_code> wait_for_result(std::chrono::milliseconds patience) override;

 private:
  void run();
  [[nodiscard]] std::optional<std::error_code> take_locked();

  SlotFile& file_;
  Event event_;
  bool is_busy_ = false;  // of the loop thread

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<std::string> record_;
  std::optional<std::error_code> result_;
  bool has_to_stop_ = false;
  std::thread thread_;
};

}  // namespace tailmeter
