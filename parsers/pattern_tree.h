// What a pattern's text says, as a tree: for those who want to know more of a pattern than whether it matches.
//
// It knows most of RE2's syntax, and means by it what RE2 means on bytes.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "parsers/byte_set.h"

namespace tailmeter {

struct PatternNode {
  enum class Kind {
    kBytes,         // one byte of `bytes`
    kSequence,      // all of `parts`, one behind the other
    kAlternatives,  // one of `parts`, the first that lets the rest match
    kRepeat,        // parts[0], `least` to `most` times
    kGroup,         // parts[0], whose text is asked for
    kTextBegin,     // nothing, where the text begins
    kTextEnd,       // nothing, where it ends
    kWordEdge,      // nothing, where of the bytes before and behind one belongs to a word
    kNoWordEdge,    // nothing, elsewhere
  };
  static constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

  Kind kind = Kind::kSequence;
  ByteSet bytes{};
  std::vector<PatternNode> parts{};
  std::size_t least = 0;
  std::size_t most = 0;
  bool is_lazy = false;    // of a repeat: the fewest that let the rest match
  std::size_t offset = 0;  // in the pattern's text
};

struct PatternTree {
  PatternNode root;
  bool has_flags = false;  // a part of the text, taken alone, may mean something else: (?i)
};

// The bytes that `.` stands for.
[[nodiscard]] ByteSet dot_bytes();

// `bytes` is not empty.
[[nodiscard]] char first_byte(const ByteSet& bytes);

// `pattern` is one that RE2 accepts. Returns nothing if it is made of more.
[[nodiscard]] std::optional<PatternTree> read_pattern_tree(std::string_view pattern);

}  // namespace tailmeter
