#include "exporter/web/access/guess_limit.h"

#include <algorithm>

#include <arpa/inet.h>

namespace tailmeter {
namespace {

constexpr std::size_t kNetworkBytes = 8;

// What is no address, such as the "" of unix sockets, is one of its own.
std::string network_of(const std::string& address) {
  in6_addr bytes{};
  if (::inet_pton(AF_INET6, address.c_str(), &bytes) != 1) return address;
  if (IN6_IS_ADDR_V4MAPPED(&bytes)) {
    char written[INET_ADDRSTRLEN];
    return ::inet_ntop(AF_INET, &bytes.s6_addr[12], written, sizeof written);
  }
  return {reinterpret_cast<const char*>(bytes.s6_addr), kNetworkBytes};
}

}  // namespace

TokenBucket& GuessLimit::bucket_of(const std::string& key) {
  const auto found = buckets_.find(key);
  if (found != buckets_.end()) return found->second;
  if (buckets_.size() >= limits_.addresses) {
    buckets_.erase(std::min_element(buckets_.begin(), buckets_.end(), [](const auto& left, const auto& right) {
      return left.second.full_at() < right.second.full_at();
    }));
  }
  return buckets_.emplace(key, TokenBucket(limits_.interval, limits_.burst)).first->second;
}

std::chrono::nanoseconds GuessLimit::take(const std::string& address, TokenBucket::Moment now) {
  TokenBucket& bucket = bucket_of(network_of(address));
  return bucket.take(now) ? std::chrono::nanoseconds(0) : bucket.wait(now);
}

void GuessLimit::give_back(const std::string& address) {
  const auto found = buckets_.find(network_of(address));
  if (found != buckets_.end()) found->second.give_back();
}

}  // namespace tailmeter
