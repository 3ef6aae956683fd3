// Who is at the other end of a connection.
#pragma once

#include <compare>
#include <cstdint>

#include <sys/socket.h>

namespace tailmeter {

// Clients that share one limit: those of an IPv4 address, of an IPv6 network of 64 bits (whoever has one address of it
// mostly has all), or of unix sockets, which have no limit.
struct PeerGroup {
  enum class Kind { kUnix, kIpv4, kIpv6 };
  Kind kind = Kind::kUnix;
  std::uint64_t network = 0;
  auto operator<=>(const PeerGroup&) const = default;
};

struct Peer {
  bool is_local = true;  // a loopback address, or a unix socket
  PeerGroup group{};
};

// As accept(2) tells it.
[[nodiscard]] Peer describe_peer(const sockaddr_storage& address);

}  // namespace tailmeter
