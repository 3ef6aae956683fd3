// Records for tests, and looks at what became of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "exporter/state/slot_file.h"

namespace tailmeter {

inline constexpr std::uint64_t kSmallSlotBytes = kSlotAlignmentBytes;
inline constexpr std::size_t kFittingRecordBytes = kSmallSlotBytes - kSlotHeadBytes;  // the largest

// Letters. Two records with different numbers differ all along, so that a mixture of both is neither.
[[nodiscard]] std::string make_record(std::uint32_t number, std::size_t size_bytes);

// In words.
[[nodiscard]] std::string name_of(StateFinding finding);

// A look that must not fail.
[[nodiscard]] SlotContents look(Disk& disk, const std::string& directory);

}  // namespace tailmeter
