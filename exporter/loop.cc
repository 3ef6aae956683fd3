#include "exporter/loop.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <poll.h>

#include "exporter/input_reporter.h"
#include "exporter/log.h"
#include "exporter/memory.h"
#include "exporter/notify.h"
#include "exporter/open_files.h"
#include "rules/file/diagnostics.h"

namespace tailmeter {
namespace {

using Clock = TimePoint::clock;

constexpr std::chrono::milliseconds kLongestWait{1'000};  // for what happens without an event, such as a record due

void warn_of_idle_sources(const Counting& counting) {
  for (std::size_t i = 0; i < counting.sources.size(); ++i) {
    const SourceStatus status = counting.tail.status(static_cast<SourceIndex>(i));
    const std::vector<std::string>& patterns = counting.sources[i].files;
    if (patterns.empty() || status.files_following + status.files_unreadable > 0) continue;
    std::string files;
    for (const std::string& pattern : patterns) files += (files.empty() ? "" : " ") + pattern;
    log(LogLevel::kWarn, "no file to follow yet; waiting for one",
        {{"source", counting.rules->sources()[i].rule.name.value}, {"files", files}});
  }
}

}  // namespace

Loop::Loop(LoadedRules rules, RuleLoader load_rules, const std::string& state_directory, Signals& signals,
           Requests& requests, const HttpCounts& http)
    : load_rules_(std::move(load_rules)),
      signals_(signals),
      requests_(requests),
      files_(take_open_files().logs),
      inputs_(rules.inputs, [this](const InputNews& news) { report_input(*engine_.counting().rules, news); }),
      engine_(std::move(rules), open_surroundings(state_directory, http)) {
  engine_.restore(contents_);
  contents_ = {};
}

Surroundings Loop::open_surroundings(const std::string& state_directory, const HttpCounts& http) {
  if (!state_directory.empty()) {
    if (const std::error_code error = state_file_.open(state_directory, contents_)) {
      const std::string way_out = error == DiskError::kLocked
                                      ? "stop the other tailmeter, or give this one a --state.dir of its own"
                                      : "give a directory that it may write, or --state.dir=none";
      throw std::system_error(error, "cannot use the state in " + state_directory + " (" + way_out + ")");
    }
    try {
      writer_ = std::make_unique<StateWriter>(state_file_);
    } catch (const std::system_error& error) {
      throw std::system_error(error.code(), "cannot start the thread that writes the state");
    }
  }
  return {.files = compressed_files_,
          .scrapes = requests_.scrapes,
          .writer = writer_.get(),
          .inputs = &inputs_,
          .http = &http,
          .machine = machine_identity(),
          .now = [] { return Clock::now(); },
          .has_to_stop = [this] { return signals_.has_to_stop(); }};
}

void Loop::run() {
  catch_up();
  while (!signals_.has_to_stop()) {
    wait();
    engine_.step();
    reload_if_asked();
    unreadable_files_ = engine_.unreadable_files();
  }
  engine_.finish();
}

void Loop::catch_up() {
  if (!engine_.catch_up()) return;
  warn_of_idle_sources(engine_.counting());
  unreadable_files_ = engine_.unreadable_files();
  is_ready_ = true;
  give_back_memory_of_start();
  log(LogLevel::kInfo, "ready: all that was in the files is counted");
  notify_systemd("READY=1\nSTATUS=following the logs");
}

void Loop::reload_if_asked() {
  const ReloadQueue::Taken asked = requests_.reloads.take();
  const bool has_hung_up = signals_.take_hangup();
  if (asked.number == 0 && !has_hung_up) return;
  notify_systemd_of_reload();
  auto result = std::make_shared<const ReloadResult>(reload());
  notify_systemd("READY=1");
  if (asked.number != 0) requests_.reloads.answer(asked.number, std::move(result));
}

ReloadResult Loop::reload() {
  using Outcome = ReloadResult::Outcome;
  ReloadResult result;
  try {
    engine_.reload(load_rules_());
    give_back_memory_of_start();
  } catch (const RuleFileError& error) {
    result = {Outcome::kWrongRules, error.what()};
  } catch (const std::runtime_error& error) {
    result = {Outcome::kFailed, error.what()};
  }
  if (result.outcome != Outcome::kDone) {
    engine_.note_failed_reload();
    log(LogLevel::kError, "the rule file is not taken over; the rules before stay in force", {{"why", result.message}});
    return result;
  }
  log(LogLevel::kInfo, "the rule file is taken over");
  warn_of_idle_sources(engine_.counting());
  return result;
}

void Loop::wait() {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(engine_.next_deadline() - Clock::now()).count();
  std::vector<pollfd> fds = {{signals_.fd(), POLLIN, 0},
                             {engine_.is_saving() ? -1 : requests_.scrapes.event_fd(), POLLIN, 0},
                             {requests_.reloads.event_fd(), POLLIN, 0},
                             {engine_.hint_fd(), POLLIN, 0},
                             {writer_ ? writer_->event_fd() : -1, POLLIN, 0}};
  for (const int fd : inputs_.fds()) fds.push_back({fd, POLLIN, 0});
  ::poll(fds.data(), fds.size(), static_cast<int>(std::clamp<std::int64_t>(left, 0, kLongestWait.count())));
}

}  // namespace tailmeter
