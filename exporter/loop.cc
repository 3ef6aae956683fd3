#include "exporter/loop.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <poll.h>

#include "exporter/log.h"
#include "exporter/notify.h"

namespace tailmeter {
namespace {

constexpr std::chrono::milliseconds kSaveInterval{1'000};
// A disk that takes so long for a record is said not to take it; scrapers get the last durable answer meanwhile.
constexpr std::chrono::milliseconds kStalledAfter{2'000};
constexpr std::chrono::milliseconds kLastSavePatience{800};  // a stop takes less than a second
constexpr std::chrono::seconds kProgressInterval{5};

}  // namespace

Loop::Loop(RuleSet& rules, const std::vector<FollowedSource>& sources, const std::string& state_directory,
           Signals& signals, ScrapeQueue& scrapes)
    : rules_(rules),
      sources_(sources),
      signals_(signals),
      scrapes_(scrapes),
      metrics_(rules),
      reporter_(rules, metrics_),
      pipeline_(rules),
      tail_(files_, sources, pipeline_, reporter_) {
  if (!state_directory.empty()) open_state(state_directory);
}

void Loop::open_state(const std::string& directory) {
  SlotContents contents;
  if (const std::error_code error = state_file_.open(directory, contents)) {
    const std::string way_out = error == DiskError::kLocked
                                    ? "stop the other tailmeter, or give this one a --state.dir of its own"
                                    : "give a directory that it may write, or --state.dir=none";
    throw std::system_error(error, "cannot use the state in " + directory + " (" + way_out + ")");
  }
  writer_ = std::make_unique<StateWriter>(state_file_);
  const StateOnDisk state = read_state(contents, machine_);
  if (state.record) {
    restore_state(*state.record, rules_, pipeline_, metrics_, tail_, Clock::now());
    log(LogLevel::kInfo, "going on from the state on the disk", {{"directory", directory}});
  } else if (!state.refusal.empty()) {
    state_metrics_.set_lost();
    log(LogLevel::kWarn, "the state on the disk cannot be used; all series begin at 0",
        {{"directory", directory}, {"why", state.refusal}});
  }
}

void Loop::run() {
  catch_up();
  while (!signals_.has_to_stop()) {
    wait();
    tail_.poll(Clock::now());
    take_result();
    answer_scrapes();
    save_if_due();
  }
  if (writer_) save_at_the_end();
}

// What the files hold already is counted before the program says that it is ready.
void Loop::catch_up() {
  Clock::time_point next_report = Clock::now() + kProgressInterval;
  tail_.drain(Clock::now(), [&] {
    if (Clock::now() >= next_report) {
      next_report += kProgressInterval;
      std::uint64_t lag_bytes = 0;
      for (std::size_t i = 0; i < sources_.size(); ++i)
        lag_bytes += tail_.status(static_cast<SourceIndex>(i)).lag_bytes;
      log(LogLevel::kInfo, "counting what is in the files", {{"bytes_left", std::to_string(lag_bytes)}});
    }
    return signals_.has_to_stop();
  });
  if (signals_.has_to_stop()) return;
  for (std::size_t i = 0; i < rules_.sources().size(); ++i) warn_if_nothing_to_follow(static_cast<SourceIndex>(i));
  if (const std::error_code error = tail_.watch_error()) {
    log(LogLevel::kWarn, "some directories give no hints of changes; they are looked at every second",
        {{"error", error.message()}});
  }
  is_ready_ = true;
  log(LogLevel::kInfo, "ready: all that was in the files is counted");
  notify_systemd("READY=1\nSTATUS=following the logs");
}

void Loop::warn_if_nothing_to_follow(SourceIndex source) {
  const SourceStatus status = tail_.status(source);
  const std::vector<std::string>& patterns = sources_[source].files;
  if (patterns.empty() || status.files_following + status.files_unreadable > 0) return;
  std::string files;
  for (const std::string& pattern : patterns) files += (files.empty() ? "" : " ") + pattern;
  log(LogLevel::kWarn, "no file to follow yet; waiting for one",
      {{"source", rules_.sources()[source].rule.name.value}, {"files", files}});
}

void Loop::wait() {
  const bool is_saving = writer_ && writer_->is_busy();
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(tail_.next_deadline() - Clock::now()).count();
  // Who asks while a record is under way waits for the next one.
  pollfd fds[] = {{signals_.fd(), POLLIN, 0},
                  {is_saving ? -1 : scrapes_.event_fd(), POLLIN, 0},
                  {tail_.hint_fd(), POLLIN, 0},
                  {writer_ ? writer_->event_fd() : -1, POLLIN, 0}};
  ::poll(fds, std::size(fds), static_cast<int>(std::clamp<std::int64_t>(left, 0, kSaveInterval.count())));
}

void Loop::answer_scrapes() {
  if (writer_ && writer_->is_busy()) return;
  const ScrapeQueue::Taken asked = scrapes_.take();
  if (asked.number == 0) return;
  Answer answer{.number = asked.number};
  const Clock::time_point start = Clock::now();
  const Clock::time_point end = start + std::max((asked.deadline - start) * 4 / 5, Clock::duration{});
  const bool is_fresh = tail_.drain(start, [&] { return Clock::now() > end || signals_.has_to_stop(); });
  metrics_.update(rules_, pipeline_, tail_, !is_fresh);
  answer.snapshot = rules_.snapshot();
  answer.own = metrics_.collect();
  if (writer_ && progress() != saved_progress_) {
    save(std::move(answer));
  } else {
    give(std::move(answer));
  }
}

void Loop::give(Answer answer) {
  std::vector<prometheus::MetricFamily> own = state_metrics_.collect();
  std::move(own.begin(), own.end(), std::back_inserter(answer.own));
  auto scrape = std::make_shared<Scrape>(std::move(answer.snapshot), std::move(answer.own));
  if (writer_ && !state_error_) last_durable_ = scrape;
  scrapes_.answer(answer.number, std::move(scrape));
}

// Whether a record would say anything new.
std::vector<std::uint64_t> Loop::progress() const {
  std::vector<std::uint64_t> progress;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const auto source = static_cast<SourceIndex>(i);
    const SourceStatus status = tail_.status(source);
    const ByteTotals& totals = status.totals;
    for (const std::uint64_t number : {totals.line_bytes, totals.oversize_bytes, totals.nul_bytes, totals.lost_bytes,
                                       std::uint64_t{status.files_following}, std::uint64_t{status.files_draining}}) {
      progress.push_back(number);
    }
    for (const std::uint64_t rotations : metrics_.rotations(source)) progress.push_back(rotations);
  }
  return progress;
}

void Loop::save(Answer answer) {
  saved_progress_ = progress();
  std::string record = encode_record(save_state(rules_, answer.snapshot, pipeline_, metrics_, tail_, machine_));
  record_bytes_ = record.size();
  submitted_ = Clock::now();
  next_save_ = submitted_ + kSaveInterval;
  waiting_ = std::move(answer);
  writer_->submit(std::move(record));
}

void Loop::take_result() {
  if (!writer_ || !writer_->is_busy()) return;
  if (const std::optional<std::error_code> result = writer_->take_result()) return note_result(*result);
  if (Clock::now() - submitted_ < kStalledAfter || !last_durable_) return;
  // Those who came later wait as well; they have the larger number.
  const std::uint64_t later = scrapes_.take().number;
  const std::uint64_t number = std::max(std::exchange(waiting_.number, 0), later);
  if (number == 0) return;
  state_metrics_.set_durable(false);
  scrapes_.answer(number, last_durable_);
}

void Loop::note_result(std::error_code error) {
  if (error && error != state_error_) {
    log(LogLevel::kError, "the state cannot be written; counting goes on, and a crash would count lines again",
        {{"error", error.message()}});
  } else if (!error && state_error_) {
    log(LogLevel::kInfo, "the state can be written again");
  }
  state_error_ = error;
  state_metrics_.count_checkpoint(error, record_bytes_);
  if (error) saved_progress_.clear();  // to be tried again
  if (waiting_.number != 0) give(std::exchange(waiting_, {}));
}

void Loop::save_if_due() {
  if (!writer_ || writer_->is_busy() || Clock::now() < next_save_ || progress() == saved_progress_) return;
  save({.snapshot = rules_.snapshot()});
}

void Loop::save_at_the_end() {
  const Clock::time_point end = Clock::now() + kLastSavePatience;
  const auto left = [end] { return std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()); };
  if (writer_->is_busy()) {
    if (const auto result = writer_->wait_for_result(left())) note_result(*result);
  }
  if (writer_->is_busy() || progress() == saved_progress_) return;
  save({.snapshot = rules_.snapshot()});
  if (const auto result = writer_->wait_for_result(left())) note_result(*result);
}

}  // namespace tailmeter
