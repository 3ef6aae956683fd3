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
#include <string>
#include <string_view>
#include <vector>

#include "rules/program/short_text.h"
#include "rules/series/hash.h"

namespace tailmeter {

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
    Slot& slot = slots_[text.mixed() & (slots_.size() - 1)];
    if (slot.size == text.size && slot.text == text) return slot.result;
    slot.size = 0;  // stays a miss if compute() throws
    compute(value, slot.result);
    slot.size = text.size;
    slot.text = text;
    return slot.result;
  }

  // What of() gave last stays valid.
  void forget() {
    for (Slot& slot : slots_) slot.size = 0;
  }

 private:
  struct Slot {
    std::size_t size = 0;  // 0: empty
    ShortText text;        // of a short value
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
