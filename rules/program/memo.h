// Remembers what was worked out about a value, for values that come again.
//
// A field of a log takes few different values, or a few of them often; a pattern costs a microsecond, a look-up a few
// nanoseconds. The table is direct-mapped and of fixed size: an unlucky or hostile stream of new values costs one
// comparison more than no table, and never memory. Values of up to 16 bytes, which most are, are compared as two words.
//
// Belongs to one thread.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "rules/series/hash.h"

namespace tailmeter {

// A text of 1 to 16 bytes as two words that, with its size, say all of it: its first eight bytes and its last eight, or
// what there is of them.
struct ShortText {
  static constexpr std::size_t kMaxBytes = 16;

  explicit ShortText(std::string_view text) {
    const std::size_t size = text.size();
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
      first = static_cast<unsigned char>(text[0]);
      last =
          std::uint64_t{static_cast<unsigned char>(text[size / 2])} << 8 | static_cast<unsigned char>(text[size - 1]);
    }
  }

  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

template <typename Result>
class Memo {
 public:
  static constexpr std::size_t kMaxValueBytes = 512;  // longer values are worked out each time

  // `slot_count` is a power of two.
  explicit Memo(std::size_t slot_count) : slots_(slot_count) { assert((slot_count & (slot_count - 1)) == 0); }

  // What compute(value, Result&) made of `value`, which is not empty. Valid until the next call.
  template <typename Compute>
  const Result& of(std::string_view value, Compute compute) {
    if (value.size() > ShortText::kMaxBytes) return of_long(value, compute);
    const ShortText text(value);
    const std::uint64_t mixed = (text.first * kMixer ^ text.last) * kMixer + value.size();
    Slot& slot = slots_[(mixed >> 40) & (slots_.size() - 1)];
    if (slot.size == value.size() && slot.first == text.first && slot.last == text.last) return slot.result;
    slot.size = 0;  // stays a miss if compute() throws
    compute(value, slot.result);
    slot.size = value.size();
    slot.first = text.first;
    slot.last = text.last;
    return slot.result;
  }

 private:
  // An odd number with its bits well spread: 2^64 divided by the golden ratio.
  static constexpr std::uint64_t kMixer = 0x9E3779B97F4A7C15;

  struct Slot {
    std::size_t size = 0;  // 0: empty
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::string long_value;
    Result result{};
  };

  template <typename Compute>
  const Result& of_long(std::string_view value, Compute compute) {
    const bool is_kept = value.size() <= kMaxValueBytes;
    Slot& slot = is_kept ? slots_[hash_(value) & (slots_.size() - 1)] : unkept_;
    if (slot.size == value.size() && slot.long_value == value) return slot.result;
    slot.size = 0;
    compute(value, slot.result);
    if (is_kept) {
      slot.long_value = value;
      slot.size = value.size();
    }
    return slot.result;
  }

  SeededHash hash_;
  std::vector<Slot> slots_;
  Slot unkept_;
};

}  // namespace tailmeter
