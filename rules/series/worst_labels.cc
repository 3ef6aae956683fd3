#include "rules/series/worst_labels.h"

#include <algorithm>
#include <map>
#include <unordered_set>

#include "rules/series/label_text.h"

namespace tailmeter {
namespace {

WorstLabel worst_label(const FamilySnapshot& family) {
  const FamilyDescription& description = family.description();
  WorstLabel worst{.metric = description.name, .max_series = description.max_series};
  std::map<std::string, std::unordered_set<std::string>> values;
  family.for_each_kept([&](std::string_view labels, std::uint32_t) {
    ++worst.series;
    for (auto& [name, value] : parse_labels(labels)) values[name].insert(std::move(value));
  });
  for (const auto& [label, different] : values) {
    if (different.size() <= worst.values) continue;
    worst.label = label;
    worst.values = different.size();
  }
  return worst;
}

}  // namespace

std::vector<WorstLabel> worst_labels(const Snapshot& snapshot) {
  std::vector<WorstLabel> worst;
  for (const FamilySnapshot& family : snapshot) {
    if (!family.description().label_names.empty()) worst.push_back(worst_label(family));
  }
  std::stable_sort(worst.begin(), worst.end(),
                   [](const WorstLabel& left, const WorstLabel& right) { return left.series > right.series; });
  return worst;
}

}  // namespace tailmeter
