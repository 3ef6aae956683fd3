#include "exporter/engine.h"

#include <algorithm>
#include <utility>

#include "exporter/log.h"
#include "rules/series/wall_clock.h"

namespace tailmeter {
namespace {

constexpr std::chrono::milliseconds kSaveInterval{1'000};
// A disk that takes so long for a record is said not to take it; scrapers get the last answer again meanwhile.
constexpr std::chrono::milliseconds kStalledAfter{2'000};
constexpr std::chrono::milliseconds kResultTurn{50};  // waits for a record are cut into these
constexpr std::chrono::milliseconds kLastReadPatience{300};
constexpr std::chrono::milliseconds kLastSavePatience{800};  // from the same moment: a stop takes less than a second
constexpr std::chrono::seconds kProgressInterval{5};

}  // namespace

Engine::Engine(LoadedRules rules, Surroundings surroundings)
    : surroundings_(std::move(surroundings)),
      writer_(surroundings_.writer),
      inputs_(surroundings_.inputs != nullptr ? *surroundings_.inputs : no_inputs_),
      web_metrics_(surroundings_.http),
      counting_(std::make_unique<Counting>(std::move(rules), surroundings_.files, inputs_, surroundings_.limits)) {}

void Engine::restore(const SlotContents& contents) {
  const StateOnDisk state = read_state(contents, surroundings_.machine);
  if (state.record) {
    restore_state(*state.record, surroundings_.machine, *counting_, surroundings_.now());
    restore_inputs(*state.record, *counting_->rules, inputs_);
    log(LogLevel::kInfo, "going on from the state on the disk");
  } else if (!state.refusal.empty()) {
    // It is no first start: what is in the files was counted and shown, all but the last lines of it.
    counting_->tail.begin_at_end();
    state_metrics_.set_lost();
    log(LogLevel::kWarn,
        "the state on the disk cannot be used; all series begin at 0, and reading at the ends of the logs",
        {{"why", state.refusal}});
  }
}

bool Engine::catch_up() {
  next_report_ = surroundings_.now() + kProgressInterval;
  const bool is_done = drain(surroundings_.now(), [&] {
    take_result();
    save_if_due();  // a stop now does not begin again from the start
    report_progress();
    return surroundings_.has_to_stop();
  });
  if (!is_done && surroundings_.has_to_stop()) return false;
  keep_unless_stalled();
  if (const std::error_code error = counting_->tail.watch_error()) {
    log(LogLevel::kWarn, "some directories give no hints of changes; they are looked at every second",
        {{"error", error.message()}});
  }
  return true;
}

// Reads what is there now. A backlog in the files must not make the inputs run over.
bool Engine::drain(TimePoint now, const std::function<bool()>& has_to_stop) {
  Counting& counting = *counting_;
  const bool has_read_files = counting.tail.drain(now, [&] {
    inputs_.poll(surroundings_.now(), counting.pipeline);
    return has_to_stop();
  });
  return inputs_.drain(surroundings_.now(), counting.pipeline, has_to_stop) && has_read_files;
}

void Engine::report_progress() {
  if (surroundings_.now() < next_report_) return;
  next_report_ += kProgressInterval;
  std::uint64_t lag_bytes = 0;
  for (std::size_t i = 0; i < counting_->sources.size(); ++i) {
    lag_bytes += counting_->tail.status(static_cast<SourceIndex>(i)).lag_bytes;
  }
  log(LogLevel::kInfo, "counting what is in the files", {{"bytes_left", std::to_string(lag_bytes)}});
}

std::size_t Engine::unreadable_files() const {
  std::size_t files = 0;
  for (std::size_t i = 0; i < counting_->sources.size(); ++i) {
    files += counting_->tail.status(static_cast<SourceIndex>(i)).files_unreadable;
  }
  return files;
}

void Engine::step() {
  counting_->tail.poll(surroundings_.now());
  inputs_.poll(surroundings_.now(), counting_->pipeline);
  take_result();
  answer_scrapes();
  save_if_due();
}

void Engine::answer_scrapes() {
  if (writer_ && writer_->is_busy()) return;
  const ScrapeQueue::Taken asked = surroundings_.scrapes.take();
  if (asked.number == 0) return;
  Answer answer{.number = asked.number};
  const TimePoint start = surroundings_.now();
  const TimePoint end = start + std::max((asked.deadline - start) * 4 / 5, TimePoint::duration{});
  const bool is_fresh = drain(start, [&] { return surroundings_.now() > end || surroundings_.has_to_stop(); });
  Counting& counting = *counting_;
  counting.metrics.update(*counting.rules, counting.pipeline, counting.tail, inputs_, !is_fresh);
  answer.snapshot = snapshot();
  answer.own = counting.metrics.collect();
  if (writer_ && progress() != saved_progress_) {
    save(std::move(answer));
  } else {
    give(std::move(answer));
  }
}

void Engine::give(Answer answer) {
  for (std::vector<prometheus::MetricFamily> own :
       {state_metrics_.collect(), config_metrics_.collect(), web_metrics_.collect()}) {
    std::move(own.begin(), own.end(), std::back_inserter(answer.own));
  }
  surroundings_.scrapes.answer(answer.number,
                               std::make_shared<Scrape>(std::move(answer.snapshot), std::move(answer.own)));
}

// Whether a record would say anything new.
std::vector<std::uint64_t> Engine::progress() const {
  std::vector<std::uint64_t> progress;
  for (std::size_t i = 0; i < counting_->sources.size(); ++i) {
    const auto source = static_cast<SourceIndex>(i);
    const SourceStatus status = counting_->tail.status(source);
    const ByteTotals& totals = status.totals;
    for (const std::uint64_t number : {totals.nul_bytes, totals.lost_bytes, totals.taken_back_bytes,
                                       std::uint64_t{status.files_following}, std::uint64_t{status.files_draining}}) {
      progress.push_back(number);
    }
    for (const std::uint64_t rotations : counting_->metrics.rotations(source)) progress.push_back(rotations);
    progress.push_back(counting_->pipeline.counts(source).bytes());
    progress.push_back(inputs_.status(source).dropped_datagrams);
  }
  return progress;
}

Snapshot Engine::snapshot() {
  RuleSet& rules = *counting_->rules;
  rules.set_now(milliseconds_now());
  rules.let_go_of_idle();
  return rules.snapshot();
}

void Engine::save(Answer answer) {
  saved_progress_ = progress();
  std::string record = encode_record(save_state(*counting_, inputs_, answer.snapshot, surroundings_.machine));
  record_bytes_ = record.size();
  submitted_ = surroundings_.now();
  next_save_ = submitted_ + kSaveInterval;
  waiting_ = std::move(answer);
  writer_->submit(std::move(record));
}

void Engine::take_result() {
  if (!writer_ || !writer_->is_busy()) return;
  if (const std::optional<std::error_code> result = writer_->take_result()) return note_result(*result);
  const std::shared_ptr<Scrape> newest = surroundings_.scrapes.newest();
  if (surroundings_.now() - submitted_ < kStalledAfter || !newest) return;
  // Those who came later wait as well; they have the larger number.
  const std::uint64_t later = surroundings_.scrapes.take().number;
  const std::uint64_t number = std::max(std::exchange(waiting_.number, 0), later);
  if (number == 0) return;
  surroundings_.scrapes.answer(number, newest->with({{kCatchingUpName, 1}, {kDurableName, 0}}));
}

void Engine::note_result(std::error_code error) {
  if (error && error != state_error_) {
    log(LogLevel::kError,
        "the state cannot be written; counting goes on, and a crash would go back to what was written last",
        {{"error", error.message()}});
  } else if (!error && state_error_) {
    log(LogLevel::kInfo, "the state can be written again");
  }
  state_error_ = error;
  state_metrics_.count_checkpoint(error, record_bytes_);
  if (error) saved_progress_.clear();  // to be tried again
  if (waiting_.number != 0) give(std::exchange(waiting_, {}));
}

void Engine::save_if_due() {
  if (!writer_ || writer_->is_busy() || surroundings_.now() < next_save_ || progress() == saved_progress_) return;
  save({.snapshot = snapshot()});
}

void Engine::reload(LoadedRules rules) {
  const Record record = save_state(*counting_, inputs_, snapshot(), surroundings_.machine);
  inputs_.renumber(rules.inputs);
  auto next = std::make_unique<Counting>(std::move(rules), surroundings_.files, inputs_, surroundings_.limits);
  restore_state(record, surroundings_.machine, *next, surroundings_.now());
  next->tail.take_over_files(counting_->tail);
  counting_ = std::move(next);
  config_metrics_.note_success();
  saved_progress_.clear();  // there is something new to keep
  next_save_ = surroundings_.now();
  counting_->tail.poll(surroundings_.now());
  keep_unless_stalled();
}

// Returns when the disk has a record of what is counted now, or refuses it. Sockets overflow while nobody reads.
void Engine::keep(const std::function<bool()>& has_to_give_up) {
  if (!writer_) return;
  const auto wait = [&] {
    while (writer_->is_busy() && !has_to_give_up()) {
      if (const auto result = writer_->wait_for_result(kResultTurn)) note_result(*result);
      inputs_.poll(surroundings_.now(), counting_->pipeline);
    }
  };
  wait();
  if (writer_->is_busy() || progress() == saved_progress_) return;
  save({.snapshot = snapshot()});
  wait();
}

void Engine::keep_unless_stalled() {
  const TimePoint end = surroundings_.now() + kStalledAfter;
  keep([&] { return surroundings_.now() > end || surroundings_.has_to_stop(); });
}

void Engine::finish() {
  const TimePoint start = surroundings_.now();
  // A rotation while the program is down may take away what is not read now, and a socket keeps nothing.
  if (writer_) drain(start, [&] { return surroundings_.now() - start > kLastReadPatience; });
  keep([&] { return surroundings_.now() - start > kLastSavePatience; });
}

}  // namespace tailmeter
