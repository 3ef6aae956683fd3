// The unit of a family, which OpenMetrics and protobuf say beside its name.
//
// A pure function; any thread.
#pragma once

#include <array>
#include <string_view>

#include "rules/series/family_description.h"

namespace tailmeter {

// What the rule file says, or a base unit (prometheus.io/docs/practices/naming), where the name ends with it: that of a
// topk's errors does not. "" if there is none. A view into one of them.
[[nodiscard]] inline std::string_view unit_of(std::string_view name, const FamilyDescription& description) {
  constexpr std::array<std::string_view, 9> kBaseUnits{"seconds", "bytes", "ratio",   "meters", "grams",
                                                       "joules",  "volts", "amperes", "celsius"};
  constexpr std::string_view kTotal = "_total";
  if (name.ends_with(kTotal)) name.remove_suffix(kTotal.size());
  if (!description.unit.empty() && name.ends_with(description.unit)) return description.unit;
  const std::string_view last = name.substr(name.rfind('_') + 1);
  if (last == name) return {};
  for (const std::string_view unit : kBaseUnits) {
    if (last == unit) return unit;
  }
  return {};
}

}  // namespace tailmeter
