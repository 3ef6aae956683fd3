// A family as the text formats show it: which families it is there, and which samples a series has in each.
//
// Pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/decimal.h"
#include "rules/series/snapshot.h"

namespace tailmeter {

// Most families are shown as one. A topk is shown as two: the counts, and by how much each may be too high.
struct ShownFamily {
  enum class Part { kValue, kError };
  std::string name;
  std::string help;
  std::string_view type;  // of the text formats: counter, gauge, histogram, summary
  Part part = Part::kValue;
};
[[nodiscard]] std::vector<ShownFamily> shown_families(const FamilyDescription& description);

// About the bytes of all its samples as text, of which each takes so many besides its name and its labels.
[[nodiscard]] std::size_t text_bytes(const FamilySnapshot& family, std::size_t bytes_a_sample);

// A sample's label besides those of its series: le="0.5", quantile="0.99".
struct ExtraLabel {
  std::string_view name;
  std::optional<Decimal> value{};  // nothing: +Inf
};

inline Decimal decimal_of_count(std::uint64_t count) {
  return Decimal::from_nanos(static_cast<Int128>(count) * Decimal::kUnit);
}

// Calls visit(suffix, extra_label, value) for each sample of the series in that row; extra_label is a pointer, null for
// most samples.
template <typename Visit>
void for_each_sample(const FamilySnapshot& family, ShownFamily::Part part, std::uint32_t row, Visit visit) {
  const FamilyDescription& description = family.description();
  constexpr const ExtraLabel* kNone = nullptr;
  if (description.kind == SeriesKind::kHistogram) {
    const HistogramView histogram = family.histogram(row);
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < histogram.count_size; ++i) {
      count += histogram.counts[i];
      const ExtraLabel bound{"le", i < description.bounds.size() ? std::optional(description.bounds[i]) : std::nullopt};
      visit("_bucket", &bound, decimal_of_count(count));
    }
    visit("_sum", kNone, histogram.sum);
    visit("_count", kNone, decimal_of_count(count));
  } else if (description.kind == SeriesKind::kSummary) {
    const std::vector<Decimal> quantiles = family.quantiles(row);
    for (std::size_t i = 0; i < quantiles.size(); ++i) {
      const ExtraLabel quantile{"quantile", description.quantiles[i]};
      visit("", &quantile, quantiles[i]);
    }
    visit("_sum", kNone, family.value(row));
    visit("_count", kNone, decimal_of_count(family.count(row)));
  } else {
    visit("", kNone, part == ShownFamily::Part::kError ? family.error(row) : family.value(row));
  }
}

}  // namespace tailmeter
