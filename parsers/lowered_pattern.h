// Searches with a pattern that leaves little to choose, without an automaton: ten to thirty times faster than RE2.
//
// What is right is defined by RE2, whose answer is the one that backtracking finds first: of a run (`*`, `+`) the
// longest, or if it is lazy the shortest, of alternatives the first. A pattern is lowered if it is made of the items in
// pattern_items.h, and leaves no more to choose than the following.
//
// Where an item begins, its end is known, in these cases. Let "the rest" be all that follows the item in the pattern,
// and F the bytes with which a text that the rest matches may begin.
//
// (1) Alternatives, none of which begins with another: at most one fits.
//
// (2) A run that is not lazy, and the rest may be empty, and no `$` ends it. Then it matches at every place: the
// longest is the answer.
//
// (3) A run whose class holds no byte of F. A shorter run has a byte of its class behind it, so there the rest could
// only be empty, and only with a `$`, but it is not the end. If the longest does not lead to a match, none does; and if
// it is lazy, no shorter one is the answer either. Units, which are bytes and escaped bytes, are like a run: what
// begins a unit is of its class, and an escape is not.
//
// (3') A fenced run, as `\S+` is in `(\S+):(\d+) `: its class holds no byte with which what is behind the next few
// items may begin, the fence, but all that these items hold; none of them is or has a choice, and where each ends, its
// beginning is known, see below. With (3) for the run and these items together, they reach to where the class ends; and
// back from there nothing is left to choose.
//
// A choice is known as well: its first side is taken if it matches, or else the other. That is the answer where the
// first side cannot be empty, and either the rest matches at every place, or the first side begins with none of the
// bytes with which its other side, and the rest, may begin: where the first side matches, the other one would only
// match an empty text with a `$` behind it, but it is not the end. The same goes for any byte that the first side
// always has, as the second in `(?: a=\d+)?(?: b=\d+)?$`.
//
// Likewise, where an item ends, its beginning is known, if no alternative ends with another, and a run's class holds no
// byte with which that may end which is in front of it: in front of all stands `^`, as `$` does behind.
//
// One run outside of choices, the gap, may be of another kind. All in front of it has known ends. What is behind it is
// one of these:
//
// (4) It ends with `$`, holds no choice and no run with a limit, and has known beginnings, from the end of the text
// back to the gap. Nothing is left to choose: the gap is what lies between.
//
// (5) It has known ends, cannot be empty, and F is one byte b. From the last b within the gap's reach to the first, or
// if it is lazy from the first to the last, the rest is tried; the first success is the answer. For this to take time
// linear in the text, no run of kind (3) behind the gap may hold b (one of kind (2) ends the search). Then of what a
// try passes, only texts and `{n}` can hold a b; they are L bytes at most. So when a run gets to some byte, the try
// began at one of the last L + 1 b's before it: no run passes a byte more than L + 1 times. (A choice passes a byte
// once more for each of its sides.)
//
// In a text without a line feed, `.` is every byte. So (6) a pattern that begins with `.*` and not with `^` matches
// from the text's begin on if it matches at all; and (7) what ends with `.*$` means the same without the `$`. Other
// texts are left to RE2.
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
#include "parsers/pattern_use.h"

namespace tailmeter {

class LoweredPattern {
 public:
  static constexpr std::size_t kMaxSteps = 64;  // of a pattern that is lowered

  // Of a pattern that RE2 accepts. Returns nothing if it cannot be lowered.
  [[nodiscard]] static std::optional<LoweredPattern> from(const PatternTree& tree, PatternUse use);

  // False if `text` is to be left to RE2.
  [[nodiscard]] bool is_for(std::string_view text) const {
    return !needs_one_line_ || text.find('\n') == std::string_view::npos;
  }

  // See Pattern::search(), or matches() if that is its use.
  [[nodiscard]] bool search(std::string_view text, std::span<std::string_view> groups) const;

 private:
  struct Search {
    ByteRange text;
    // Where steps begin, and the last one ends, as far as it has come; null for those of a side that was not taken.
    std::array<const char*, kMaxSteps + 1> places;
  };

  // An item, made ready.
  struct Step {
    enum class Way { kPlain, kChoice, kFenced };

    explicit Step(const PatternItem& item);

    // The end of what fits at `place`, or null.
    [[nodiscard]] const char* end_of(const char* place, const Search& search) const;
    [[nodiscard]] const char* end_of_run(const char* place, const Search& search) const;
    [[nodiscard]] const char* end_of_others(const char* place, const Search& search) const;
    [[nodiscard]] const char* end_of_units(const char* place, const Search& search) const;
    // The beginning, not in front of `floor`, of what fits up to `place`, or null.
    [[nodiscard]] const char* begin_of(const char* floor, const char* place, const Search& search) const;

    PatternItem::Kind kind;
    Way way;
    bool is_one_text;
    bool is_lazy;
    std::size_t least;
    std::size_t most;
    char escape;
    ByteSet escaped;
    std::size_t other;
    std::size_t next;
    std::size_t fence = 0;  // kFenced: the step that begins at the fence
    std::vector<Literal> texts;
    ByteScan scan;
  };

  explicit LoweredPattern(const PatternItems& items);

  // Finds the gap; returns false if the pattern leaves too much to choose.
  [[nodiscard]] bool settle(const PatternItems& items);

  // Goes from the step `first`, which begins at `place`, to `stop`, and returns where that begins, or null.
  [[nodiscard]] const char* walk(std::size_t first, std::size_t stop, const char* place, Search& search) const;
  [[nodiscard]] const char* choose(std::size_t& step, const char* place, Search& search) const;
  [[nodiscard]] const char* pass_fenced(std::size_t& step, const char* place, Search& search) const;
  [[nodiscard]] const char* walk_back(std::size_t run, std::size_t stop, const char* place, Search& search) const;
  [[nodiscard]] bool match_from(std::size_t first, const char* place, Search& search) const;
  [[nodiscard]] bool match_back(Search& search) const;
  [[nodiscard]] bool match_gap(Search& search) const;

  std::vector<Step> steps_;
  std::vector<PatternGroup> groups_;
  bool is_anchored_at_end_;
  bool needs_one_line_ = false;
  std::size_t gap_;         // the number of steps if there is none
  bool goes_back_ = false;  // (4)
  char behind_gap_ = 0;     // (5): the byte b
};

}  // namespace tailmeter
