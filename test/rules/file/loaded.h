// A rule file from a test's raw string, and what is said about it.
#pragma once

#include <string>
#include <string_view>

#include "rules/file/rule_file.h"

namespace tailmeter {

struct Loaded {
  RuleFile rules;
  std::string errors;
};

// A raw string may begin with a newline, so that the file's first line stands at its margin.
inline std::string without_first_newline(std::string_view text) {
  if (text.starts_with('\n')) text.remove_prefix(1);
  return std::string(text);
}

inline Loaded load(std::string_view raw_text, const RuleFileLimits& limits = {}) {
  const std::string text = without_first_newline(raw_text);
  Diagnostics diagnostics("t.yml", text);
  RuleFile rules = load_rule_file(text, diagnostics, limits);
  return {std::move(rules), diagnostics.errors()};
}

}  // namespace tailmeter
