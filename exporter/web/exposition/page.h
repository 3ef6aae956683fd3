// A page being written: bytes at the end of a text, with room for many of them made at once. Appending to a std::string
// costs a call and a look at its room for each piece, and a page of a hundred thousand series has a million pieces.
//
// Belongs to one thread. What was written is in the text when finish() was called.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace tailmeter {

// Copies to where there is room for it, and returns its end.
inline char* copy_to(char* out, std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());  // memcpy(3) wants no null, not even for nothing
  return out + bytes.size();
}

class Page {
 public:
  explicit Page(std::string& out) : out_(out) { begin_writing(out.size()); }
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;

  // Where at least `bytes` can be written; wrote() then says up to where they were.
  [[nodiscard]] char* room(std::size_t bytes) {
    if (static_cast<std::size_t>(end_ - at_) < bytes) grow(bytes);
    return at_;
  }
  void wrote(char* end) { at_ = end; }

  void append(std::string_view bytes) { at_ = copy_to(room(bytes.size()), bytes); }
  void append(char byte) {
    *room(1) = byte;
    ++at_;
  }

  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(at_ - out_.data()); }
  // What was written, to be looked at or changed; up to the next call only.
  [[nodiscard]] char* at(std::size_t offset) { return out_.data() + offset; }
  // Takes back what was written behind `size`.
  void shrink(std::size_t size) { at_ = out_.data() + size; }

  void finish() {
    out_.resize(size());
    begin_writing(out_.size());
  }

 private:
  static constexpr std::size_t kStep = 64 * 1024;  // small enough to be in the cache still when it is written

  void begin_writing(std::size_t size) {
    at_ = out_.data() + size;
    end_ = out_.data() + out_.size();
  }

  void grow(std::size_t bytes) {
    const std::size_t used = size();
    out_.resize(used + bytes + kStep);
    begin_writing(used);
  }

  std::string& out_;
  char* at_ = nullptr;
  char* end_ = nullptr;
};

}  // namespace tailmeter
