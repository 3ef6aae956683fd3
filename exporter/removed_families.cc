#include "exporter/removed_families.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tailmeter {
namespace {

bool is_kept(const SavedFamily& family, std::uint64_t now_ms) {
  return now_ms < family.removed_ms + RemovedFamilies::kKeepMs;
}

}  // namespace

void RemovedFamilies::add(SavedFamily family, std::uint64_t now_ms) {
  if (family.removed_ms == 0) family.removed_ms = now_ms;
  if (!is_kept(family, now_ms)) return;
  families_.push_back(std::move(family));
  while (are_too_many()) {
    families_.erase(std::min_element(
        families_.begin(), families_.end(),
        [](const SavedFamily& left, const SavedFamily& right) { return left.removed_ms < right.removed_ms; }));
  }
}

bool RemovedFamilies::are_too_many() const {
  std::size_t bytes = 0;
  for (const SavedFamily& family : families_) bytes += family.series.size_bytes();
  return families_.size() > kFamiliesMax || bytes > kBytesMax;
}

std::vector<SavedFamily> RemovedFamilies::at(std::uint64_t now_ms) const {
  std::vector<SavedFamily> kept;
  std::copy_if(families_.begin(), families_.end(), std::back_inserter(kept),
               [&](const SavedFamily& family) { return is_kept(family, now_ms); });
  return kept;
}

}  // namespace tailmeter
