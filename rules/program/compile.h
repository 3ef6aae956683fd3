// From a rule file's text to rules in force: every name resolved, every pattern compiled.
//
// Called at load, by one thread.
#pragma once

#include <memory>
#include <string>

#include "rules/file/diagnostics.h"
#include "rules/file/rule_file.h"
#include "rules/program/rule_set.h"

namespace tailmeter {

// What the series of one metric may take at most.
inline constexpr std::size_t kMaxFamilyBytes = std::size_t{256} * 1024 * 1024;

// Mistakes and warnings go to `diagnostics`; the result may be used only if there is no mistake.
[[nodiscard]] std::unique_ptr<RuleSet> compile_rules(RuleFile file, Diagnostics& diagnostics);

// Loads and compiles `text`, which the user calls `name`. Throws RuleFileError.
[[nodiscard]] std::unique_ptr<RuleSet> read_rules(const std::string& name, const std::string& text,
                                                  const RuleFileLinks& links = {});

}  // namespace tailmeter
