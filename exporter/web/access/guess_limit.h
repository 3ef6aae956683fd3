// How often an address may guess a password.
//
// Of IPv6 the first 64 bits count: the rest is its owner's to choose. A bounded number of addresses is remembered; the
// one that has been still for longest gives way, and so gets its guesses back early. Not for several threads at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

#include "exporter/web/access/token_bucket.h"

namespace tailmeter {

struct GuessLimits {
  std::chrono::nanoseconds interval = std::chrono::seconds(12);
  std::size_t burst = 5;
  std::size_t addresses = 4096;
};

class GuessLimit {
 public:
  explicit GuessLimit(GuessLimits limits = {}) : limits_(limits) {}

  // 0 if `address` may guess now, which is then counted; else how long it must wait.
  [[nodiscard]] std::chrono::nanoseconds take(const std::string& address, TokenBucket::Moment now);
  // A guess that take() let through was none.
  void give_back(const std::string& address);

 private:
  TokenBucket& bucket_of(const std::string& key);

  GuessLimits limits_;
  std::map<std::string, TokenBucket> buckets_;
};

}  // namespace tailmeter
