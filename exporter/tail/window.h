// The last bytes that were consumed of a file, raw.
//
// They are read again in front of the new ones: if they no longer stand there, what follows is not the continuation. At
// least the whole last line is kept, and 256 bytes, since lines of one length often differ only at their start; at most
// 4 KiB.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tailmeter {

class Window {
 public:
  static constexpr std::size_t kBytesMin = 256;
  static constexpr std::size_t kBytesMax = 4096;

  Window() = default;
  explicit Window(std::string_view bytes) { append(bytes); }

  void append(std::string_view consumed);
  void clear() { bytes_.clear(); }

  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

 private:
  std::string bytes_;
};

}  // namespace tailmeter
