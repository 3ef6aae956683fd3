#include "exporter/tail/window.h"

#include <algorithm>

namespace tailmeter {

void Window::append(std::string_view consumed) {
  if (consumed.size() >= kBytesMax) {
    bytes_ = consumed.substr(consumed.size() - kBytesMax);
  } else {
    bytes_ += consumed;
  }
  if (bytes_.size() <= kBytesMin) return;
  // Without the newline that ends the last line, the one found is that before it; npos + 1 keeps all.
  const std::size_t line_start = std::string_view(bytes_).substr(0, bytes_.size() - 1).rfind('\n') + 1;
  const std::size_t kept = std::clamp(bytes_.size() - line_start, kBytesMin, kBytesMax);
  bytes_.erase(0, bytes_.size() - std::min(kept, bytes_.size()));
}

}  // namespace tailmeter
