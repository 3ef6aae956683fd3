#include "exporter/web/access/guess_limit.h"

#include <algorithm>

namespace tailmeter {

TokenBucket& GuessLimit::bucket_of(const PeerGroup& peers) {
  const auto found = buckets_.find(peers);
  if (found != buckets_.end()) return found->second;
  if (buckets_.size() >= limits_.addresses) {
    buckets_.erase(std::min_element(buckets_.begin(), buckets_.end(), [](const auto& left, const auto& right) {
      return left.second.full_at() < right.second.full_at();
    }));
  }
  return buckets_.emplace(peers, TokenBucket(limits_.interval, limits_.burst)).first->second;
}

std::chrono::nanoseconds GuessLimit::take(const PeerGroup& peers, TokenBucket::Moment now) {
  TokenBucket& bucket = bucket_of(peers);
  return bucket.take(now) ? std::chrono::nanoseconds(0) : bucket.wait(now);
}

void GuessLimit::give_back(const PeerGroup& peers) {
  const auto found = buckets_.find(peers);
  if (found != buckets_.end()) found->second.give_back();
}

}  // namespace tailmeter
