#include "rules/series/cells.h"

#include "rules/series/exemplar.h"
#include "rules/sketch/exponential_buckets.h"
#include "rules/sketch/hyper_log_log.h"

namespace tailmeter {

namespace {

// A window's slices are of whole milliseconds.
SlidingWindow window_of(const FamilyDescription& family, std::size_t sketch_cells) {
  const auto slices = static_cast<std::int64_t>(kDefaultWindowSlices);
  return SlidingWindow({.window_ms = family.window_ms / slices * slices, .sketch_cells = sketch_cells});
}

}  // namespace

CellLayout::CellLayout(const FamilyDescription& family) {
  switch (family.kind) {
    case SeriesKind::kCounter:
    case SeriesKind::kGauge:
      size = kDecimalCells;
      break;
    case SeriesKind::kHistogram:
      size = kDecimalCells + family.bounds.size() + 1;
      if (family.native) {
        native = size;
        size += exponential_cells(family.native->max_buckets);
      }
      if (family.exemplar_label.empty()) break;
      exemplars = size;
      size += (family.bounds.size() + 1) * kExemplarCells;
      break;
    case SeriesKind::kSummary:
      count = kDecimalCells;
      slices = count + 1;
      window = window_of(family, exponential_cells(kSummaryResolution.max_buckets));
      size = slices + window->cells();
      break;
    case SeriesKind::kRatio:
      window = window_of(family, 2 * kDecimalCells);
      size = window->cells();
      break;
    case SeriesKind::kDistinct:
      size = hyper_log_log_cells(kDefaultDistinctPrecision);
      if (family.window_ms == 0) break;
      window = window_of(family, size);
      size = window->cells();
      break;
    case SeriesKind::kTop:
      size = 2 * kDecimalCells;
      break;
  }
  if (family.ttl_ms != 0) last_used = size++;
}

}  // namespace tailmeter
