// What metrics had counted that were taken out of the rule file: for a while, so that undoing brings it back.
//
// Belongs to the loop thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "exporter/record.h"

namespace tailmeter {

class RemovedFamilies {
 public:
  static constexpr std::uint64_t kKeepMs = 24 * 3'600'000;
  // The latest; when there are more, the earliest goes.
  static constexpr std::size_t kFamiliesMax = 1'000;
  static constexpr std::size_t kBytesMax = std::size_t{64} << 20;  // of all their series

  // A family that a record has and no rule; `now_ms` since 1970. Its time begins when it is added first.
  void add(SavedFamily family, std::uint64_t now_ms);

  // Those whose time is not over. A clock that was set back makes nothing older.
  [[nodiscard]] std::vector<SavedFamily> at(std::uint64_t now_ms) const;

 private:
  [[nodiscard]] bool are_too_many() const;

  std::vector<SavedFamily> families_;
};

}  // namespace tailmeter
