// A set of byte values.
#pragma once

#include <bitset>
#include <cstddef>

namespace tailmeter {

using ByteSet = std::bitset<256>;

// Where a byte is in a set.
[[nodiscard]] inline std::size_t byte_index(char byte) {
  return static_cast<unsigned char>(byte);
}

}  // namespace tailmeter
