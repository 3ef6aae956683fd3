// Clients that have taken a page which no kernel holds: they read, and their next page outlives those of clients of
// whom that is not known. A client that reads nothing never gets among them; one that does has to read on, for who
// stalls is worth less than anybody who does not (standing.h).
//
// For the front's thread.
#pragma once

#include <cstddef>
#include <map>

#include "exporter/web/peer.h"
#include "exporter/web/standing.h"

namespace tailmeter {

class KnownReaders {
 public:
  static constexpr std::size_t kGroupsMax = 64;  // one more takes the place of the one that read longest ago

  void note(const PeerGroup& group, TimePoint now);
  [[nodiscard]] bool contains(const PeerGroup& group) const { return groups_.contains(group); }

 private:
  std::map<PeerGroup, TimePoint> groups_;
};

}  // namespace tailmeter
