// A short text to compare with.
//
// Immutable; any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace tailmeter {

// Its first eight bytes are compared at once, and so are its last eight: of up to sixteen, these are all.
class Literal {
 public:
  explicit Literal(std::string text) : text_(std::move(text)) {
    const std::size_t head_size = std::min(text_.size(), kWordBytes);
    std::memcpy(&head_, text_.data(), head_size);
    std::memset(&mask_, 0xff, head_size);
    if (text_.size() > kWordBytes) std::memcpy(&tail_, text_.data() + text_.size() - kWordBytes, kWordBytes);
  }

  // True if [place, end) begins with the text.
  [[nodiscard]] bool is_at(const char* place, const char* end) const {
    const auto room = static_cast<std::size_t>(end - place);
    if (room < kWordBytes) [[unlikely]]
      return std::string_view(place, room).starts_with(text_);
    if (((load(place) ^ head_) & mask_) != 0) return false;
    return text_.size() <= kWordBytes || is_rest_at(place, room);
  }
  [[nodiscard]] std::size_t size() const { return text_.size(); }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  static constexpr std::size_t kWordBytes = 8;

  [[nodiscard]] static std::uint64_t load(const char* place) {
    std::uint64_t word;
    std::memcpy(&word, place, sizeof word);
    return word;
  }
  [[nodiscard]] bool is_rest_at(const char* place, std::size_t room) const {
    if (room < text_.size() || load(place + text_.size() - kWordBytes) != tail_) return false;
    return text_.size() <= 2 * kWordBytes || std::memcmp(place, text_.data(), text_.size()) == 0;
  }

  std::uint64_t head_ = 0;
  std::uint64_t mask_ = 0;  // of the bytes of head_ that count
  std::uint64_t tail_ = 0;
  std::string text_;
};

}  // namespace tailmeter
