// Tells the operator, in the log, what happens to the inputs.
#pragma once

#include "exporter/input/inputs.h"
#include "rules/program/rule_set.h"

namespace tailmeter {

void report_input(const RuleSet& rules, const InputNews& news);

}  // namespace tailmeter
