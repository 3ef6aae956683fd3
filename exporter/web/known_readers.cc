#include "exporter/web/known_readers.h"

#include <algorithm>

namespace tailmeter {

void KnownReaders::note(const PeerGroup& group, TimePoint now) {
  groups_[group] = now;
  if (groups_.size() <= kGroupsMax) return;
  groups_.erase(std::min_element(groups_.begin(), groups_.end(),
                                 [](const auto& left, const auto& right) { return left.second < right.second; }));
}

}  // namespace tailmeter
