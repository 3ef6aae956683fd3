#include "exporter/web/exposition/own_families.h"

#include <cassert>
#include <string>

#include "rules/series/label_rows.h"
#include "rules/series/label_text.h"

namespace tailmeter {
namespace {

FamilySnapshot snapshot_of(const prometheus::MetricFamily& family) {
  const bool is_counter = family.type == prometheus::MetricType::Counter;
  assert(is_counter || family.type == prometheus::MetricType::Gauge);
  auto description = std::make_shared<FamilyDescription>();
  description->name = family.name;
  description->help = family.help;
  description->kind = is_counter ? SeriesKind::kCounter : SeriesKind::kGauge;
  LabelRows rows;
  std::vector<std::uint64_t> cells;
  std::vector<std::string> names;
  std::vector<std::string> values;
  for (const prometheus::ClientMetric& metric : family.metric) {
    names.clear();
    values.clear();
    for (const auto& label : metric.label) {
      names.push_back(label.name);
      values.push_back(clean_label_value(label.value));
    }
    rows.append(render_labels(names, values), kUnknownCreation);
    const double value = is_counter ? metric.counter.value : metric.gauge.value;
    cells.resize(cells.size() + kDecimalCells);
    store_decimal(&cells[cells.size() - kDecimalCells], Decimal::nearest(value));
  }
  const CellLayout layout(*description);
  return {std::move(description), rows.column(), layout, std::move(cells), 0};
}

}  // namespace

Snapshot snapshot_of(const std::vector<prometheus::MetricFamily>& families) {
  Snapshot snapshot;
  for (const prometheus::MetricFamily& family : families) snapshot.push_back(snapshot_of(family));
  return snapshot;
}

}  // namespace tailmeter
