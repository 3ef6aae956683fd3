// Which connection has to go when there are as many as there may be.
//
// The newcomer is never refused for the sake of those that are there: else whoever holds all places keeps a scraper
// out. The one to go is that which is worth least; among these, of the clients that have most of such connections;
// among these, the one that waits longest. So clients that are slow, idle or many take places from each other only.
//
// What a client has been answered counts for so many of its connections only: else whoever holds all places of an
// address by answered connections keeps the address's newcomers out.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "exporter/web/peer.h"

namespace tailmeter {

using TimePoint = std::chrono::steady_clock::time_point;

struct Standing {
  // From what is worth least.
  enum class Worth {
    kRefused,    // it has its answer, and is about to be closed
    kUnproven,   // has not yet had a good answer, nor asked for one
    kStalled,    // takes nothing of its answer
    kProven,     // had a good answer: a scraper between two scrapes
    kBegun,      // is proven, and sends its next request; or has an answer, and has perhaps read nothing of it yet
    kReceiving,  // more of its answer was taken after we had to wait, perhaps by its kernel alone
    kReading,    // more of its answer was taken than a kernel holds
    kAsking,     // waits for ours: is never closed
  };
  Worth worth = Worth::kUnproven;
  PeerGroup group{};
  TimePoint waits_since{};       // for the client
  std::uint64_t good_bytes = 0;  // of the answers that it had
  bool operator==(const Standing&) const = default;
};

// Of a group: those that had most of good answers, or else wait least. Others count as unproven.
inline constexpr std::size_t kProvenOfGroup = 16;

// Its index; nothing if all are being answered.
[[nodiscard]] std::optional<std::size_t> choose_victim(std::span<const Standing> connections);

}  // namespace tailmeter
