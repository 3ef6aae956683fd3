// Finding and reading the rule file that a command works with.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "exporter/lines/line_sink.h"
#include "rules/program/rule_set.h"

namespace tailmeter {

inline constexpr const char* kConfigPath = "/etc/tailmeter/tailmeter.yml";

struct RuleFileText {
  std::string name;  // as messages call it
  std::string text;
};

// The work cannot be done: a file could not be read. what() is ready to print. Exit with kExitFailed.
class WorkError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The file at `path`; without one, kConfigPath if it is there, else the default preset. Throws WorkError.
[[nodiscard]] RuleFileText read_rule_file(const std::string& path);

// The source that the log at `path` belongs to: `name` if it is not empty, else the one whose patterns the path
// matches, else the one with a pattern that ends in the same file name, else the only one. Throws UsageError.
[[nodiscard]] SourceIndex choose_source(const RuleSet& rules, const std::string& name, const std::string& path);

}  // namespace tailmeter
