// A place in a file that was passed, with a hash of the bytes in front of it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tailmeter {

using ContentHash = std::array<std::uint64_t, 2>;
[[nodiscard]] ContentHash hash_of(std::string_view bytes);

struct Rung {
  std::uint64_t offset_bytes = 0;  // the start of a line
  std::uint64_t window_bytes = 0;  // in front of it, hashed
  ContentHash hash{};

  bool operator==(const Rung&) const = default;
};

}  // namespace tailmeter
