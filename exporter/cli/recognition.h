// Which preset a log's lines are for, so that a log can be counted before a rule file is written.
//
// The first lines are tried by the formats of all presets. The default preset comes first, so that what it takes is
// counted by the default rules.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/cli/rule_files.h"

namespace tailmeter {

// How much of a log is looked at.
inline constexpr std::size_t kRecognitionLines = 200;
inline constexpr std::size_t kRecognitionBytes = std::size_t{256} * 1024;

struct Recognition {
  std::string preset;  // that takes the most lines; of several the default one, or the one that finds most
  std::string source;  // of the preset, which may have several
  std::size_t lines = 0;
  std::size_t matched = 0;
  std::uint64_t updates = 0;  // that its rules make of these lines, and for how many they look in vain
  std::uint64_t skipped = 0;
  std::string nearest_reason;  // of the first line that it does not take, and where that diverges
  std::string nearest_line;
  std::size_t nearest_offset = 0;

  // Fewer may be noise in a log, or a format that is like another.
  [[nodiscard]] bool is_sure() const { return matched * 10 >= lines * 9; }
};

[[nodiscard]] Recognition recognize(std::span<const std::string> lines);

// The rules for logs that no rule file names, each with the preset that takes its lines. Nothing if one of them has no
// lines yet, or is no file, so that looking at it would take it away. Throws UsageError for a log that no preset takes,
// and WorkError for one that cannot be read.
[[nodiscard]] std::optional<RuleFileText> recognized_rules(const std::vector<std::string>& logs);

}  // namespace tailmeter
