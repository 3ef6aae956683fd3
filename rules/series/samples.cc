#include "rules/series/samples.h"

namespace tailmeter {
namespace {

std::string_view type_of(const FamilyDescription& description) {
  switch (description.kind) {
    case SeriesKind::kCounter:
      return "counter";
    case SeriesKind::kDistinct:
      return description.window_ms == 0 ? "counter" : "gauge";
    case SeriesKind::kHistogram:
      return "histogram";
    case SeriesKind::kSummary:
      return "summary";
    case SeriesKind::kGauge:
    case SeriesKind::kRatio:
    case SeriesKind::kTop:
      break;
  }
  return "gauge";
}

}  // namespace

std::vector<ShownFamily> shown_families(const FamilyDescription& description) {
  std::vector<ShownFamily> shown{{description.name, description.help, type_of(description)}};
  if (description.kind == SeriesKind::kTop) {
    shown.push_back({description.name + "_error", "By how much " + description.name + " may be too high.", "gauge",
                     ShownFamily::Part::kError});
  }
  return shown;
}

std::size_t text_bytes(const FamilySnapshot& family, std::size_t bytes_a_sample) {
  const FamilyDescription& description = family.description();
  const std::size_t samples = 1 + description.quantiles.size() + description.bounds.size();
  return samples * (family.rows() * (description.name.size() + bytes_a_sample) + family.label_bytes());
}

}  // namespace tailmeter
