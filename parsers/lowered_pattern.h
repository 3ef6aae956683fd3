// Searches with a pattern that leaves little to choose, without an automaton: ten to thirty times faster than RE2.
//
// What is right is defined by RE2, whose answer is the one that backtracking finds first: of a run (`*`, `+`) the
// longest, of alternatives the first. A pattern is lowered if it is made of the items in pattern_items.h, and leaves no
// more to choose than the following.
//
// Where an item begins, its end is known, in these cases. Let "the rest" be all that follows the item in the pattern,
// and F the bytes with which a text that the rest matches may begin.
//
// (1) Alternatives, none of which begins with another: at most one fits.
//
// (2) A run, and the rest may be empty, and no `$` ends it. Then it matches at every place: the longest is the answer.
//
// (3) A run whose class holds no byte of F. A shorter run has a byte of its class behind it, so there the rest could
// only be empty, and only with a `$`, but it is not the end. If the longest does not lead to a match, none does.
//
// Likewise, where an item ends, its beginning is known, if no alternative ends with another, and a run's class holds no
// byte with which that may end which is in front of it: in front of all stands `^`, as `$` does behind.
//
// One run, the gap, may be of another kind. All in front of it has known ends. What is behind it is one of these:
//
// (4) It ends with `$` and has known beginnings, from the end of the text back to the gap. Nothing is left to choose:
// the gap is what lies between.
//
// (5) It has known ends, cannot be empty, and F is one byte b. From the last b within the gap's reach to the first, the
// rest is tried; the first success is the answer. For this to take time linear in the text, no run of kind (3) behind
// the gap may hold b (one of kind (2) ends the search). Then of what a try passes, only texts and `{n}` can hold a b;
// they are L bytes at most. So when a run gets to some byte, the try began at one of the last L + 1 b's before it: no
// run passes a byte more than L + 1 times.
//
// Immutable; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "parsers/byte_scan.h"
#include "parsers/literal.h"
#include "parsers/pattern_items.h"

namespace tailmeter {

class LoweredPattern {
 public:
  static constexpr std::size_t kMaxSteps = 64;  // of a pattern that is lowered

  // `text` is a pattern that RE2 accepts. Returns nothing if it cannot be lowered.
  [[nodiscard]] static std::optional<LoweredPattern> from(std::string_view text);

  // See Pattern::search().
  [[nodiscard]] bool search(std::string_view text, std::span<std::string_view> groups) const;

 private:
  struct Search {
    ByteRange text;
    std::array<const char*, kMaxSteps + 1> places;  // where steps begin, and the last one ends, as far as it has come
  };

  // An item, made ready.
  struct Step {
    explicit Step(const PatternItem& item);

    // The end of what fits at `place`, or null.
    [[nodiscard]] const char* end_of(const char* place, const Search& search) const;
    [[nodiscard]] const char* end_of_others(const char* place, const Search& search) const;
    // The beginning, not in front of `floor`, of what fits up to `place`, or null.
    [[nodiscard]] const char* begin_of(const char* floor, const char* place, const Search& search) const;

    PatternItem::Kind kind;
    bool is_one_text;
    std::size_t count;
    std::vector<Literal> texts;
    ByteScan scan;
  };

  explicit LoweredPattern(const PatternItems& items);

  // Finds the gap; returns false if the pattern leaves too much to choose.
  [[nodiscard]] bool settle(const PatternItems& items);

  // Goes from the step `first` on, which begins at `place`.
  [[nodiscard]] bool match_from(std::size_t first, const char* place, Search& search) const;
  [[nodiscard]] bool match_back(Search& search) const;
  [[nodiscard]] bool match_gap(Search& search) const;

  std::vector<Step> steps_;
  std::vector<PatternGroup> groups_;
  bool is_anchored_at_end_;
  std::size_t gap_;         // the number of steps if there is none
  bool goes_back_ = false;  // (4)
  char behind_gap_ = 0;     // (5): the byte b
};

}  // namespace tailmeter
