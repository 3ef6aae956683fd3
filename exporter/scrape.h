// A scrape's way between the web threads that ask and the loop thread that knows.
//
// request() is for any thread; take() and answer() are for the loop thread. Everyone who asked before a take() gets the
// answer to it, so that concurrent scrapers cost one reading of the logs and one rendering, and see the same.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <prometheus/metric_family.h>

#include "rules/series/snapshot.h"

namespace tailmeter {

// One moment's answer: rendered by the first thread that wants it, shared by all.
class Scrape {
 public:
  Scrape(Snapshot snapshot, std::vector<prometheus::MetricFamily> own)
      : snapshot_(std::move(snapshot)), own_(std::move(own)) {}

  [[nodiscard]] std::shared_ptr<const std::string> text();
  [[nodiscard]] const Snapshot& snapshot() const { return snapshot_; }
  [[nodiscard]] const std::vector<prometheus::MetricFamily>& own() const { return own_; }

 private:
  Snapshot snapshot_;
  std::vector<prometheus::MetricFamily> own_;
  std::once_flag once_;
  std::shared_ptr<const std::string> text_;
};

class ScrapeQueue {
 public:
  using Clock = std::chrono::steady_clock;

  ScrapeQueue();
  ~ScrapeQueue();
  ScrapeQueue(const ScrapeQueue&) = delete;
  ScrapeQueue& operator=(const ScrapeQueue&) = delete;

  // Asks, and waits for an answer made after this call began. Null when there is none within `patience`, or after
  // close().
  [[nodiscard]] std::shared_ptr<Scrape> request(std::chrono::milliseconds patience);

  // The same in two steps, for one who has something else to do: ask() gives the number to ask answer_to() with.
  [[nodiscard]] std::uint64_t ask(Clock::time_point deadline);
  [[nodiscard]] std::shared_ptr<Scrape> answer_to(std::uint64_t number);

  // Readable while somebody waits.
  [[nodiscard]] int event_fd() const { return event_fd_; }

  // Begins an answer: the number to answer() with, or 0 if nobody waits, and when the first of those who wait gives up.
  struct Taken {
    std::uint64_t number = 0;
    Clock::time_point deadline;
  };
  [[nodiscard]] Taken take();
  void answer(std::uint64_t number, std::shared_ptr<Scrape> scrape);

  // Nobody is answered any more, nor waits.
  void close();

 private:
  int event_fd_;
  std::mutex mutex_;
  std::condition_variable answered_;
  std::uint64_t asked_ = 0;                                // number of the newest request
  Clock::time_point deadline_ = Clock::time_point::max();  // the first of those who were not taken yet
  std::uint64_t answered_to_ = 0;                          // requests up to this number are answered by scrape_
  std::shared_ptr<Scrape> scrape_;
  bool is_closed_ = false;
};

}  // namespace tailmeter
