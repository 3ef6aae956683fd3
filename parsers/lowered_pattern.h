// Searches with a pattern that leaves little to choose, without an automaton: some twenty times faster than RE2.
//
// What is right is defined by RE2, of which this understands a part: `^`, then items, then maybe `$`. An item is a
// byte, a class (`.`, `\d`, `[^/]`), either of them with `*`, `+` or `{n}`, a group of items, or a group of
// alternatives that are plain text, `(blobs|manifests)`. Whatever else a pattern has, it is not lowered; nor is one
// that leaves more to choose than the following. RE2's answer is the one that backtracking finds first: of a run (`*`,
// `+`) the longest, of alternatives the first. Let R be a run that begins at some place, "the rest" all that follows it
// in the pattern, and F the bytes with which a text that the rest matches may begin.
//
// (1) The rest may be empty, and no `$` ends it. Then it matches at every place: the longest R is the answer.
//
// (2) R's class holds no byte of F. A shorter R has a byte of its class behind it, so there the rest could only be
//     empty, and only with a `$`, but it is not the end. If the longest R does not lead to a match, none does.
//
// (3) The rest cannot be empty, and F is one byte b. R is then called the gap; a pattern has one at most. It ends in
//     front of a b. From the last b within its reach to the first, the rest is tried; the first success is the answer.
//     For this to take time linear in the text, no run of kind (2) behind the gap may hold b (one of kind (1) ends the
//     search). Then whatever a try passes holds a b only where items of fixed size have passed it, say L bytes in all.
//     When a run gets to some byte, the try began at one of the last L + 1 b's before it: a run passes no byte more
//     than L + 1 times.
//
// (4) If no alternative begins with another one of its group, at most one fits. Else they are tried in order, as for
//     (blobs/uploads|blobs); a pattern has one such group at most, so its alternatives multiply the time just once.
//
// Immutable; any thread.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tailmeter {

class LoweredPattern {
 public:
  static constexpr std::size_t kMaxSteps = 64;  // of a pattern that is lowered

  // `text` is a pattern that RE2 accepts. Returns nothing if it cannot be lowered.
  [[nodiscard]] static std::optional<LoweredPattern> from(std::string_view text);

  // See Pattern::search().
  [[nodiscard]] bool search(std::string_view text, std::span<std::string_view> groups) const;

  // One step of a search, from a place in the text to the next.
  struct Step {
    enum class Kind {
      kTexts,  // one of `texts`; plain text is one alternative
      kBytes,  // `count` bytes of a class
      kRun,    // all bytes of a class that come, `count` at least; kinds (1) and (2)
      kGap,    // kind (3)
    };

    Kind kind;
    std::size_t count = 0;
    std::size_t group = 0;             // from 0
    std::vector<std::string> texts{};  // in the order in which they are tried
    bool is_ambiguous = false;         // kTexts: one begins with another
    std::bitset<256> bytes{};          // the class
    std::optional<char> only_other{};  // the one byte that the class does not hold, if it is one
    char next = 0;                     // kGap: the byte that follows
  };

  // A group reaches from the place where one step begins to that of another; behind the last step is the match's end.
  struct Group {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

 private:
  struct Search {
    const char* end;                                // of the text
    std::array<const char*, kMaxSteps + 1> places;  // where the steps begin, as far as they have been reached
  };

  LoweredPattern() = default;

  // Settles how each step is done; returns false if the pattern leaves too much to choose.
  [[nodiscard]] bool lower();

  // Does the steps from the given one on, which begins at `place`.
  [[nodiscard]] bool match_from(std::size_t first, const char* place, Search& search) const;
  [[nodiscard]] bool match_ambiguous(std::size_t index, const char* place, Search& search) const;
  [[nodiscard]] bool match_gap(std::size_t index, const char* place, Search& search) const;

  std::vector<Step> steps_;
  std::vector<Group> groups_;
  bool is_anchored_at_end_ = false;
};

}  // namespace tailmeter
