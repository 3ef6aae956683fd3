#include "exporter/web/fair_order.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <tuple>
#include <utility>

namespace tailmeter {

std::vector<WaitingClient> fair_order(std::vector<WaitingClient> clients, const PeerGroup& last) {
  std::sort(clients.begin(), clients.end(),
            [](const WaitingClient& left, const WaitingClient& right) { return left.token < right.token; });
  std::map<PeerGroup, std::size_t> rounds;
  std::vector<std::pair<std::size_t, WaitingClient>> places;  // by the rounds in which they have their turns
  for (const WaitingClient& client : clients) places.emplace_back(rounds[client.group]++, client);
  const auto rank = [&](const auto& place) {
    const PeerGroup& group = place.second.group;
    return std::tuple(place.first, group <= last, group);
  };
  std::sort(places.begin(), places.end(),
            [&](const auto& left, const auto& right) { return rank(left) < rank(right); });
  clients.clear();
  for (const auto& place : places) clients.push_back(place.second);
  return clients;
}

}  // namespace tailmeter
