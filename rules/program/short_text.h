// Short values as numbers: most fields that rules ask about are methods, status codes and the like.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tailmeter {

// A text of up to 16 bytes as its size and two words that, with the size, say all of it: its first eight bytes and its
// last eight, or what there is of them. Equal for equal texts, and for no others.
struct ShortText {
  static constexpr std::size_t kMaxBytes = 16;

  ShortText() = default;
  explicit ShortText(std::string_view text) : size(text.size()) {
    if (size >= 8) {
      std::memcpy(&first, text.data(), 8);
      std::memcpy(&last, text.data() + size - 8, 8);
    } else if (size >= 4) {
      std::uint32_t front = 0;
      std::uint32_t back = 0;
      std::memcpy(&front, text.data(), 4);
      std::memcpy(&back, text.data() + size - 4, 4);
      first = front;
      last = back;
    } else if (size > 0) {
      first = static_cast<unsigned char>(text.data()[0]);
      last = std::uint64_t{static_cast<unsigned char>(text.data()[size / 2])} << 8 |
             static_cast<unsigned char>(text.data()[size - 1]);
    }
  }

  bool operator==(const ShortText&) const = default;

  // A number for a place in a small table, where a clash costs time and nothing else; its low bits are good ones.
  [[nodiscard]] std::uint64_t mixed() const {
    constexpr std::uint64_t kMixer = 0x9E3779B97F4A7C15;  // odd, its bits well spread: 2^64 divided by the golden ratio
    const std::uint64_t mixed = (first ^ size) * kMixer ^ last * (kMixer << 1 | 1);
    return mixed ^ mixed >> 32;
  }

  std::size_t size = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

}  // namespace tailmeter
