// Where bytes of files are read to; all generations share one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "exporter/tail/window.h"

namespace tailmeter {

class ReadBuffer {
 public:
  static constexpr std::size_t kBeginningBytesMax = std::size_t{16} << 10;

  explicit ReadBuffer(std::size_t turn_bytes)
      : turn_bytes_(turn_bytes), bytes_(std::max(Window::kBytesMax + turn_bytes, kBeginningBytesMax)) {}

  // Room for `window_bytes` bytes, at most Window::kBytesMax, and for a turn behind them.
  [[nodiscard]] std::span<char> room(std::size_t window_bytes) { return {bytes_.data(), window_bytes + turn_bytes_}; }
  // For the first bytes of a file.
  [[nodiscard]] std::span<char> beginning_room() { return {bytes_.data(), kBeginningBytesMax}; }
  [[nodiscard]] std::size_t turn_bytes() const { return turn_bytes_; }

 private:
  std::size_t turn_bytes_;
  std::vector<char> bytes_;
};

}  // namespace tailmeter
