#include "rules/program/field_table.h"

#include <algorithm>

namespace tailmeter {

FieldIndex FieldTable::add(std::string_view name) {
  if (const auto found = find(name)) return *found;
  names_.emplace_back(name);
  used_.push_back(false);
  return static_cast<FieldIndex>(names_.size() - 1);
}

std::optional<FieldIndex> FieldTable::find(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) return std::nullopt;
  return static_cast<FieldIndex>(found - names_.begin());
}

}  // namespace tailmeter
