// How often clients that share one limit (see PeerGroup) may guess a password.
//
// A bounded number of them is remembered; those that have been still for longest give way, and so get their guesses
// back early. Not for several threads at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>

#include "exporter/web/access/token_bucket.h"
#include "exporter/web/peer.h"

namespace tailmeter {

struct GuessLimits {
  std::chrono::nanoseconds interval = std::chrono::seconds(12);
  std::size_t burst = 5;
  std::size_t addresses = 4096;
};

class GuessLimit {
 public:
  explicit GuessLimit(GuessLimits limits = {}) : limits_(limits) {}

  // 0 if they may guess now, which is then counted; else how long they must wait.
  [[nodiscard]] std::chrono::nanoseconds take(const PeerGroup& peers, TokenBucket::Moment now);
  // A guess that take() let through was none.
  void give_back(const PeerGroup& peers);

 private:
  TokenBucket& bucket_of(const PeerGroup& peers);

  GuessLimits limits_;
  std::map<PeerGroup, TokenBucket> buckets_;
};

}  // namespace tailmeter
