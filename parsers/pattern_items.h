// Takes a pattern apart, if it is made of no more than this: `^`, then items, then maybe `$`.
//
// An item is a byte or a class (`.`, `\d`, `[^/]`), either with `*`, `+` or `{n}`; a group of items; or a group of
// alternatives that are plain text, as in `(blobs|manifests)`. All of it means what it means to RE2.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/byte_set.h"

namespace tailmeter {

// `bytes` is not empty.
[[nodiscard]] char first_byte(const ByteSet& bytes);

struct PatternItem {
  enum class Kind {
    kTexts,  // one of `texts`; plain text is one alternative
    kBytes,  // `count` of `bytes`
    kRun,    // any number of `bytes`, `count` at least
  };

  Kind kind = Kind::kTexts;
  std::vector<std::string> texts{};  // in the order in which they are tried
  ByteSet bytes{};
  std::size_t count = 0;
};

// A group reaches from where one item begins to where another does; the index of the latter may be that behind the
// last.
struct PatternGroup {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct PatternItems {
  std::vector<PatternItem> items;
  std::vector<PatternGroup> groups;  // in the order of their opening brackets
  bool is_anchored_at_end = false;
};

// `pattern` is one that RE2 accepts. Returns nothing if it is made of more.
[[nodiscard]] std::optional<PatternItems> read_pattern_items(std::string_view pattern);

}  // namespace tailmeter
