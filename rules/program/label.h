// One label's value from a line's fields.
//
// The steps, in this order: template; regex with replace; lower; path; map; allow; cleaning and the limit on its
// length. A template none of whose fields has a value skips them and gives `fallback`, or the empty label.
//
// Immutable once made, but for what a PathLearner learns.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parsers/fields.h"
#include "parsers/pattern.h"
#include "rules/program/path_learner.h"
#include "rules/program/path_template.h"
#include "rules/program/template.h"
#include "rules/series/label_text.h"

namespace tailmeter {

struct LabelSteps {
  Template from;
  std::optional<Pattern> regex;
  std::string replace;
  bool lower = false;                                // ASCII letters
  std::vector<PathTemplate> paths;                   // the first match is the value; none makes it kOverflowLabel ...
  PathLearner* learner = nullptr;                    // ... if there is no learner; that of the family's label
  std::vector<std::pair<Pattern, std::string>> map;  // the first match wins; no match leaves the value
  std::vector<Pattern> allow;                        // if any: a value that matches none becomes kOverflowLabel
  std::string fallback;
  std::size_t max_bytes = kDefaultMaxLabelBytes;

  [[nodiscard]] std::string make(const FieldValues& values) const;

 private:
  [[nodiscard]] std::optional<std::string> path_value(std::string_view value) const;
};

}  // namespace tailmeter
