// Remembers what was worked out about a value, for values that come again.
//
// A field of a log takes few different values, or a few of them often; a pattern costs a microsecond, a look-up a few
// nanoseconds. The table is direct-mapped and of fixed size: an unlucky or hostile stream of new values costs one
// comparison more than no table, and never memory.
//
// Belongs to one thread.
#pragma once

#include <cassert>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

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
    Slot& slot = value.size() <= kMaxValueBytes ? slots_[hash_(value) & (slots_.size() - 1)] : unkept_;
    if (slot.value != value) {
      slot.value.clear();  // stays a miss if compute() throws
      compute(value, slot.result);
      if (&slot != &unkept_) slot.value = value;
    }
    return slot.result;
  }

 private:
  struct Slot {
    std::string value;
    Result result{};
  };

  SeededHash hash_;
  std::vector<Slot> slots_;
  Slot unkept_;
};

}  // namespace tailmeter
