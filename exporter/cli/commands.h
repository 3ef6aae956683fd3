// The commands, one .cc each. Each returns the program's exit code and writes to the standard streams.
//
// They throw UsageError, WorkError and RuleFileError, which main() prints.
#pragma once

#include "exporter/cli/arguments.h"

namespace tailmeter {

[[nodiscard]] int run_command(const Arguments& arguments);
[[nodiscard]] int dry_run_command(const Arguments& arguments);
[[nodiscard]] int check_command(const Arguments& arguments);
[[nodiscard]] int test_command(const Arguments& arguments);
[[nodiscard]] int init_command(const Arguments& arguments);
[[nodiscard]] int state_command(const Arguments& arguments);

}  // namespace tailmeter
