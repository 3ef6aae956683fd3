#include "rules/series/snapshot.h"

#include <cmath>

#include "rules/sketch/hyper_log_log.h"

namespace tailmeter {
namespace {

Decimal distinct_of(std::span<const std::uint64_t> registers) {
  return Decimal::nearest(std::round(estimate_distinct(registers, kDefaultDistinctPrecision)));
}

}  // namespace

FamilySnapshot::FamilySnapshot(std::shared_ptr<const FamilyDescription> description,
                               std::shared_ptr<const LabelColumn> labels, const CellLayout& layout,
                               std::vector<std::uint64_t> cells, std::int64_t taken_ms)
    : description_(std::move(description)),
      labels_(std::move(labels)),
      layout_(layout),
      cells_(std::move(cells)),
      taken_ms_(taken_ms) {}

std::size_t FamilySnapshot::label_bytes() const {
  std::size_t bytes = 0;
  for (const std::string_view text : labels_->texts) bytes += text.size();
  return bytes;
}

Decimal FamilySnapshot::measured_value(std::uint32_t row) const {
  return description_->kind == SeriesKind::kRatio ? ratio(row).value_or(Decimal{}) : distinct(row);
}

Decimal FamilySnapshot::error(std::uint32_t row) const {
  return load_decimal(&cells(row)[kDecimalCells]);
}

HistogramView FamilySnapshot::histogram(std::uint32_t row) const {
  const std::uint64_t* const cell = cells(row).data();
  return {.counts = cell + kDecimalCells, .count_size = description_->bounds.size() + 1, .sum = load_decimal(cell)};
}

std::optional<ExponentialView> FamilySnapshot::native(std::uint32_t row) const {
  if (!description_->native) return std::nullopt;
  return view_exponential(cells(row).subspan(layout_.native, exponential_cells(description_->native->max_buckets)));
}

std::optional<Exemplar> FamilySnapshot::exemplar(std::uint32_t row, std::size_t bucket) const {
  if (layout_.exemplars == 0) return std::nullopt;
  return load_exemplar(&cells(row)[layout_.exemplars + bucket * kExemplarCells]);
}

std::uint64_t FamilySnapshot::count(std::uint32_t row) const {
  return cells(row)[layout_.count];
}

std::vector<Decimal> FamilySnapshot::quantiles(std::uint32_t row) const {
  std::vector<std::uint64_t> all(exponential_cells(kSummaryResolution.max_buckets));
  layout_.window->for_each_valid(slices(row), taken_ms_,
                                 [&](std::span<const std::uint64_t> slice) { merge_exponential(all, slice); });
  const ExponentialView view = view_exponential(all);
  std::vector<Decimal> values;
  for (const Decimal q : description_->quantiles) {
    const double value = quantile(view, q.to_double());
    if (std::isnan(value)) return {};
    values.push_back(Decimal::nearest(value));
  }
  return values;
}

std::optional<Decimal> FamilySnapshot::ratio(std::uint32_t row) const {
  Decimal hits;
  Decimal all;
  layout_.window->for_each_valid(slices(row), taken_ms_, [&](std::span<const std::uint64_t> slice) {
    hits += load_decimal(&slice[0]);
    all += load_decimal(&slice[kDecimalCells]);
  });
  if (all == Decimal{}) return std::nullopt;
  return Decimal::nearest(hits.to_double() / all.to_double());
}

Decimal FamilySnapshot::distinct(std::uint32_t row) const {
  if (description_->window_ms == 0)
    return distinct_of(cells(row).first(hyper_log_log_cells(kDefaultDistinctPrecision)));
  std::vector<std::uint64_t> all(hyper_log_log_cells(kDefaultDistinctPrecision));
  layout_.window->for_each_valid(slices(row), taken_ms_,
                                 [&](std::span<const std::uint64_t> slice) { merge_hyper_log_log(all, slice); });
  return distinct_of(all);
}

std::span<const std::uint64_t> FamilySnapshot::slices(std::uint32_t row) const {
  return cells(row).subspan(layout_.slices, layout_.window->cells());
}

}  // namespace tailmeter
