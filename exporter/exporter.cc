#include "exporter/exporter.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <list>
#include <system_error>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "exporter/log.h"
#include "exporter/notify.h"
#include "exporter/pipeline.h"
#include "exporter/scrape.h"
#include "exporter/self_metrics.h"
#include "exporter/tail/real_file_system.h"
#include "exporter/tail_reporter.h"
#include "exporter/version.h"

namespace tailmeter {
namespace {

using Clock = std::chrono::steady_clock;

// A scraper waits this long for an answer; reading for it stops a little earlier, so that an answer there is.
constexpr std::chrono::milliseconds kScrapePatience{5'000};
constexpr std::chrono::milliseconds kDrainDeadline{4'000};

// Signals as something to wait for. Made before any other thread, so that every thread inherits the mask.
class Signals {
 public:
  Signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    fd_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd_ < 0) throw std::system_error(errno, std::system_category(), "signalfd");
  }
  ~Signals() { ::close(fd_); }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  [[nodiscard]] int fd() const { return fd_; }

  // True once a signal to stop has come.
  [[nodiscard]] bool has_to_stop() {
    signalfd_siginfo info{};
    while (!has_to_stop_ && ::read(fd_, &info, sizeof info) == sizeof info) {
      if (info.ssi_signo == SIGHUP) {
        log(LogLevel::kWarn, "a new rule file is not yet taken over while running; restart the service instead");
      } else {
        has_to_stop_ = true;
      }
    }
    return has_to_stop_;
  }

 private:
  int fd_;
  bool has_to_stop_ = false;
};

class Loop {
 public:
  Loop(RuleSet& rules, const std::vector<FollowedSource>& sources, Signals& signals, ScrapeQueue& scrapes)
      : rules_(rules),
        sources_(sources),
        signals_(signals),
        scrapes_(scrapes),
        metrics_(rules),
        reporter_(rules, metrics_),
        pipeline_(rules),
        tail_(files_, sources, pipeline_, reporter_) {}

  [[nodiscard]] bool is_ready() const { return is_ready_; }

  void run() {
    catch_up();
    while (!signals_.has_to_stop()) {
      wait();
      tail_.poll(Clock::now());
      answer_scrapes();
    }
  }

 private:
  // What the files hold already is counted before the program says that it is ready.
  void catch_up() {
    tail_.drain(Clock::now(), [&] { return signals_.has_to_stop(); });
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

  void warn_if_nothing_to_follow(SourceIndex source) {
    const SourceStatus status = tail_.status(source);
    const std::vector<std::string>& patterns = sources_[source].files;
    if (patterns.empty() || status.files_following + status.files_unreadable > 0) return;
    std::string files;
    for (const std::string& pattern : patterns) files += (files.empty() ? "" : " ") + pattern;
    log(LogLevel::kWarn, "no file to follow yet; waiting for one",
        {{"source", rules_.sources()[source].rule.name.value}, {"files", files}});
  }

  void wait() {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(tail_.next_deadline() - Clock::now()).count();
    pollfd fds[] = {{signals_.fd(), POLLIN, 0}, {scrapes_.event_fd(), POLLIN, 0}, {tail_.hint_fd(), POLLIN, 0}};
    ::poll(fds, std::size(fds), static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000)));
  }

  void answer_scrapes() {
    const std::uint64_t number = scrapes_.take();
    if (number == 0) return;
    const Clock::time_point start = Clock::now();
    const bool is_fresh =
        tail_.drain(start, [&] { return Clock::now() - start > kDrainDeadline || signals_.has_to_stop(); });
    metrics_.update(rules_, pipeline_, tail_, !is_fresh);
    scrapes_.answer(number, std::make_shared<Scrape>(rules_.snapshot(), metrics_.collect()));
  }

  RuleSet& rules_;
  const std::vector<FollowedSource>& sources_;
  Signals& signals_;
  ScrapeQueue& scrapes_;
  SelfMetrics metrics_;
  TailReporter reporter_;
  Pipeline pipeline_;
  RealFileSystem files_;
  Tail tail_;
  std::atomic<bool> is_ready_ = false;
};

Pages make_pages(const ExporterSettings& settings, ScrapeQueue& scrapes, const Loop& loop) {
  Pages pages;
  pages.telemetry_path = settings.telemetry_path;
  pages.version = version();
  pages.metrics = [&scrapes]() -> std::shared_ptr<const std::string> {
    const std::shared_ptr<Scrape> scrape = scrapes.request(kScrapePatience);
    return scrape ? scrape->text() : nullptr;
  };
  pages.is_ready = [&loop] { return loop.is_ready(); };
  return pages;
}

}  // namespace

void run_exporter(RuleSet& rules, const ExporterSettings& settings) {
  Signals signals;
  ScrapeQueue scrapes;
  Loop loop(rules, settings.sources, signals, scrapes);
  const Router router(make_pages(settings, scrapes, loop));
  std::list<HttpServer> servers;
  for (const ListenAddress& address : settings.listen_addresses) {
    HttpServer& server = servers.emplace_back(address, router);
    if (const std::error_code error = server.start()) {
      throw std::system_error(error, "cannot listen on " + address_url(address, address.port));
    }
    log(LogLevel::kInfo, "listening", {{"address", server.url()}});
  }
  loop.run();
  log(LogLevel::kInfo, "stopping");
  notify_systemd("STOPPING=1");
  scrapes.close();
  for (HttpServer& server : servers) server.stop();
}

}  // namespace tailmeter
