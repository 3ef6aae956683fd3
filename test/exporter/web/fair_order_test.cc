#include "exporter/web/fair_order.h"

#include <catch2/catch.hpp>

namespace tailmeter {
namespace {

constexpr PeerGroup kOne{PeerGroup::Kind::kIpv4, 1};
constexpr PeerGroup kTwo{PeerGroup::Kind::kIpv4, 2};
constexpr PeerGroup kThree{PeerGroup::Kind::kIpv6, 1};

std::vector<std::uint64_t> tokens(std::vector<WaitingClient> clients, PeerGroup last) {
  std::vector<std::uint64_t> tokens;
  for (const WaitingClient& client : fair_order(std::move(clients), last)) tokens.push_back(client.token);
  return tokens;
}

TEST_CASE("turns go around the groups, from the one behind the last, and to whoever came first in each", "[web]") {
  using Tokens = std::vector<std::uint64_t>;
  const std::vector<WaitingClient> clients = {{kTwo, 9}, {kOne, 4}, {kOne, 1}, {kThree, 8}, {kOne, 2}, {kTwo, 7}};
  CHECK(tokens(clients, PeerGroup{}) == Tokens{1, 7, 8, 2, 9, 4});
  CHECK(tokens(clients, kOne) == Tokens{7, 8, 1, 9, 2, 4});
  CHECK(tokens(clients, kTwo) == Tokens{8, 1, 7, 2, 9, 4});
  CHECK(tokens(clients, kThree) == Tokens{1, 7, 8, 2, 9, 4});
  CHECK(tokens({{kTwo, 5}, {kTwo, 3}}, kTwo) == Tokens{3, 5});
  CHECK(tokens({}, kTwo).empty());
}

}  // namespace
}  // namespace tailmeter
