// The wire format of protobuf (protobuf.dev/programming-guides/encoding): fields at the end of a page.
//
// Belongs to the page's thread.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "exporter/web/exposition/page.h"

namespace tailmeter {

inline constexpr std::size_t kMaxVarintBytes = 10;

constexpr std::size_t varint_bytes(std::uint64_t number) {
  return (static_cast<std::size_t>(std::bit_width(number | 1)) + 6) / 7;
}

// Writes to where there is room for kMaxVarintBytes, and returns its end.
inline char* write_varint(char* out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) *out++ = static_cast<char>(number | 0x80);
  *out++ = static_cast<char>(number);
  return out;
}

enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2 };

constexpr std::uint64_t wire_tag(int field, WireType type) {
  return static_cast<std::uint64_t>(field) << 3 | static_cast<std::uint64_t>(type);
}

inline void append_varint_field(Page& page, int field, std::uint64_t number) {
  char* const to = page.room(2 * kMaxVarintBytes);
  page.wrote(write_varint(write_varint(to, wire_tag(field, WireType::kVarint)), number));
}

// sint32, sint64: small numbers below zero stay short.
inline void append_signed_field(Page& page, int field, std::int64_t number) {
  append_varint_field(page, field, static_cast<std::uint64_t>(number) << 1 ^ static_cast<std::uint64_t>(number >> 63));
}

inline void append_double_field(Page& page, int field, double value) {
  static_assert(std::endian::native == std::endian::little);
  char* const to = write_varint(page.room(kMaxVarintBytes + sizeof value), wire_tag(field, WireType::kFixed64));
  std::memcpy(to, &value, sizeof value);
  page.wrote(to + sizeof value);
}

inline void append_bytes_field(Page& page, int field, std::string_view bytes) {
  char* const to = page.room(2 * kMaxVarintBytes + bytes.size());
  page.wrote(copy_to(write_varint(write_varint(to, wire_tag(field, WireType::kLengthDelimited)), bytes.size()), bytes));
}

// A message whose length is known once it is written: begin, append its fields, end. Costs a move of its bytes where
// `length_guess` needs a longer or shorter varint than the length does.
class MessageField {
 public:
  MessageField(Page& page, std::size_t length_guess) : page_(page), length_at_(page.size()) {
    page_.wrote(page_.room(kMaxVarintBytes) + varint_bytes(length_guess));
    begin_ = page_.size();
  }
  MessageField(Page& page, int field, std::size_t length_guess)
      : MessageField((append_tag(page, field), page), length_guess) {}
  MessageField(const MessageField&) = delete;
  MessageField& operator=(const MessageField&) = delete;

  ~MessageField() {
    const std::size_t length = page_.size() - begin_;
    const std::size_t needed = varint_bytes(length);
    if (needed != begin_ - length_at_) {
      char* const end = page_.room(kMaxVarintBytes);  // before at(): it may move the page
      char* const begin = page_.at(length_at_ + needed);
      std::memmove(begin, page_.at(begin_), length);
      page_.wrote(end + needed - (begin_ - length_at_));
    }
    write_varint(page_.at(length_at_), length);
  }

 private:
  static void append_tag(Page& page, int field) {
    page.wrote(write_varint(page.room(kMaxVarintBytes), wire_tag(field, WireType::kLengthDelimited)));
  }

  Page& page_;
  std::size_t length_at_;
  std::size_t begin_ = 0;
};

}  // namespace tailmeter
