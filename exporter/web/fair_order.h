// In which order clients have their turns when not all of them can have one now. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "exporter/web/peer.h"

namespace tailmeter {

struct WaitingClient {
  PeerGroup group{};
  std::uint64_t token = 0;  // larger for one that came later
};

// One of each group, then another of each; of a group, whoever came first. It begins with the group behind `last`, the
// one that had the last turn, so that none waits for ever.
[[nodiscard]] std::vector<WaitingClient> fair_order(std::vector<WaitingClient> clients, const PeerGroup& last);

}  // namespace tailmeter
