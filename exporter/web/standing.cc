#include "exporter/web/standing.h"

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <vector>

namespace tailmeter {
namespace {

std::vector<Standing> without_hoards(std::span<const Standing> given) {
  std::vector<Standing> connections(given.begin(), given.end());
  std::vector<Standing*> proven;
  for (Standing& connection : connections) {
    if (connection.worth == Standing::Worth::kProven) proven.push_back(&connection);
  }
  std::sort(proven.begin(), proven.end(), [](const Standing* left, const Standing* right) {
    return std::tie(left->group, right->good_bytes, right->waits_since) <
           std::tie(right->group, left->good_bytes, left->waits_since);
  });
  for (std::size_t i = kProvenOfGroup; i < proven.size(); ++i) {
    if (proven[i]->group == proven[i - kProvenOfGroup]->group) proven[i]->worth = Standing::Worth::kUnproven;
  }
  return connections;
}

}  // namespace

std::optional<std::size_t> choose_victim(std::span<const Standing> given) {
  const std::vector<Standing> connections = without_hoards(given);
  Standing::Worth least = Standing::Worth::kAsking;
  for (const Standing& connection : connections) least = std::min(least, connection.worth);
  if (least == Standing::Worth::kAsking) return std::nullopt;
  std::vector<PeerGroup> groups;
  for (const Standing& connection : connections) {
    if (connection.worth == least) groups.push_back(connection.group);
  }
  std::sort(groups.begin(), groups.end());

  std::optional<std::size_t> victim;
  std::ptrdiff_t victim_count = 0;
  for (std::size_t i = 0; i < connections.size(); ++i) {
    const Standing& connection = connections[i];
    if (connection.worth != least) continue;
    const auto same = std::equal_range(groups.begin(), groups.end(), connection.group);
    const auto count = same.second - same.first;
    const bool is_worse = !victim || count > victim_count ||
                          (count == victim_count && connection.waits_since < connections[*victim].waits_since);
    if (!is_worse) continue;
    victim = i;
    victim_count = count;
  }
  return victim;
}

}  // namespace tailmeter
