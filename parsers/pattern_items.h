// A pattern as a row of items, one behind the other, if it can be one.
//
// An item is a text, or one of several; a number of bytes of a class, or of those and of escaped ones; or a choice
// between rows of items, of which an optional group is the one with an empty other side.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "parsers/byte_set.h"
#include "parsers/pattern_tree.h"

namespace tailmeter {

struct PatternItem {
  enum class Kind {
    kTexts,   // one of `texts`; plain text is one alternative
    kBytes,   // `least` of `bytes`
    kRun,     // `least` to `most` of `bytes`: the most, or if it is lazy the fewest, that let the rest match
    kUnits,   // `least` or more units, each one of `bytes`, or `escape` with one of `escaped` behind it
    kChoice,  // the items behind it, as far as `other`; or else what begins at `other`
  };

  Kind kind = Kind::kTexts;
  std::vector<std::string> texts{};  // in the order in which they are tried
  ByteSet bytes{};
  std::size_t least = 0;
  std::size_t most = 0;
  bool is_lazy = false;
  char escape = 0;  // none of `bytes`
  ByteSet escaped{};
  std::size_t other = 0;
  std::size_t next = 0;         // what follows the item, and all that it chooses from
  bool is_in_a_choice = false;  // on one of its sides
};

// A group reaches from where one item begins to where another does; the index of the latter may be that behind the
// last.
struct PatternGroup {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct PatternItems {
  std::vector<PatternItem> items{};
  std::vector<PatternGroup> groups{};  // in the order of their opening brackets
  bool is_anchored_at_begin = false;
  bool is_anchored_at_end = false;
};

// Returns nothing if the pattern is no row.
[[nodiscard]] std::optional<PatternItems> pattern_items(const PatternTree& tree);

}  // namespace tailmeter
