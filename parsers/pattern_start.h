// Where in a text a match may begin, and which texts hold none: found without an automaton.
//
// A pattern such as `(?:^|[ ,])image=([^ ,]+)` matches only where "image=" stands; to look for it by memmem(3), and to
// look only there for the rest, which is anchored then, is many times faster than RE2's search, which takes every byte
// through two automata and then looks for the groups.
//
// A pattern `G T R` is meant, where the guard G is nothing, `\b`, or `(?:^|C)` with a class C; the text T is bytes as
// they are; and R is any. G and T may not both be empty. Matches that begin further to the left come first, and so do
// those at T's places: a guard is one byte at most. (With `^` and with a byte of C a match may begin at the text's
// first byte; `^` is the alternative that comes first, and its T the one further to the left.)
//
// Immutable; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "parsers/byte_set.h"
#include "parsers/pattern_tree.h"

namespace tailmeter {

class PatternStart {
 public:
  // Returns nothing if the pattern is not of this form.
  [[nodiscard]] static std::optional<PatternStart> from(const PatternTree& tree);

  // The first place from `from` on where T begins and G holds in front of it, or npos. The text may be looked through
  // from place to place: that takes time linear in its size.
  [[nodiscard]] std::size_t find(std::string_view text, std::size_t from) const;

  // In the words of `tailmeter check --patterns`: `from "image="`.
  [[nodiscard]] std::string description() const;

  // Where in the pattern T begins, or R if T is empty.
  [[nodiscard]] std::size_t offset() const { return offset_; }

 private:
  enum class Guard { kNone, kWordEdge, kBeginOrByte };

  [[nodiscard]] bool holds(std::string_view text, std::size_t place) const;

  Guard guard_ = Guard::kNone;
  ByteSet bytes_{};   // C
  std::string text_;  // T
  std::size_t offset_ = 0;
};

// The longest text that is in every text that the pattern matches; "" if none is known.
[[nodiscard]] std::string required_text(const PatternTree& tree);

// The first place from `from` on where `wanted`, which is not empty, stands in `text`, or npos: faster than
// std::string_view::find().
[[nodiscard]] std::size_t find_text(std::string_view text, std::string_view wanted, std::size_t from);

}  // namespace tailmeter
