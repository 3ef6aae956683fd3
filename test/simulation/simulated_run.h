// One run of the program in the simulation, from its start to whatever ends it: the engine, its state file, and the
// thread that writes that.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "exporter/engine.h"
#include "exporter/state/slot_file.h"
#include "exporter/tail/compressed_files.h"
#include "test/simulation/simulated_files.h"
#include "test/state/fake_disk.h"

namespace tailmeter {

inline const std::string kStateDirectory = "/state";

// Writes a record when it is told to, as a thread may at any time.
class SimulatedWriter final : public RecordWriter {
 public:
  explicit SimulatedWriter(SlotFile& file) : file_(file) {}

  void submit(std::string record) override;
  [[nodiscard]] bool is_busy() const override { return record_.has_value(); }
  [[nodiscard]] std::optional<std::error_code> take_result() override;
  [[nodiscard]] std::optional<std::error_code> wait_for_result(std::chrono::milliseconds patience) override;

  // While it is slow, records wait for write().
  void set_slow(bool is_slow) { is_slow_ = is_slow; }
  void write();
  [[nodiscard]] bool has_unwritten() const { return record_ && !result_; }
  [[nodiscard]] bool has_result() const { return result_.has_value(); }

 private:
  SlotFile& file_;
  bool is_slow_ = false;
  std::optional<std::string> record_;
  std::optional<std::error_code> result_;
};

class SimulatedRun {
 public:
  // Follows /log/access.log, /log/copied.log and /log/site/*.log, and reads them by so many bytes; each line is a
  // series of its own. Null if the state cannot be opened.
  [[nodiscard]] static std::unique_ptr<SimulatedRun> start(SimulatedFiles& files, FakeDisk& disk, const TimePoint& now,
                                                           const std::string& boot_id, std::size_t read_buffer_bytes);

  [[nodiscard]] std::uint64_t ask();
  [[nodiscard]] std::shared_ptr<Scrape> answer_to(std::uint64_t number) { return scrapes_.answer_to(number); }
  void step() { engine_->step(); }
  void finish() { engine_->finish(); }

  // Takes over the rules anew, or some with one metric more.
  void reload(bool has_one_more);

  [[nodiscard]] SimulatedWriter& writer() { return *writer_; }
  // True if the next step will take up what was asked.
  [[nodiscard]] bool would_drain() const { return !writer_->is_busy() || writer_->has_result(); }
  // What is counted by now, shown or not.
  [[nodiscard]] Snapshot counted() const { return engine_->counting().rules->snapshot(); }

 private:
  SimulatedRun(SimulatedFiles& files, FakeDisk& disk, const TimePoint& now);
  [[nodiscard]] bool open(const std::string& boot_id, std::size_t read_buffer_bytes);

  const TimePoint& now_;
  CompressedFiles files_;
  SlotFile state_file_;
  ScrapeQueue scrapes_;
  std::unique_ptr<SimulatedWriter> writer_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace tailmeter
