#include "rules/program/extract.h"

#include <algorithm>

namespace tailmeter {

Extraction::Extraction(FieldIndex from, Pattern pattern, std::vector<Target> targets)
    : from_(from),
      pattern_(std::move(pattern)),
      targets_(std::move(targets)),
      memo_(pattern_.is_lowered() ? 1 : kMemoSlots) {
  std::size_t group_count = 0;
  for (const Target& target : targets_) group_count = std::max(group_count, target.group + 1);
  groups_.resize(group_count);
}

bool Extraction::has_all(const FieldValues& values) const {
  return std::all_of(targets_.begin(), targets_.end(),
                     [&](const Target& target) { return has_value(values[target.field]); });
}

void Extraction::run(FieldValues& values) {
  const std::string_view value = values[from_];
  if (!has_value(value) || has_all(values)) return;
  if (pattern_.is_lowered()) {  // to find anew is as fast as to remember
    if (!pattern_.search(value, groups_)) return;
    for (const Target& target : targets_) set(values, target.field, groups_[target.group]);
    return;
  }
  const std::vector<Span>& spans = remembered(value);
  for (std::size_t i = 0; i < spans.size(); ++i) {
    set(values, targets_[i].field, value.substr(spans[i].offset, spans[i].size));
  }
}

void Extraction::set(FieldValues& values, FieldIndex field, std::string_view found) {
  if (!found.empty() && !has_value(values[field])) values.set(field, found);
}

const std::vector<Extraction::Span>& Extraction::remembered(std::string_view value) {
  return memo_.of(value, [&](std::string_view text, std::vector<Span>& found) {
    found.clear();
    if (!pattern_.search(text, groups_)) return;
    for (const Target& target : targets_) {
      const std::string_view group = groups_[target.group];
      const auto offset = group.empty() ? std::ptrdiff_t{0} : group.data() - text.data();
      found.push_back({static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(group.size())});
    }
  });
}

}  // namespace tailmeter
