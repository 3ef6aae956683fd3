// The rules for logs that no rule file names: of each, the preset that its first lines are for.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "exporter/cli/rule_files.h"

namespace tailmeter {

// How much of a log is looked at.
inline constexpr std::size_t kRecognitionLines = 200;
inline constexpr std::size_t kRecognitionBytes = std::size_t{256} * 1024;

// The rules for logs that no rule file names, each with the preset that takes its lines. Nothing if one of them has no
// lines yet, or is no file, so that looking at it would take it away. Throws UsageError for a log that no preset takes,
// and WorkError for one that cannot be read.
[[nodiscard]] std::optional<RuleFileText> recognized_rules(const std::vector<std::string>& logs);

}  // namespace tailmeter
