// Runs one test of a rule file: its lines through its rules, from nothing, against what it expects.
#pragma once

#include <string>
#include <vector>

#include "exporter/cli/rule_files.h"
#include "exporter/lines/line_sink.h"
#include "rules/file/diagnostics.h"
#include "rules/file/rule_file.h"

namespace tailmeter {

// What is not as expected, a line each; empty if the test passes. `file` is the whole rule file, which is right.
[[nodiscard]] std::vector<std::string> run_rule_test(const RuleFileText& file, const TestRule& test);

// Reports what the tests expect and no series could be.
void check_expectations(const std::vector<TestRule>& tests, Diagnostics& diagnostics);

}  // namespace tailmeter
