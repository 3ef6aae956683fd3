#include <iostream>

#include <fmt/format.h>

#include "exporter/cli/commands.h"
#include "exporter/cli/rule_files.h"
#include "exporter/cli/rule_test.h"

namespace tailmeter {
namespace {

struct Totals {
  int passed = 0;
  int failed = 0;
};

void run_tests_of(const std::string& path, Totals& totals) {
  const RuleFileText file = read_service_rules(path);
  const std::unique_ptr<RuleSet> rules = read_rules(file);
  if (rules->tests().empty()) std::cout << fmt::format("{} has no tests\n", file.name);
  for (const TestRule& test : rules->tests()) {
    const std::vector<std::string> differences = run_rule_test(file, test);
    ++(differences.empty() ? totals.passed : totals.failed);
    std::cout << fmt::format("{} - {}\n", differences.empty() ? "ok" : "not ok", test.name.value);
    for (const std::string& difference : differences) {
      std::cout << fmt::format("    {}:{}: {}\n", file.name, test.name.place.line, difference);
    }
  }
}

}  // namespace

int test_command(const Arguments& arguments) {
  Totals totals;
  if (arguments.files.empty()) run_tests_of("", totals);
  for (const std::string& path : arguments.files) run_tests_of(path, totals);
  std::cout << fmt::format("{} passed, {} failed\n", totals.passed, totals.failed);
  return totals.failed == 0 ? kExitDone : kExitFailed;
}

}  // namespace tailmeter
