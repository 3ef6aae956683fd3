// A rule file as it was understood, with every default written out: YAML that loads to the same rules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/file/rule_file.h"

namespace tailmeter {

// A text as a YAML scalar, in quotes, on one line.
[[nodiscard]] std::string yaml_text(std::string_view text);

[[nodiscard]] std::string_view carrier_name(Carrier carrier);

// As `prefix:` takes them: "[docker, ansi]".
[[nodiscard]] std::string prefixes_text(const std::vector<Carrier>& prefixes);

[[nodiscard]] std::string print_rule_file(const RuleFile& file);

// What an entry counts, and into which series: two entries that print alike would count the same of the same lines.
// Leaves out its name, its sources, and what says only how much is kept or shown.
[[nodiscard]] std::string print_meaning(MetricRule metric);

}  // namespace tailmeter
