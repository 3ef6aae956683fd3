#include "rules/series/family.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "rules/series/label_text.h"
#include "rules/series/wall_clock.h"

namespace tailmeter {
namespace {

constexpr std::size_t kFirstChunkBytes = 512;
constexpr std::size_t kLargestChunkBytes = 64 * 1024;

// A gauge's row exists before its first value does when several families share a look-up; it is not shown until then.
constexpr Int128 kUnset = std::numeric_limits<std::int64_t>::min() * (Int128{1} << 64);

bool is_unset(const std::uint64_t* cell) {
  return load_decimal(cell).nanos() == kUnset;
}

}  // namespace

FamilySnapshot::FamilySnapshot(std::shared_ptr<const FamilyDescription> description,
                               std::shared_ptr<const LabelColumn> labels, std::vector<std::uint64_t> cells,
                               std::size_t cells_per_row)
    : description_(std::move(description)),
      labels_(std::move(labels)),
      cells_(std::move(cells)),
      cells_per_row_(cells_per_row) {}

bool FamilySnapshot::is_set(std::uint32_t row) const {
  return description_->kind != SeriesKind::kGauge || !is_unset(&cells_[row * cells_per_row_]);
}

Decimal FamilySnapshot::value(std::uint32_t row) const {
  return load_decimal(&cells_[row * cells_per_row_]);
}

HistogramView FamilySnapshot::histogram(std::uint32_t row) const {
  const std::uint64_t* const cell = &cells_[row * cells_per_row_];
  return {.counts = cell + kDecimalCells, .count_size = cells_per_row_ - kDecimalCells, .sum = load_decimal(cell)};
}

Family::Family(FamilyDescription description)
    : description_(std::make_shared<const FamilyDescription>(std::move(description))),
      labels_(std::make_shared<LabelColumn>()),
      cells_per_row_(kDecimalCells),
      bounds_(description_->bounds) {
  if (description_->kind == SeriesKind::kHistogram) cells_per_row_ += bounds_.size() + 1;
  if (std::all_of(bounds_.begin(), bounds_.end(), is_narrow)) {
    for (const Decimal bound : bounds_) narrow_bounds_.push_back(static_cast<std::int64_t>(bound.nanos()));
  }
}

Row Family::find_or_add(std::span<const std::string> label_values) {
  const std::string text = render_labels(description_->label_names, label_values);
  if (const auto found = rows_.find(std::string_view(text)); found != rows_.end()) return found->second;
  if (series_count() < description_->max_series || description_->label_names.empty())
    return append(text, milliseconds_now());
  if (overflow_row_ == kNoRow) {
    const std::vector<std::string> others(label_values.size(), std::string(kOverflowLabel));
    const std::string other_text = render_labels(description_->label_names, others);
    const auto found = rows_.find(std::string_view(other_text));
    overflow_row_ = found != rows_.end() ? found->second : append(other_text, milliseconds_now());
  }
  return overflow_row_;
}

void Family::restore(std::string_view label_text, std::int64_t created_ms, std::span<const std::uint64_t> cells) {
  assert(cells.size() == cells_per_row_);
  const auto found = rows_.find(label_text);
  const Row row = found != rows_.end() ? found->second : append(label_text, created_ms);
  own_labels().created_ms[row] = created_ms;
  std::copy(cells.begin(), cells.end(), this->cells(row));
}

Row Family::append(std::string_view text, std::int64_t created_ms) {
  LabelColumn& labels = own_labels();
  const auto row = static_cast<Row>(labels.texts.size());
  const std::string_view kept = keep(text);
  labels.texts.push_back(kept);
  labels.created_ms.push_back(created_ms);
  rows_.emplace(kept, row);
  cells_.resize(cells_.size() + cells_per_row_);
  if (description_->kind == SeriesKind::kGauge) store_decimal(cells(row), Decimal::from_nanos(kUnset));
  return row;
}

std::string_view Family::keep(std::string_view text) {
  LabelColumn& labels = own_labels();
  if (labels.chunks.empty() || chunk_size_bytes_ - chunk_used_bytes_ < text.size()) {
    const std::size_t grown = std::clamp(chunk_size_bytes_ * 2, kFirstChunkBytes, kLargestChunkBytes);
    chunk_size_bytes_ = std::max(grown, text.size());
    chunk_used_bytes_ = 0;
    labels.chunks.push_back(std::make_shared<char[]>(chunk_size_bytes_));
  }
  // The chunk's unused part belongs to no text that a snapshot knows, so writing there is not seen by it.
  char* const place = const_cast<char*>(labels.chunks.back().get()) + chunk_used_bytes_;
  std::copy(text.begin(), text.end(), place);
  chunk_used_bytes_ += text.size();
  return {place, text.size()};
}

LabelColumn& Family::own_labels() {
  if (labels_are_shared_) {
    labels_ = std::make_shared<LabelColumn>(*labels_);
    labels_are_shared_ = false;
  }
  return *labels_;
}

void Family::sort_new_rows() {
  if (labels_->order.size() == labels_->texts.size()) return;
  LabelColumn& labels = own_labels();
  const auto by_text = [&](Row left, Row right) { return labels.texts[left] < labels.texts[right]; };
  const auto sorted_size = static_cast<std::ptrdiff_t>(labels.order.size());
  for (auto row = static_cast<Row>(labels.order.size()); row < labels.texts.size(); ++row) labels.order.push_back(row);
  std::sort(labels.order.begin() + sorted_size, labels.order.end(), by_text);
  std::inplace_merge(labels.order.begin(), labels.order.begin() + sorted_size, labels.order.end(), by_text);
}

void Family::add_to_gauge(Row row, Decimal amount) {
  std::uint64_t* const cell = cells(row);
  store_decimal(cell, is_unset(cell) ? amount : load_decimal(cell) + amount);
}

void Family::set(Row row, Decimal value) {
  store_decimal(cells(row), value);
}

void Family::raise(Row row, Decimal value) {
  std::uint64_t* const cell = cells(row);
  if (is_unset(cell) || load_decimal(cell) < value) store_decimal(cell, value);
}

void Family::lower(Row row, Decimal value) {
  std::uint64_t* const cell = cells(row);
  if (is_unset(cell) || value < load_decimal(cell)) store_decimal(cell, value);
}

FamilySnapshot Family::snapshot() {
  sort_new_rows();
  labels_are_shared_ = true;
  return {description_, labels_, cells_, cells_per_row_};
}

}  // namespace tailmeter
