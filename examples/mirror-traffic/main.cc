// Writes the logs of an imagined image mirror: many lines at once, or a log that grows. See kUsage.

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "examples/mirror-traffic/log_file.h"
#include "examples/mirror-traffic/traffic.h"

namespace tailmeter {
namespace {

constexpr const char* kUsage =
    R"(Usage: mirror-traffic --lines=N             --access=FILE --sync=FILE [--seed=S]
       mirror-traffic --rate=N [--seconds=N] --access=FILE --sync=FILE [--seed=S]

Writes the logs of an imagined mirror of container images: nginx's access log, and for each 100 lines of it a line of the job
that syncs images. The same seed gives the same lines.

  --lines=N     write this many access lines into empty files at once; their times begin on 21 November 2026
  --rate=N      append this many access lines a second, with the present time, until SIGTERM or SIGINT;
                SIGUSR1 opens the files anew by their names, as nginx does
  --seconds=N   end after this time
  --access=FILE, --sync=FILE, --seed=S
)";

constexpr std::uint64_t kAccessLinesPerSyncLine = 100;

// Of the lines written at once.
constexpr std::int64_t kFirstSecond = 1795219200;  // 2026-11-21T00:00:00Z
constexpr std::uint64_t kLinesPerSecond = 300;
constexpr std::size_t kWriteBytes = 256 * 1024;

struct Options {
  std::uint64_t lines = 0;
  std::uint64_t rate = 0;
  std::uint64_t seconds = 0;
  std::uint64_t seed = 1;
  std::string access;
  std::string sync;
};

std::uint64_t parse_number(std::string_view argument, std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw std::invalid_argument(std::string(argument) + ": not a whole number");
  }
  return number;
}

Options parse_options(int argc, char** argv) {
  Options options;
  const std::map<std::string_view, std::uint64_t*> numbers{{"--lines", &options.lines},
                                                           {"--rate", &options.rate},
                                                           {"--seconds", &options.seconds},
                                                           {"--seed", &options.seed}};
  const std::map<std::string_view, std::string*> files{{"--access", &options.access}, {"--sync", &options.sync}};
  for (const std::string_view argument : std::span(argv, static_cast<std::size_t>(argc)).subspan(1)) {
    const std::size_t equals = std::min(argument.find('='), argument.size());
    const std::string_view name = argument.substr(0, equals);
    const std::string_view value = argument.substr(std::min(equals + 1, argument.size()));
    if (const auto number = numbers.find(name); number != numbers.end()) {
      *number->second = parse_number(argument, value);
    } else if (const auto file = files.find(name); file != files.end()) {
      *file->second = value;
    } else {
      throw std::invalid_argument(std::string(argument) + ": unknown");
    }
  }
  if (options.access.empty() || options.sync.empty()) throw std::invalid_argument("--access and --sync are needed");
  if ((options.lines == 0) == (options.rate == 0)) throw std::invalid_argument("either --lines or --rate is needed");
  return options;
}

void write_at_once(const Options& options) {
  LogFile access(options.access, LogFile::Begin::kEmpty);
  LogFile sync(options.sync, LogFile::Begin::kEmpty);
  Traffic traffic(options.seed);
  std::string access_text, sync_text;
  for (std::uint64_t line = 1; line <= options.lines; ++line) {
    const std::int64_t now = kFirstSecond + static_cast<std::int64_t>(line / kLinesPerSecond);
    traffic.append_access_line(now, access_text);
    if (line % kAccessLinesPerSyncLine == 0) traffic.append_sync_line(now, sync_text);
    if (access_text.size() >= kWriteBytes || line == options.lines) {
      access.write(access_text);
      sync.write(sync_text);
      access_text.clear();
      sync_text.clear();
    }
  }
}

using Clock = std::chrono::steady_clock;

// The signals of a growing log. They are blocked, and taken when we wait anyway.
class Signals {
 public:
  Signals() {
    ::sigemptyset(&set_);
    for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) ::sigaddset(&set_, signal);
    ::sigprocmask(SIG_BLOCK, &set_, nullptr);
  }

  // The signal that came before `deadline`, if one did.
  [[nodiscard]] std::optional<int> wait_until(Clock::time_point deadline) const {
    const auto left = std::max(deadline - Clock::now(), Clock::duration::zero());
    const auto left_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
    const timespec timeout{left_ns / 1'000'000'000, left_ns % 1'000'000'000};
    const int signal = ::sigtimedwait(&set_, nullptr, &timeout);
    return signal < 0 ? std::nullopt : std::optional(signal);
  }

 private:
  sigset_t set_;
};

void write_growing(const Options& options) {
  const Signals signals;
  LogFile access(options.access, LogFile::Begin::kAppend);
  LogFile sync(options.sync, LogFile::Begin::kAppend);
  Traffic traffic(options.seed);
  std::string text;
  std::uint64_t lines = 0;
  const auto begin = Clock::now();
  for (auto now = begin; options.seconds == 0 || now - begin < std::chrono::seconds(options.seconds);
       now = Clock::now()) {
    const std::chrono::duration<double> elapsed = now - begin;
    const auto lines_due = static_cast<std::uint64_t>(elapsed.count() * static_cast<double>(options.rate));
    const std::int64_t seconds = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    for (; lines < lines_due; ++lines) {
      text.clear();
      traffic.append_access_line(seconds, text);
      access.write(text);  // nginx writes each line by itself
      if (lines % kAccessLinesPerSyncLine == 0) {
        text.clear();
        traffic.append_sync_line(seconds, text);
        sync.write(text);
      }
    }
    const std::optional<int> signal = signals.wait_until(now + std::chrono::milliseconds(20));
    if (signal == SIGUSR1) {
      access.reopen();
      sync.reopen();
    } else if (signal) {
      return;
    }
  }
}

}  // namespace
}  // namespace tailmeter

int main(int argc, char** argv) {
  using namespace tailmeter;
  if (argc == 2 && std::string_view(argv[1]) == "--help") {
    std::fputs(kUsage, stdout);
    return 0;
  }
  try {
    const Options options = parse_options(argc, argv);
    if (options.lines > 0) {
      write_at_once(options);
    } else {
      write_growing(options);
    }
    return 0;
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "mirror-traffic: %s (see --help)\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mirror-traffic: %s\n", error.what());
    return 1;
  }
}
