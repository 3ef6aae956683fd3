// A place in a text that moves on over what it is told to expect there. Where it stops is where the text diverges.
#pragma once

#include <cstddef>
#include <string_view>

namespace tailmeter {

class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  [[nodiscard]] std::size_t offset() const { return offset_; }
  [[nodiscard]] std::string_view rest() const { return text_.substr(offset_); }
  [[nodiscard]] bool is_at_end() const { return offset_ == text_.size(); }
  [[nodiscard]] bool is_at(char c) const { return !is_at_end() && text_[offset_] == c; }
  void move_to(std::size_t offset) { offset_ = offset; }

  // True, and moves on, if `expected` comes next.
  bool take(char expected) {
    const bool is_there = is_at(expected);
    offset_ += is_there ? 1 : 0;
    return is_there;
  }
  bool take(std::string_view expected) {
    const bool is_there = rest().starts_with(expected);
    offset_ += is_there ? expected.size() : 0;
    return is_there;
  }

  // Moves on over at most `most` digits; true if there were at least `least`.
  bool take_digits(std::size_t least, std::size_t most) {
    const std::size_t begin = offset_;
    while (offset_ - begin < most && !is_at_end() && text_[offset_] >= '0' && text_[offset_] <= '9') ++offset_;
    return offset_ - begin >= least;
  }

  // Moves on to the next `end`, or to the end of the text, and returns what was passed.
  std::string_view take_until(char end) {
    const std::string_view passed = rest().substr(0, rest().find(end));
    offset_ += passed.size();
    return passed;
  }

  // 18:48:15
  bool take_time_of_day() {
    return take_digits(2, 2) && take(':') && take_digits(2, 2) && take(':') && take_digits(2, 2);
  }

  // RFC 3339: 2026-11-21T18:48:15.003Z, with any number of decimals and any zone.
  bool take_timestamp() {
    const bool has_time = take_digits(4, 4) && take('-') && take_digits(2, 2) && take('-') && take_digits(2, 2) &&
                          take('T') && take_time_of_day();
    if (!has_time || (take('.') && !take_digits(1, std::string_view::npos))) return false;
    return take('Z') || ((take('+') || take('-')) && take_digits(2, 2) && take(':') && take_digits(2, 2));
  }

 private:
  std::string_view text_;
  std::size_t offset_ = 0;
};

}  // namespace tailmeter
