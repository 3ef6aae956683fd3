// What the rule file no longer has: for a while, so that undoing brings it back. What metrics had counted, and where
// their sources were in the logs.
//
// Belongs to the loop thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include "exporter/record.h"

namespace tailmeter {

// About the bytes of all that may be many or long in them.
[[nodiscard]] std::size_t size_bytes(const SavedFamily& family);
[[nodiscard]] std::size_t size_bytes(const SavedSource& source);

template <typename Saved>
class Removed {
 public:
  static constexpr std::uint64_t kKeepMs = 24 * 3'600'000;
  // The latest; when there are more, the earliest goes.
  static constexpr std::size_t kMost = 1'000;
  static constexpr std::size_t kBytesMax = std::size_t{64} << 20;

  // What a record has and no rule; `now_ms` since 1970. Its time begins when it is added first.
  void add(Saved saved, std::uint64_t now_ms) {
    if (saved.removed_ms == 0) saved.removed_ms = now_ms;
    if (!is_kept(saved, now_ms)) return;
    all_.push_back(std::move(saved));
    while (are_too_many()) {
      all_.erase(std::min_element(all_.begin(), all_.end(), [](const Saved& left, const Saved& right) {
        return left.removed_ms < right.removed_ms;
      }));
    }
  }

  // What has time left. A clock that was set back makes nothing older.
  [[nodiscard]] std::vector<Saved> at(std::uint64_t now_ms) const {
    std::vector<Saved> kept;
    std::copy_if(all_.begin(), all_.end(), std::back_inserter(kept),
                 [&](const Saved& saved) { return is_kept(saved, now_ms); });
    return kept;
  }

 private:
  static bool is_kept(const Saved& saved, std::uint64_t now_ms) { return now_ms < saved.removed_ms + kKeepMs; }

  [[nodiscard]] bool are_too_many() const {
    std::size_t bytes = 0;
    for (const Saved& saved : all_) bytes += size_bytes(saved);
    return all_.size() > kMost || bytes > kBytesMax;
  }

  std::vector<Saved> all_;
};

using RemovedFamilies = Removed<SavedFamily>;
using RemovedSources = Removed<SavedSource>;

}  // namespace tailmeter
