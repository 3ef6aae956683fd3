#include "exporter/loop.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <system_error>

#include <poll.h>
#include <sys/resource.h>

#include "exporter/input_reporter.h"
#include "exporter/log.h"
#include "exporter/notify.h"

namespace tailmeter {
namespace {

using Clock = TimePoint::clock;

// Descriptors that no log gets, however many there are: for the state, the listing of directories, and the web server's
// threads with a connection each.
constexpr std::size_t kReservedDescriptors = 64;

constexpr std::chrono::milliseconds kLongestWait{1'000};  // for what happens without an event, such as a record due

// Takes all the descriptors that the system allows, and says how many of them logs may have.
std::size_t raise_open_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::numeric_limits<std::size_t>::max();
  const rlimit raised{limit.rlim_max, limit.rlim_max};
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;  // a filter of system calls may forbid it
  return limit.rlim_cur - std::min<std::size_t>(kReservedDescriptors, limit.rlim_cur / 2);
}

}  // namespace

Loop::Loop(RuleSet& rules, const std::vector<FollowedSource>& sources, const std::vector<InputPlace>& inputs,
           const std::string& state_directory, Signals& signals, ScrapeQueue& scrapes)
    : rules_(rules),
      sources_(sources),
      signals_(signals),
      scrapes_(scrapes),
      files_(raise_open_file_limit()),
      inputs_(inputs, [this](const InputNews& news) { report_input(rules_, news); }),
      engine_(rules, sources, open_surroundings(state_directory)) {
  engine_.restore(contents_);
  contents_ = {};
}

Surroundings Loop::open_surroundings(const std::string& state_directory) {
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
          .scrapes = scrapes_,
          .writer = writer_.get(),
          .inputs = &inputs_,
          .machine = machine_identity(),
          .now = [] { return Clock::now(); },
          .has_to_stop = [this] { return signals_.has_to_stop(); }};
}

void Loop::run() {
  if (engine_.catch_up()) {
    for (std::size_t i = 0; i < sources_.size(); ++i) warn_if_nothing_to_follow(static_cast<SourceIndex>(i));
    unreadable_files_ = engine_.unreadable_files();
    is_ready_ = true;
    log(LogLevel::kInfo, "ready: all that was in the files is counted");
    notify_systemd("READY=1\nSTATUS=following the logs");
  }
  while (!signals_.has_to_stop()) {
    wait();
    engine_.step();
    unreadable_files_ = engine_.unreadable_files();
  }
  engine_.finish();
}

void Loop::warn_if_nothing_to_follow(SourceIndex source) {
  const SourceStatus status = engine_.status(source);
  const std::vector<std::string>& patterns = sources_[source].files;
  if (patterns.empty() || status.files_following + status.files_unreadable > 0) return;
  std::string files;
  for (const std::string& pattern : patterns) files += (files.empty() ? "" : " ") + pattern;
  log(LogLevel::kWarn, "no file to follow yet; waiting for one",
      {{"source", rules_.sources()[source].rule.name.value}, {"files", files}});
}

void Loop::wait() {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(engine_.next_deadline() - Clock::now()).count();
  std::vector<pollfd> fds = {{signals_.fd(), POLLIN, 0},
                             {engine_.is_saving() ? -1 : scrapes_.event_fd(), POLLIN, 0},
                             {engine_.hint_fd(), POLLIN, 0},
                             {writer_ ? writer_->event_fd() : -1, POLLIN, 0}};
  for (const int fd : inputs_.fds()) fds.push_back({fd, POLLIN, 0});
  ::poll(fds.data(), fds.size(), static_cast<int>(std::clamp<std::int64_t>(left, 0, kLongestWait.count())));
}

}  // namespace tailmeter
