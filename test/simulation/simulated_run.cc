#include "test/simulation/simulated_run.h"

#include <utility>

#include "rules/program/compile.h"

namespace tailmeter {
namespace {

// Each line is a series of its own, so that it can be seen which ones were counted.
const std::string kRules = R"(
sources:
  - {name: logs, files: ["/log/*.log"], format: '$text'}
metrics:
  - {counter: lines_total, source: logs, labels: {line: $text}, max_series: 100000}
)";

const std::string kMoreRules = kRules + R"(
  - {counter: more_total, source: logs}
)";

LoadedRules load(const std::string& rules) {
  return {.rules = read_rules("simulation.yml", rules),
          .sources = {{.files = {"/log/access.log", "/log/copied.log", "/log/site/*.log"},
                       .exclude = {},
                       .start_at = StartAt::kBeginning}},
          .inputs = {}};
}

constexpr std::uint64_t kSlotBytes = 4096;
constexpr std::chrono::seconds kScraperPatience{10};

}  // namespace

void SimulatedWriter::submit(std::string record) {
  record_ = std::move(record);
  if (!is_slow_) write();
}

std::optional<std::error_code> SimulatedWriter::take_result() {
  if (result_) record_.reset();
  return std::exchange(result_, std::nullopt);
}

std::optional<std::error_code> SimulatedWriter::wait_for_result(std::chrono::milliseconds) {
  write();
  return take_result();
}

void SimulatedWriter::write() {
  if (has_unwritten()) result_ = file_.commit(*record_);
}

SimulatedRun::SimulatedRun(SimulatedFiles& files, FakeDisk& disk, const TimePoint& now)
    : now_(now), files_(files), state_file_(disk, kSlotBytes) {}

std::unique_ptr<SimulatedRun> SimulatedRun::start(SimulatedFiles& files, FakeDisk& disk, const TimePoint& now,
                                                  const std::string& boot_id, std::size_t read_buffer_bytes) {
  std::unique_ptr<SimulatedRun> run(new SimulatedRun(files, disk, now));
  return run->open(boot_id, read_buffer_bytes) ? std::move(run) : nullptr;
}

bool SimulatedRun::open(const std::string& boot_id, std::size_t read_buffer_bytes) {
  SlotContents contents;
  if (state_file_.open(kStateDirectory, contents)) return false;
  writer_ = std::make_unique<SimulatedWriter>(state_file_);
  engine_ = std::make_unique<Engine>(load(kRules), Surroundings{.files = files_,
                                                                .scrapes = scrapes_,
                                                                .writer = writer_.get(),
                                                                .machine = {"machine", boot_id},
                                                                .limits = {.read_buffer_bytes = read_buffer_bytes},
                                                                .now = [this] { return now_; },
                                                                .has_to_stop = [] { return false; }});
  engine_->restore(contents);
  return engine_->catch_up();
}

void SimulatedRun::reload(bool has_one_more) {
  engine_->reload(load(has_one_more ? kMoreRules : kRules));
}

std::uint64_t SimulatedRun::ask() {
  return scrapes_.ask(now_ + kScraperPatience);
}

}  // namespace tailmeter
