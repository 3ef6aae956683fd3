#include "rules/program/label.h"

#include <algorithm>

namespace tailmeter {

std::string LabelSteps::make(const FieldValues& values) const {
  std::string value;
  if (!from.render(values, value)) return clean_label_value(fallback, max_bytes);
  if (regex) {
    std::string replaced;
    if (regex->replace(value, replace, replaced)) value = std::move(replaced);
  }
  if (lower) {
    std::transform(value.begin(), value.end(), value.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  }
  if (!paths.empty() || learner != nullptr) {
    std::optional<std::string> path = path_value(value);
    if (!path) return std::string(kOverflowLabel);
    value = std::move(*path);
  }
  const auto mapped =
      std::find_if(map.begin(), map.end(), [&](const auto& entry) { return entry.first.matches(value); });
  if (mapped != map.end()) value = mapped->second;
  const bool is_allowed = allow.empty() || std::any_of(allow.begin(), allow.end(),
                                                       [&](const Pattern& pattern) { return pattern.matches(value); });
  // What a client sends is never the series that stands for others that are gone.
  return is_allowed && value != kExpiredLabel ? clean_label_value(value, max_bytes) : std::string(kOverflowLabel);
}

std::optional<std::string> LabelSteps::path_value(std::string_view value) const {
  const std::string_view path = value.substr(0, value.find('?'));
  const auto matching =
      std::find_if(paths.begin(), paths.end(), [&](const PathTemplate& candidate) { return candidate.matches(path); });
  if (matching != paths.end()) return matching->text();
  return learner != nullptr ? std::optional(learner->learn(path)) : std::nullopt;
}

}  // namespace tailmeter
