#include <iostream>

#include <fmt/format.h>

#include "exporter/cli/commands.h"
#include "exporter/cli/rule_files.h"
#include "rules/file/print.h"
#include "rules/presets/presets.h"
#include "rules/program/compile.h"

namespace tailmeter {
namespace {

std::string counted(std::size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

bool check(const std::string& path, bool print_config) {
  const RuleFileText file = read_service_rules(path);
  Diagnostics diagnostics(file.name, file.text);
  RuleFile rules = load_rule_file(file.text, diagnostics, {}, links_of(file));
  const std::string printed = print_config && !diagnostics.has_errors() ? print_rule_file(rules) : std::string();
  // A file that is wrong in its shape may still be worth compiling in part, but its messages would be about things that
  // the user has not yet said.
  if (!diagnostics.has_errors()) {
    const std::size_t source_count = rules.sources.size();
    const std::size_t test_count = rules.tests.size();
    const std::unique_ptr<RuleSet> compiled = compile_rules(std::move(rules), diagnostics);
    if (!diagnostics.has_errors()) {
      if (const std::string warnings = diagnostics.warnings(); !warnings.empty()) std::cerr << warnings << '\n';
      if (print_config) {
        std::cout << printed;
      } else {
        std::cout << fmt::format("{}: right: {}, {}, {}\n", file.name, counted(source_count, "source"),
                                 counted(compiled->metrics().size(), "metric"), counted(test_count, "test"));
      }
      return true;
    }
  }
  std::cerr << diagnostics.errors() << '\n';
  return false;
}

int list_presets() {
  for (const Preset& preset : presets()) {
    const std::string_view first_line = preset.text.substr(0, preset.text.find('\n'));
    std::cout << fmt::format("{:<22}{}\n", preset.name, first_line.substr(std::string_view("# ").size()));
  }
  return kExitDone;
}

}  // namespace

int check_command(const Arguments& arguments) {
  if (arguments.list_presets) return list_presets();
  if (arguments.files.empty()) return check("", arguments.print_config) ? kExitDone : kExitUsage;
  bool are_right = true;
  for (const std::string& path : arguments.files) are_right = check(path, arguments.print_config) && are_right;
  return are_right ? kExitDone : kExitUsage;
}

}  // namespace tailmeter
