// Finds the ends of a run of bytes, thirty-two at a time and, for short runs, without a branch that depends on their
// length: a processor guesses such a branch wrongly about once a run, and that costs as much as ten bytes do.
//
// A byte's place in the set is looked up by its two halves in tables of sixteen bytes, as the regular expression
// library Hyperscan does it ("truffle"). That takes AVX2, and a set to which either all or none of the bytes beyond
// ASCII belong; else the bytes are taken one by one.
//
// Immutable; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "parsers/byte_set.h"

namespace tailmeter {

// A text, all of which may be read.
struct ByteRange {
  const char* begin;
  const char* end;
};

class ByteScan {
 public:
  explicit ByteScan(const ByteSet& set);

  // The first byte in [begin, end) that the set does not hold, or `end`. `whole` contains [begin, end): what is around
  // it may be read too.
  [[nodiscard]] const char* end_of_run(const ByteRange& whole, const char* begin, const char* end) const {
    if (can_use_vectors(whole, begin, end)) [[likely]]
      return end_of_run_by_vectors(whole, begin, end);
    while (begin != end && set_[byte_index(*begin)]) ++begin;
    return begin;
  }

  // Behind the last byte in [begin, end) that the set does not hold, or `begin`.
  [[nodiscard]] const char* begin_of_run(const ByteRange& whole, const char* begin, const char* end) const {
    if (can_use_vectors(whole, begin, end)) [[likely]]
      return begin_of_run_by_vectors(whole, begin, end);
    while (begin != end && set_[byte_index(end[-1])]) --end;
    return end;
  }

 private:
  static constexpr std::ptrdiff_t kWidth = 32;

  [[nodiscard]] bool can_use_vectors(const ByteRange& whole, const char* begin, const char* end) const {
    return has_vectors_ && (end - whole.begin >= kWidth || whole.end - begin >= kWidth);
  }
  [[nodiscard]] const char* end_of_run_by_vectors(const ByteRange& whole, const char* begin, const char* end) const;
  [[nodiscard]] const char* begin_of_run_by_vectors(const ByteRange& whole, const char* begin, const char* end) const;

  bool has_vectors_;
  std::uint32_t is_inside_;  // all bits if `rows_` is the set, none if it is the bytes that the set does not hold
  alignas(16) std::array<std::uint8_t, 16> rows_{};  // bit h of rows_[l]: the byte whose halves are h and l
  ByteSet set_;
};

}  // namespace tailmeter
