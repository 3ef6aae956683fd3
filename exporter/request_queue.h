// The way between the web threads that ask and the loop thread that knows.
//
// request() and newest() are for any thread; take() and answer() are for the loop thread. Everyone who asked before a
// take() gets the answer to it, so that what is asked for many times at once is done once, and all see the same.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

#include "exporter/descriptors/event.h"

namespace tailmeter {

template <typename Answer>
class RequestQueue {
 public:
  using Clock = std::chrono::steady_clock;

  // Asks, and waits for an answer made after this call began. Null when there is none within `patience`, or after
  // close().
  [[nodiscard]] std::shared_ptr<Answer> request(std::chrono::milliseconds patience) {
    const Clock::time_point deadline = Clock::now() + patience;
    const std::uint64_t number = ask(deadline);
    std::unique_lock lock(mutex_);
    answered_.wait_for(lock, patience, [&] { return answered_to_ >= number || is_closed_; });
    if (answered_to_ >= number) return newest_;
    // Nobody has to hurry for one who has gone.
    if (const auto own = deadlines_.find(deadline); own != deadlines_.end()) deadlines_.erase(own);
    return nullptr;
  }

  // The same in two steps, for one who has something else to do: ask() gives the number to ask answer_to() with.
  [[nodiscard]] std::uint64_t ask(Clock::time_point deadline) {
    const std::lock_guard lock(mutex_);
    deadlines_.insert(deadline);
    event_.set();
    return ++asked_;
  }
  [[nodiscard]] std::shared_ptr<Answer> answer_to(std::uint64_t number) const {
    const std::lock_guard lock(mutex_);
    return answered_to_ >= number ? newest_ : nullptr;
  }

  // What was answered last, to whomever; null if nothing was.
  [[nodiscard]] std::shared_ptr<Answer> newest() const {
    const std::lock_guard lock(mutex_);
    return newest_;
  }

  // Readable while somebody waits.
  [[nodiscard]] int event_fd() const { return event_.fd(); }

  // Begins an answer: the number to answer() with, or 0 if nobody waits, and when the first of those who wait gives up.
  struct Taken {
    std::uint64_t number = 0;
    Clock::time_point deadline;
  };
  [[nodiscard]] Taken take() {
    const std::lock_guard lock(mutex_);
    event_.clear();
    if (deadlines_.empty()) return {};
    const Taken taken{asked_, *deadlines_.begin()};
    deadlines_.clear();
    return taken;
  }

  void answer(std::uint64_t number, std::shared_ptr<Answer> answer) {
    {
      const std::lock_guard lock(mutex_);
      answered_to_ = number;
      newest_ = std::move(answer);
    }
    answered_.notify_all();
  }

  // Nobody is answered any more, nor waits.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      is_closed_ = true;
    }
    answered_.notify_all();
  }

 private:
  Event event_;
  mutable std::mutex mutex_;
  std::condition_variable answered_;
  std::uint64_t asked_ = 0;                     // number of the newest request
  std::multiset<Clock::time_point> deadlines_;  // of those who wait and were not taken yet
  std::uint64_t answered_to_ = 0;               // requests up to this number are answered by newest_
  std::shared_ptr<Answer> newest_;
  bool is_closed_ = false;
};

}  // namespace tailmeter
