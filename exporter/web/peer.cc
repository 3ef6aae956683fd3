#include "exporter/web/peer.h"

#include <cstring>

#include <netinet/in.h>

namespace tailmeter {
namespace {

Peer describe_ipv4(in_addr address) {
  constexpr std::uint32_t kLoopbackNetwork = 127;
  const std::uint32_t number = ntohl(address.s_addr);
  return {number >> 24 == kLoopbackNetwork, {PeerGroup::Kind::kIpv4, number}};
}

Peer describe_ipv6(const in6_addr& address) {
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    in_addr mapped{};
    std::memcpy(&mapped, address.s6_addr + 12, sizeof mapped);
    return describe_ipv4(mapped);
  }
  std::uint64_t network = 0;
  std::memcpy(&network, address.s6_addr, sizeof network);
  return {IN6_IS_ADDR_LOOPBACK(&address) != 0, {PeerGroup::Kind::kIpv6, network}};
}

template <typename Address>
Address address_as(const sockaddr_storage& storage) {
  Address address;
  std::memcpy(&address, &storage, sizeof address);
  return address;
}

}  // namespace

Peer describe_peer(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) return describe_ipv4(address_as<sockaddr_in>(address).sin_addr);
  if (address.ss_family == AF_INET6) return describe_ipv6(address_as<sockaddr_in6>(address).sin6_addr);
  return {};
}

}  // namespace tailmeter
