// A rule file as it was understood, with every default written out: YAML that loads to the same rules.
#pragma once

#include <string>

#include "rules/file/rule_file.h"

namespace tailmeter {

[[nodiscard]] std::string print_rule_file(const RuleFile& file);

}  // namespace tailmeter
