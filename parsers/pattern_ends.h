// Where the items of a pattern end: what lowered_pattern.h calls known, looked for when a pattern is read.
#pragma once

#include <cstddef>
#include <vector>

#include "parsers/byte_set.h"
#include "parsers/pattern_items.h"

namespace tailmeter {

// What follows an item, or, read backwards, what is in front of it.
struct PatternSide {
  ByteSet edge{};  // the bytes next to the item: what the rest may begin with, or what is in front may end with
  bool may_be_empty = true;
  bool is_anchored;  // by `$` or `^`

  // Adds the item, which is no choice, that the side was for; then it is for the next one.
  void take_in(const PatternItem& item, bool is_behind);

  [[nodiscard]] bool always_matches() const { return may_be_empty && !is_anchored; }
};

// Parts a text behind a run in two where the run's class ends to hold its bytes: the first part may be one that is gone
// back over from a fence.
void split_at_fences(PatternItems& pattern);

// Where the item ends, its beginning is known: cases (3) and (1) read backwards.
[[nodiscard]] bool has_known_begin(const PatternItem& item, const PatternSide& in_front);

// Refers to the items.
class PatternEnds {
 public:
  PatternEnds(const std::vector<PatternItem>& items, bool is_anchored_at_end);

  // What begins at an item, or behind the last.
  [[nodiscard]] const PatternSide& behind(std::size_t index) const { return behind_[index]; }

  // Where the item begins, its end is known: cases (1), (2) and (3), and choices.
  [[nodiscard]] bool are_known(std::size_t index) const;

  // Case (3'): the item at the fence of the run at `index`, or 0 if it is no such run.
  [[nodiscard]] std::size_t fence_of(std::size_t index) const;

 private:
  [[nodiscard]] bool tells_its_sides_apart(std::size_t choice) const;

  const std::vector<PatternItem>& items_;
  bool is_anchored_at_end_;
  std::vector<PatternSide> behind_;
};

}  // namespace tailmeter
