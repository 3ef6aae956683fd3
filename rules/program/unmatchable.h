// Warnings of conditions that no line can meet, as far as it can be proven cheaply: the values of $event, which the
// format lists, of $source, and of an access log's $status, which is a number.
//
// Called by who checks a rule file, not by who runs it.
#pragma once

#include "rules/file/diagnostics.h"
#include "rules/file/rule_file.h"

namespace tailmeter {

// `file` was loaded without a mistake. Patterns that are wrong are passed over: compile_rules() reports them.
void warn_of_unmatchable(const RuleFile& file, Diagnostics& diagnostics);

}  // namespace tailmeter
