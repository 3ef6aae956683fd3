// Searches with a pattern that leaves little to choose, without an automaton: ten to thirty times faster than RE2.
//
// What is right is defined by RE2, whose answer is the one that backtracking finds first: of a run (`*`, `+`) the
// longest, of alternatives the first. A pattern is lowered if it is made of the items in pattern_items.h, and leaves no
// more to choose than the following. Let R be a run that begins at some place, "the rest" all that follows it in the
// pattern, and F the bytes with which a text that the rest matches may begin.
//
// (1) The rest may be empty, and no `$` ends it. Then it matches at every place: the longest R is the answer.
//
// (2) R's class holds no byte of F. A shorter R has a byte of its class behind it, so there the rest could only be
//     empty, and only with a `$`, but it is not the end. If the longest R does not lead to a match, none does.
//
// (3) The rest cannot be empty, and F is one byte b. R is then called the gap; a pattern has one at most. It ends in
//     front of a b. From the last b within its reach to the first, the rest is tried; the first success is the answer.
//     For this to take time linear in the text, no run of kind (2) behind the gap may hold b (one of kind (1) ends the
//     search). Then of what a try passes, only texts and `{n}` can hold a b; they are L bytes at most. So when a run
//     gets to some byte, the try began at one of the last L + 1 b's before it: no run passes a byte more than L + 1
//     times.
//
// (4) If no alternative begins with another one of its group, at most one fits. Else they are tried in order, as for
//     (blobs/uploads|blobs); a pattern has one such group at most, so its alternatives multiply the time just once.
//
// Immutable; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

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
  // An item, and how it is done.
  struct Step {
    enum class Way {
      kTexts,           // the first text that fits
      kAmbiguousTexts,  // (4): one text after the other
      kBytes,
      kRun,  // (1), (2): as far as it goes
      kGap,  // (3)
    };

    // Behind the first text that is at `place`, or null.
    [[nodiscard]] const char* behind_text(const char* place, const char* end) const;
    // The longest sequence of bytes of the item's set that begins at `begin`.
    [[nodiscard]] const char* end_of_run(const char* begin, const char* end) const;

    PatternItem item;
    Way way = Way::kTexts;
    std::optional<char> only_other{};  // the byte that the item's set does not hold, if it is one
    char next = 0;                     // kGap: the byte b
  };

  // What follows a step, while the steps are made from the last to the first.
  struct Rest;

  struct Search {
    const char* end;                                // of the text
    std::array<const char*, kMaxSteps + 1> places;  // where steps begin, and the last one ends, as far as it has come
  };

  explicit LoweredPattern(PatternItems&& items);

  // Settles the ways; returns false if the pattern leaves too much to choose.
  [[nodiscard]] bool settle();

  // Does the steps from the given one on, which begins at `place`.
  [[nodiscard]] bool match_from(std::size_t first, const char* place, Search& search) const;
  [[nodiscard]] bool match_ambiguous(std::size_t index, const char* place, Search& search) const;
  [[nodiscard]] bool match_gap(std::size_t index, const char* place, Search& search) const;

  std::vector<Step> steps_;
  std::vector<PatternGroup> groups_;
  bool is_anchored_at_end_;
};

}  // namespace tailmeter
