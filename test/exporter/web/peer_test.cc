#include "exporter/web/peer.h"

#include <cstring>

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <netinet/in.h>

namespace tailmeter {
namespace {

Peer peer_of(const std::string& address) {
  sockaddr_storage storage{};
  sockaddr_in ipv4{};
  sockaddr_in6 ipv6{};
  if (::inet_pton(AF_INET, address.c_str(), &ipv4.sin_addr) == 1) {
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = htons(1234);
    std::memcpy(&storage, &ipv4, sizeof ipv4);
  } else {
    REQUIRE(::inet_pton(AF_INET6, address.c_str(), &ipv6.sin6_addr) == 1);
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = htons(1234);
    std::memcpy(&storage, &ipv6, sizeof ipv6);
  }
  return describe_peer(storage);
}

TEST_CASE("a client is told by its address, and whether it is on this machine", "[web]") {
  struct Case {
    const char* given;
    const char* address;
    bool is_local;
  };
  const Case cases[] = {
      {"192.0.2.1", "192.0.2.1", false},
      {"127.0.0.1", "127.0.0.1", true},
      {"127.255.3.4", "127.255.3.4", true},
      {"128.0.0.1", "128.0.0.1", false},
      {"::ffff:192.0.2.1", "192.0.2.1", false},
      {"::ffff:127.0.0.1", "127.0.0.1", true},
      {"::1", "::1", true},
      {"::2", "::2", false},
      {"2001:db8::7f00:1", "2001:db8::7f00:1", false},
  };
  for (const Case& test : cases) {
    const Peer peer = peer_of(test.given);
    CAPTURE(test.given);
    CHECK(peer.address == test.address);
    CHECK(peer.is_local == test.is_local);
  }
  sockaddr_storage unix_peer{};
  unix_peer.ss_family = AF_UNIX;
  CHECK(describe_peer(unix_peer).address.empty());
  CHECK(describe_peer(unix_peer).is_local);
}

TEST_CASE("the addresses of one IPv6 network share a limit, those of IPv4 do not", "[web]") {
  CHECK(peer_of("2001:db8:1:2::3").group == peer_of("2001:db8:1:2:ffff::4").group);
  CHECK(peer_of("2001:db8:1:2::3").group != peer_of("2001:db8:1:3::3").group);
  CHECK(peer_of("192.0.2.1").group != peer_of("192.0.2.2").group);
  CHECK(peer_of("192.0.2.1").group == peer_of("::ffff:192.0.2.1").group);
  CHECK(peer_of("192.0.2.1").group != describe_peer({}).group);
}

}  // namespace
}  // namespace tailmeter
