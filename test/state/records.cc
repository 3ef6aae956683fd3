#include "test/state/records.h"

#include <algorithm>
#include <cstring>

#include <catch2/catch.hpp>

namespace tailmeter {

std::string make_record(std::uint32_t number, std::size_t size_bytes) {
  std::string record(size_bytes, '\0');
  std::uint64_t word = number + 1;
  for (std::size_t at = 0; at < size_bytes; at += sizeof word) {
    word = word * 6364136223846793005U + 1442695040888963407U;
    const std::uint64_t letters = (word & 0x0f0f0f0f0f0f0f0fU) + 0x6161616161616161U;
    std::memcpy(record.data() + at, &letters, std::min(sizeof letters, size_bytes - at));
  }
  return record;
}

std::string name_of(StateFinding finding) {
  switch (finding) {
    case StateFinding::kNew:
      return "new";
    case StateFinding::kRight:
      return "right";
    case StateFinding::kOneSlotDamaged:
      return "one slot damaged";
    case StateFinding::kDamaged:
      return "damaged";
    case StateFinding::kForeign:
      return "foreign";
    case StateFinding::kOtherVersion:
      return "other version";
  }
  return "?";
}

SlotContents look(Disk& disk, const std::string& directory) {
  SlotContents contents;
  REQUIRE_FALSE(look_at_state(disk, directory, contents));
  return contents;
}

}  // namespace tailmeter
