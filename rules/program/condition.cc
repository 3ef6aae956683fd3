#include "rules/program/condition.h"

#include <algorithm>
#include <cassert>

namespace tailmeter {

std::uint64_t FieldConditions::add(std::vector<Pattern> patterns) {
  assert(conditions_.size() < kMaxConditions);
  conditions_.push_back(std::move(patterns));
  return std::uint64_t{1} << (conditions_.size() - 1);
}

std::uint64_t FieldConditions::examine(const FieldValues& values) {
  const std::string_view value = values[field_];
  if (!has_value(value)) return 0;
  return memo_.of(value, [&](std::string_view text, std::uint64_t& bits) {
    bits = 0;
    for (std::size_t i = 0; i < conditions_.size(); ++i) {
      const bool holds = std::any_of(conditions_[i].begin(), conditions_[i].end(),
                                     [&](const Pattern& pattern) { return pattern.matches(text); });
      if (holds) bits |= std::uint64_t{1} << i;
    }
  });
}

}  // namespace tailmeter
