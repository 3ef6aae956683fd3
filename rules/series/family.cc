#include "rules/series/family.h"

#include <cassert>

#include "rules/series/label_text.h"
#include "rules/series/wall_clock.h"
#include "rules/sketch/exponential_buckets.h"
#include "rules/sketch/hyper_log_log.h"
#include "rules/sketch/stable_hash.h"

namespace tailmeter {
namespace {

// Part of what the state keeps, and of what dry-run says: another key would make strangers of those that were counted.
// It is no secret, so that clients who choose their members can make an estimate too high.
constexpr std::uint64_t kMemberKey = 0x7461696C6D657465;

constexpr std::int64_t kSweepsPerTtl = 16;

std::string with_all_labels(const FamilyDescription& family, std::string_view value) {
  return render_labels(family.label_names, std::vector<std::string>(family.label_names.size(), std::string(value)));
}

}  // namespace

Family::Family(FamilyDescription description, SeriesBudget* budget)
    : description_(std::make_shared<const FamilyDescription>(std::move(description))),
      layout_(*description_),
      budget_(budget),
      now_ms_(milliseconds_now()),
      bounds_(description_->bounds),
      overflow_text_(with_all_labels(*description_, kOverflowLabel)),
      expired_text_(with_all_labels(*description_, kExpiredLabel)),
      top_created_ms_(now_ms_) {
  if (std::all_of(bounds_.begin(), bounds_.end(), is_narrow)) {
    for (const Decimal bound : bounds_) narrow_bounds_.push_back(static_cast<std::int64_t>(bound.nanos()));
  }
  if (description_->kind == SeriesKind::kTop) top_.emplace(description_->max_series, process_hash_seed());
}

Row Family::find_or_add(std::span<const std::string> label_values) {
  const std::string text = render_labels(description_->label_names, label_values);
  if (const Row found = rows_.find(text); found != kNoRow) return found;
  if (has_room()) return append(text, now_ms_);
  has_overflowed_ = true;
  return overflow_row_ != kNoRow ? overflow_row_ : append(overflow_text_, now_ms_);
}

// A family without labels has its one series whatever the others have.
bool Family::has_room() const {
  if (description_->label_names.empty()) return true;
  const auto for_others = static_cast<std::size_t>(overflow_row_ != kNoRow) + (expired_row_ != kNoRow);
  return series_count() - for_others < description_->max_series && (budget_ == nullptr || budget_->left > 0);
}

// By nothing but their labels: what a family goes on from after a restart has no more.
void Family::find_shared_rows() {
  overflow_row_ = rows_.find(overflow_text_);
  expired_row_ = rows_.find(expired_text_);
}

void Family::declare(std::span<const std::string> label_values) {
  declared_.insert(render_labels(description_->label_names, label_values));
  static_cast<void>(find_or_add(label_values));
}

void Family::restore(std::string_view label_text, std::int64_t created_ms, std::span<const std::uint64_t> cells) {
  assert(cells.size() == layout_.size);
  if (top_) {
    top_->restore(label_text, load_decimal(cells.data()), load_decimal(&cells[kDecimalCells]));
    top_created_ms_ = created_ms;
    return;
  }
  const Row found = rows_.find(label_text);
  const Row row = found != kNoRow ? found : append(label_text, created_ms);
  rows_.set_created(row, created_ms);
  std::copy(cells.begin(), cells.end(), this->cells(row));
}

Row Family::append(std::string_view text, std::int64_t created_ms) {
  const Row row = rows_.append(text, created_ms);
  if (text == overflow_text_) overflow_row_ = row;
  if (text == expired_text_) expired_row_ = row;
  cells_.resize(cells_.size() + layout_.size);
  if (budget_ != nullptr) --budget_->left;
  if (description_->kind == SeriesKind::kGauge) store_decimal(cells(row), kUnsetGauge);
  static_cast<void>(used(row));
  return row;
}

void Family::set(Row row, Decimal value) {
  store_decimal(used(row), value);
}

void Family::add_to_gauge(Row row, Decimal amount) {
  std::uint64_t* const cell = used(row);
  const Decimal before = load_decimal(cell);
  store_decimal(cell, before == kUnsetGauge ? amount : before + amount);
}

void Family::raise(Row row, Decimal value) {
  std::uint64_t* const cell = used(row);
  const Decimal before = load_decimal(cell);
  if (before == kUnsetGauge || before < value) store_decimal(cell, value);
}

void Family::lower(Row row, Decimal value) {
  std::uint64_t* const cell = used(row);
  const Decimal before = load_decimal(cell);
  if (before == kUnsetGauge || value < before) store_decimal(cell, value);
}

void Family::observe_native(std::uint64_t* cell, Decimal value) {
  const NativeResolution& native = *description_->native;
  observe_exponential({cell + layout_.native, exponential_cells(native.max_buckets)}, value.to_double(), native.schema);
}

std::span<std::uint64_t> Family::slice_of(std::uint64_t* cell) const {
  return layout_.window->current({cell + layout_.slices, layout_.window->cells()}, now_ms_);
}

void Family::observe_in_window(Row row, Decimal value) {
  std::uint64_t* const cell = used(row);
  add_decimal(cell, value);
  ++cell[layout_.count];
  observe_exponential(slice_of(cell), value.to_double(), kSummaryResolution.schema);
}

void Family::count_hit(Row row, Decimal amount) {
  add_decimal(slice_of(used(row)).data(), amount);
}

void Family::count_in_ratio(Row row, Decimal amount) {
  add_decimal(slice_of(used(row)).data() + kDecimalCells, amount);
}

void Family::count_distinct(Row row, std::string_view member) {
  const bool is_windowed = description_->window_ms != 0;
  const std::span<std::uint64_t> registers =
      is_windowed ? slice_of(used(row)) : std::span(used(row), hyper_log_log_cells(kDefaultDistinctPrecision));
  add_hash(registers, stable_hash(member, kMemberKey), kDefaultDistinctPrecision);
}

void Family::count_top(std::string_view labels, Decimal amount) {
  top_->add(labels, amount);
}

// What nothing is added to any more goes on in the row of those that have gone. What a window holds is over by itself.
void Family::fold(Row from, Row to) {
  const std::uint64_t* const source = cells(from);
  std::uint64_t* const target = cells(to);
  switch (description_->kind) {
    case SeriesKind::kCounter:
      add_decimal(target, load_decimal(source));
      return;
    case SeriesKind::kHistogram: {
      add_decimal(target, load_decimal(source));
      for (std::size_t i = 0; i <= bounds_.size(); ++i) target[kDecimalCells + i] += source[kDecimalCells + i];
      if (layout_.native == 0) return;
      const std::size_t size = exponential_cells(description_->native->max_buckets);
      return merge_exponential({target + layout_.native, size}, {source + layout_.native, size});
    }
    case SeriesKind::kSummary:
      add_decimal(target, load_decimal(source));
      target[layout_.count] += source[layout_.count];
      return;
    case SeriesKind::kDistinct: {
      if (description_->window_ms != 0) return;
      const std::size_t size = hyper_log_log_cells(kDefaultDistinctPrecision);
      return merge_hyper_log_log({target, size}, {source, size});
    }
    case SeriesKind::kGauge:
    case SeriesKind::kRatio:
    case SeriesKind::kTop:
      return;
  }
}

bool Family::leaves_sum() const {
  const SeriesKind kind = description_->kind;
  return kind == SeriesKind::kCounter || kind == SeriesKind::kHistogram || kind == SeriesKind::kSummary ||
         (kind == SeriesKind::kDistinct && description_->window_ms == 0);
}

std::vector<bool> Family::idle_rows() const {
  std::vector<bool> is_idle(rows_.size());
  for (Row row = 0; row < rows_.size(); ++row) {
    const auto last_used_ms = static_cast<std::int64_t>(cells_[row * layout_.size + layout_.last_used]);
    is_idle[row] = swept_ms_ - last_used_ms >= description_->ttl_ms && row != overflow_row_ && row != expired_row_ &&
                   declared_.find(rows_.text(row)) == declared_.end();
  }
  return is_idle;
}

bool Family::let_go_of_idle() {
  if (description_->ttl_ms == 0) return false;
  const std::int64_t step_ms = description_->ttl_ms / kSweepsPerTtl;
  if (swept_ms_ == now_ms_ / step_ms * step_ms) return false;
  swept_ms_ = now_ms_ / step_ms * step_ms;
  std::vector<bool> is_idle = idle_rows();
  const auto idle_count = static_cast<std::size_t>(std::count(is_idle.begin(), is_idle.end(), true));
  if (idle_count == 0) return false;
  if (leaves_sum()) {
    if (expired_row_ == kNoRow) static_cast<void>(append(expired_text_, now_ms_));
    is_idle.resize(rows_.size());
    for (Row row = 0; row < is_idle.size(); ++row) {
      if (is_idle[row]) fold(row, expired_row_);
    }
  }
  Row kept = 0;
  for (Row row = 0; row < is_idle.size(); ++row) {
    if (is_idle[row]) continue;
    std::copy_n(cells(row), layout_.size, cells(kept++));
  }
  cells_.resize(kept * layout_.size);
  cells_.shrink_to_fit();
  rows_.remove(is_idle);
  if (budget_ != nullptr) budget_->left += static_cast<std::int64_t>(idle_count);
  find_shared_rows();
  return true;
}

FamilySnapshot Family::snapshot() {
  if (top_) return snapshot_of_top();
  // A clock that went back is noticed by the slice of this moment alone.
  for (Row row = 0; layout_.window && row < rows_.size(); ++row) static_cast<void>(slice_of(cells(row)));
  return {description_, rows_.column(), layout_, cells_, now_ms_};
}

FamilySnapshot Family::snapshot_of_top() const {
  auto column = std::make_shared<LabelColumn>();
  std::vector<std::uint64_t> cells;
  std::size_t text_bytes = 0;
  const auto entries = top_->entries();
  for (const SpaceSaving::Entry& entry : entries) text_bytes += entry.key.size();
  const auto chunk = std::make_shared<char[]>(text_bytes);
  char* place = chunk.get();
  for (const SpaceSaving::Entry& entry : entries) {
    column->texts.emplace_back(place, entry.key.size());
    column->created_ms.push_back(top_created_ms_);
    column->order.push_back(static_cast<Row>(column->order.size()));
    place = std::copy(entry.key.begin(), entry.key.end(), place);
    cells.resize(cells.size() + layout_.size);
    store_decimal(&cells[cells.size() - 2 * kDecimalCells], entry.count);
    store_decimal(&cells[cells.size() - kDecimalCells], entry.error);
  }
  column->chunks.push_back(chunk);
  const auto& texts = column->texts;
  column->order.resize(std::min(column->order.size(), description_->shown));
  std::sort(column->order.begin(), column->order.end(),
            [&](Row left, Row right) { return texts[left] < texts[right]; });
  return {description_, std::move(column), layout_, std::move(cells), now_ms_};
}

}  // namespace tailmeter
