// One event in an interval, and a burst of them at once: golang.org/x/time/rate, in whole nanoseconds.
//
// Counts no tokens but the moment at which all of them will be back (the generic cell rate algorithm). The burst times
// the interval fits into std::chrono::nanoseconds. A value type.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace tailmeter {

class TokenBucket {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  TokenBucket(std::chrono::nanoseconds interval, std::size_t burst)
      : interval_(interval), tolerance_(interval * static_cast<std::int64_t>(burst - 1)) {}

  // True if an event may happen now, which is then counted.
  [[nodiscard]] bool take(Moment now) {
    if (wait(now) > std::chrono::nanoseconds(0)) return false;
    full_at_ = std::max(full_at_, now) + interval_;
    return true;
  }
  // An event that take() counted has not happened.
  void give_back() { full_at_ -= interval_; }

  // How long until the next may happen.
  [[nodiscard]] std::chrono::nanoseconds wait(Moment now) const {
    return std::max(std::chrono::nanoseconds(0), std::chrono::nanoseconds(full_at_ - tolerance_ - now));
  }
  [[nodiscard]] Moment full_at() const { return full_at_; }

 private:
  std::chrono::nanoseconds interval_;
  std::chrono::nanoseconds tolerance_;
  Moment full_at_{};  // long ago
};

}  // namespace tailmeter
