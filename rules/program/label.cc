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
  const auto mapped =
      std::find_if(map.begin(), map.end(), [&](const auto& entry) { return entry.first.matches(value); });
  if (mapped != map.end()) value = mapped->second;
  const bool is_allowed = allow.empty() || std::any_of(allow.begin(), allow.end(),
                                                       [&](const Pattern& pattern) { return pattern.matches(value); });
  return is_allowed ? clean_label_value(value, max_bytes) : std::string(kOverflowLabel);
}

}  // namespace tailmeter
