// The rules that `run` follows and serves: as they are read at the start, and anew for each reload.
//
// The loader of a reload is called by the loop thread.
#pragma once

#include <string>
#include <vector>

#include "exporter/cli/arguments.h"
#include "exporter/cli/recognized_rules.h"
#include "exporter/cli/rule_files.h"
#include "exporter/counting.h"

namespace tailmeter {

// The rule file, also one that is made of nginx's configuration, or of what LOG... were recognized as, which is kept in
// `known` for the next time. Throws WorkError and UsageError.
[[nodiscard]] RuleFileText read_running_file(const Arguments& arguments, RecognizedLogs& known);

// Its rules, compiled, and what they read: what the file names, or LOG... in place of that. Throws RuleFileError, and
// UsageError for a LOG that belongs to no source.
[[nodiscard]] LoadedRules load_rules(const RuleFileText& file, const Arguments& arguments);

// One text for each input, with all that a reload cannot change.
[[nodiscard]] std::vector<std::string> describe_inputs(const LoadedRules& loaded);

// All of this anew, and the tests in the file run. Inputs are opened at the start only: other ones than `inputs`, as
// described then, are refused. Throws RuleFileError; WorkError or UsageError if there is no file to read.
[[nodiscard]] LoadedRules reload_rules(const Arguments& arguments, const std::vector<std::string>& inputs,
                                       RecognizedLogs& known);

}  // namespace tailmeter
