#include <algorithm>
#include <iostream>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "exporter/cli/commands.h"
#include "exporter/cli/rule_files.h"
#include "exporter/cli/rule_test.h"
#include "exporter/web/access/web_settings.h"
#include "parsers/clean_text.h"
#include "rules/file/print.h"
#include "rules/presets/presets.h"
#include "rules/program/compile.h"
#include "rules/program/unmatchable.h"

namespace tailmeter {
namespace {

std::string counted(std::size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

constexpr std::size_t kWholeText = 1 << 20;  // as much as a rule file holds

// One line for each pattern, in the form that editors jump to.
std::string engines_text(const std::string& name, const RuleSet& rules) {
  std::string text;
  std::vector<SourceProgram::PatternEngine> engines;
  for (const RuleSet::Source& source : rules.sources()) {
    const auto& more = source.program->engines();
    engines.insert(engines.end(), more.begin(), more.end());
  }
  std::stable_sort(engines.begin(), engines.end(), [](const auto& a, const auto& b) {
    return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
  });
  for (const SourceProgram::PatternEngine& engine : engines) {
    const std::string line = fmt::format("{}:{}:{}: {}: {}: {}", name, engine.place.line, engine.place.column,
                                         engine.where, engine.engine, engine.pattern);
    text += clean_text(line, kWholeText) + '\n';
  }
  return text;
}

bool check(const std::string& path, const Arguments& arguments) {
  const bool print_config = arguments.print_config;
  const RuleFileText file = read_service_rules(path);
  Diagnostics diagnostics(file.name, file.text);
  RuleFile rules = load_rule_file(file.text, diagnostics, {}, links_of(file));
  const std::string printed = print_config && !diagnostics.has_errors() ? print_rule_file(rules) : std::string();
  // A file that is wrong in its shape may still be worth compiling in part, but its messages would be about things that
  // the user has not yet said.
  if (!diagnostics.has_errors()) check_expectations(rules.tests, diagnostics);
  if (!diagnostics.has_errors()) {
    const std::size_t source_count = rules.sources.size();
    const std::size_t test_count = rules.tests.size();
    warn_of_unmatchable(rules, diagnostics);
    const std::unique_ptr<RuleSet> compiled = compile_rules(std::move(rules), diagnostics);
    if (!diagnostics.has_errors()) {
      if (const std::string warnings = diagnostics.warnings(); !warnings.empty()) std::cerr << warnings << '\n';
      for (const RuleSet::Source& source : compiled->sources()) {
        for (const std::string& note : source.notes) std::cerr << fmt::format("{}: {}\n", file.name, note);
      }
      if (print_config) {
        std::cout << printed;
      } else if (arguments.patterns) {
        std::cout << engines_text(file.name, *compiled);
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

bool check_web_config(const std::string& path) {
  try {
    FileStamps stamps;
    const WebSettings settings = read_web_settings(path, stamps);
    if (!settings.warnings.empty()) std::cerr << settings.warnings << '\n';
    std::cout << fmt::format("{}: right: {}, {}, {}\n", path, settings.config.tls ? "TLS" : "no TLS",
                             counted(settings.config.users.size(), "user"),
                             counted(settings.config.headers.size(), "header"));
    return true;
  } catch (const RuleFileError& error) {
    std::cerr << error.what() << '\n';
    return false;
  }
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
  const bool checks_web = !arguments.web_config_file.empty();
  if (!checks_web && arguments.files.empty()) return check("", arguments) ? kExitDone : kExitUsage;
  bool are_right = !checks_web || check_web_config(arguments.web_config_file);
  for (const std::string& path : arguments.files) are_right = check(path, arguments) && are_right;
  return are_right ? kExitDone : kExitUsage;
}

}  // namespace tailmeter
