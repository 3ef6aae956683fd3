// The text of a rule file, or of another file that an operator writes, as a tree of texts, lists and mappings, each
// with its place.
//
// The only place that knows yaml-cpp. What such a file may hold is a part of YAML: one document, UTF-8, every scalar is
// its text (no, 010 and 1.50 stay as they are written), no key twice, no anchors, aliases, merge keys or tags, no key
// or element without a value. So a file cannot mean something else than its author sees, and cannot grow when it is
// read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/file/diagnostics.h"
#include "rules/file/rule_file.h"

namespace tailmeter {

struct DocumentNode {
  enum class Kind { kNothing, kScalar, kList, kMapping };  // kNothing is reported already
  struct Entry;

  Kind kind = Kind::kNothing;
  Place place;
  std::string text;                    // kScalar
  std::vector<DocumentNode> elements;  // kList
  std::vector<Entry> entries;          // kMapping, in the order of the file
};

struct DocumentNode::Entry {
  Text key;
  DocumentNode value;
};

enum class EmptyDocument { kIsWrong, kIsMapping };

// The document in `text`. Mistakes go to `diagnostics`; nothing is returned if the text cannot be read to its end. One
// without content, or of comments alone, is a mistake or a mapping without keys.
[[nodiscard]] std::optional<DocumentNode> read_document(std::string_view text, Diagnostics& diagnostics,
                                                        const RuleFileLimits& limits,
                                                        EmptyDocument empty = EmptyDocument::kIsWrong);

}  // namespace tailmeter
