#include "exporter/web/access/guess_limit.h"

#include <catch2/catch.hpp>

#include "test/support/peers.h"

namespace tailmeter {
namespace {

using namespace std::chrono_literals;

const TokenBucket::Moment kStart{1h};

TEST_CASE("a bucket gives its burst at once, and then one in each interval", "[access]") {
  TokenBucket bucket(10s, 3);
  struct Row {
    std::chrono::nanoseconds at;
    bool is_given;
    std::chrono::nanoseconds wait;  // after it
  };
  for (const Row& row : std::vector<Row>{{0s, true, 0s},
                                         {0s, true, 0s},
                                         {1s, true, 9s},  // two of three went at 0: the first is back at 10
                                         {1s, false, 9s},
                                         {9'999'999'999ns, false, 1ns},
                                         {10s, true, 10s},
                                         {15s, false, 5s},
                                         {1000s, true, 0s},  // no more than the burst was gathered
                                         {1000s, true, 0s},
                                         {1000s, true, 10s},
                                         {1000s, false, 10s}}) {
    CAPTURE(row.at.count());
    CHECK(bucket.take(kStart + row.at) == row.is_given);
    CHECK(bucket.wait(kStart + row.at) == row.wait);
  }
  bucket.give_back();
  CHECK(bucket.take(kStart + 1000s));
}

TEST_CASE("an address guesses on its own account", "[access]") {
  const auto [first, second, is_shared] = GENERATE(table<std::string, std::string, bool>({
      {"192.0.2.1", "192.0.2.1", true},
      {"192.0.2.1", "192.0.2.2", false},
      {"192.0.2.1", "::ffff:192.0.2.1", true},
      {"2001:db8::1", "2001:db8::2", true},
      {"2001:db8:0:0:ffff:ffff:ffff:ffff", "2001:db8::", true},
      {"2001:db8:0:1::1", "2001:db8::1", false},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
      {"", "", true},
      {"", "::1", false},
  }));
  CAPTURE(first, second);
  GuessLimits limits;
  limits.burst = 1;
  GuessLimit guesses(limits);
  CHECK(guesses.take(peer_of(first).group, kStart) == 0s);
  CHECK((guesses.take(peer_of(second).group, kStart) == 0s) == !is_shared);
}

TEST_CASE("of more addresses than are remembered, the one that was still for longest is forgotten", "[access]") {
  GuessLimits limits;
  limits.burst = 1;
  limits.addresses = 2;
  GuessLimit guesses(limits);
  CHECK(guesses.take(peer_of("192.0.2.1").group, kStart) == 0s);
  CHECK(guesses.take(peer_of("192.0.2.2").group, kStart + 1s) == 0s);
  CHECK(guesses.take(peer_of("192.0.2.3").group, kStart + 2s) == 0s);
  CHECK(guesses.take(peer_of("192.0.2.2").group, kStart + 2s) == 11s);
  CHECK(guesses.take(peer_of("192.0.2.3").group, kStart + 2s) == 12s);
  CHECK(guesses.take(peer_of("192.0.2.1").group, kStart + 2s) == 0s);
}

}  // namespace
}  // namespace tailmeter
