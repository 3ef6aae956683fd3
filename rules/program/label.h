// One label's value from a line's fields.
//
// The steps, in this order: template; regex with replace; lower; map; allow; cleaning and the limit on its length. A
// template none of whose fields has a value skips them and gives `fallback`, or the empty label.
//
// Immutable once made.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "parsers/fields.h"
#include "parsers/pattern.h"
#include "rules/program/template.h"
#include "rules/series/label_text.h"

namespace tailmeter {

struct LabelSteps {
  Template from;
  std::optional<Pattern> regex;
  std::string replace;
  bool lower = false;                                // ASCII letters
  std::vector<std::pair<Pattern, std::string>> map;  // the first match wins; no match leaves the value
  std::vector<Pattern> allow;                        // if any: a value that matches none becomes kOverflowLabel
  std::string fallback;
  std::size_t max_bytes = kDefaultMaxLabelBytes;

  [[nodiscard]] std::string make(const FieldValues& values) const;
};

}  // namespace tailmeter
