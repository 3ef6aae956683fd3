// Numbers and texts as bytes, for a record on the disk.
//
// A number is a varint as Protocol Buffers has it (seven bits a byte, the lowest first); a text is its size and its
// bytes. A Decoder never reads beyond its bytes: what is not there is 0 or empty, and is_good() is false from then on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace tailmeter {

class Encoder {
 public:
  explicit Encoder(std::string bytes = {}) : bytes_(std::move(bytes)) {}

  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }
  void text(std::string_view text) {
    number(text.size());
    bytes_ += text;
  }

  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      if (shift == 63 && byte > 1) break;
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return value;
    }
    return fail();
  }

  std::string_view text() {
    const std::uint64_t size = number();
    if (size > rest_.size()) fail();
    if (!is_good_) return {};
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }

  // The size of a list that follows: no larger than the bytes that are left, for each element takes one at least.
  std::size_t size() {
    const std::uint64_t size = number();
    return size > rest_.size() ? fail() : size;
  }

  [[nodiscard]] bool is_good() const { return is_good_; }
  [[nodiscard]] bool is_at_end() const { return rest_.empty(); }

 private:
  std::size_t fail() {
    is_good_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool is_good_ = true;
};

}  // namespace tailmeter
