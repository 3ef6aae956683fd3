#include "exporter/web/peer.h"

#include <catch2/catch.hpp>

#include "test/support/peers.h"

namespace tailmeter {
namespace {

TEST_CASE("a client is told by its address, and whether it is on this machine", "[web]") {
  struct Case {
    const char* given;
    bool is_local;
  };
  const Case cases[] = {
      {"192.0.2.1", false},        {"127.0.0.1", true},        {"127.255.3.4", true}, {"128.0.0.1", false},
      {"::ffff:192.0.2.1", false}, {"::ffff:127.0.0.1", true}, {"::1", true},         {"::2", false},
      {"2001:db8::7f00:1", false},
  };
  for (const Case& test : cases) {
    const Peer peer = peer_of(test.given);
    CAPTURE(test.given);
    CHECK(peer.is_local == test.is_local);
  }
  CHECK(peer_of("").is_local);
}

TEST_CASE("the addresses of one IPv6 network share a limit, those of IPv4 do not", "[web]") {
  CHECK(peer_of("2001:db8:1:2::3").group == peer_of("2001:db8:1:2:ffff::4").group);
  CHECK(peer_of("2001:db8:1:2::3").group != peer_of("2001:db8:1:3::3").group);
  CHECK(peer_of("192.0.2.1").group != peer_of("192.0.2.2").group);
  CHECK(peer_of("192.0.2.1").group == peer_of("::ffff:192.0.2.1").group);
  CHECK(peer_of("192.0.2.1").group != peer_of("").group);
}

}  // namespace
}  // namespace tailmeter
