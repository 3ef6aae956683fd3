// The series of one metric family.
//
// A series is a row: its label text, rendered once, and a few 64-bit cells in one array for the whole family (cells.h),
// so that an update is an index and an add, and a snapshot is a copy of memory. When max_series rows exist, or the
// budget that all families share is used up, further label sets share one row more, whose labels are all "__other__":
// totals stay exact. That row is known by its labels, also where they are a line's own.
//
// With a ttl, let_go_of_idle() frees the rows of series that were idle for so long. What they had counted goes to a row
// whose labels are all "__expired__", so that the sum over all series never falls; a gauge is no sum, and just goes. A
// series that comes again begins at 0, which Prometheus takes for a reset. So increase() is exact over all series but
// "__expired__".
//
// A topk has no rows: its entries are those of a SpaceSaving, and only a snapshot makes rows of them.
//
// Belongs to the loop thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/decimal.h"
#include "rules/series/cells.h"
#include "rules/series/exemplar.h"
#include "rules/series/label_rows.h"
#include "rules/series/snapshot.h"
#include "rules/sketch/space_saving.h"

namespace tailmeter {

// How many series all families together may still get.
struct SeriesBudget {
  std::int64_t left = 0;  // less than 0: there were more before
};

class Family {
 public:
  // Without a budget, max_series is the only bound.
  explicit Family(FamilyDescription description, SeriesBudget* budget = nullptr);
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;

  [[nodiscard]] const FamilyDescription& description() const { return *description_; }

  // The moment of the updates to come, in milliseconds since 1970.
  void set_now(std::int64_t now_ms) { now_ms_ = now_ms; }

  // The row of these label values (clean, see label_text.h), made if there is none and room for it.
  Row find_or_add(std::span<const std::string> label_values);
  // That it is the row of all others, and there were some.
  [[nodiscard]] bool is_overflow(Row row) const { return row == overflow_row_ && has_overflowed_; }
  // Of a topk, those that it watches.
  [[nodiscard]] std::size_t series_count() const { return top_ ? top_->size() : rows_.size(); }

  // A series that is never let go of.
  void declare(std::span<const std::string> label_values);

  // Gives a series the value that it had in an earlier run. `cells` are those of a family described alike.
  void restore(std::string_view label_text, std::int64_t created_ms, std::span<const std::uint64_t> cells);

  // Counter.
  void add(Row row, Decimal amount) { add_decimal(used(row), amount); }

  // Gauge.
  void set(Row row, Decimal value);
  void add_to_gauge(Row row, Decimal amount);
  void raise(Row row, Decimal value);  // the larger of the two
  void lower(Row row, Decimal value);  // the smaller of the two

  // Histogram.
  void observe(Row row, Decimal value) {
    std::uint64_t* const cell = used(row);
    ++cell[kDecimalCells + bucket_of(value)];
    add_decimal(cell, value);
    if (layout_.native != 0) observe_native(cell, value);
  }

  // An observation that was made, as the exemplar of its bucket, if it has none as new. `label_value` is clean.
  [[nodiscard]] bool wants_exemplar(Row row, Decimal value) {
    return tailmeter::wants_exemplar(exemplar(row, value), now_ms_);
  }
  void set_exemplar(Row row, Decimal value, std::string_view label_value) {
    store_exemplar(exemplar(row, value), {label_value, value, now_ms_});
  }

  void observe_in_window(Row row, Decimal value);           // summary
  void count_in_ratio(Row row, Decimal amount);             // ratio: one of all
  void count_hit(Row row, Decimal amount);                  // ratio: it was a hit, besides
  void count_distinct(Row row, std::string_view member);    // distinct
  void count_top(std::string_view labels, Decimal amount);  // topk: labels as render_labels() writes them

  // Frees the series whose time is over, or was so up to a sixteenth of the ttl ago. If it says that it did, all rows
  // have other numbers.
  [[nodiscard]] bool let_go_of_idle();

  [[nodiscard]] FamilySnapshot snapshot();

 private:
  // The first bucket whose bound is not below `value`.
  [[nodiscard]] std::size_t bucket_of(Decimal value) const {
    if (!is_narrow(value) || narrow_bounds_.empty()) {
      return static_cast<std::size_t>(std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin());
    }
    const auto nanos = static_cast<std::int64_t>(value.nanos());
    const auto bucket = std::lower_bound(narrow_bounds_.begin(), narrow_bounds_.end(), nanos);
    return static_cast<std::size_t>(bucket - narrow_bounds_.begin());
  }
  [[nodiscard]] static bool is_narrow(Decimal value) {
    return value.nanos() == static_cast<Int128>(static_cast<std::int64_t>(value.nanos()));
  }

  [[nodiscard]] std::uint64_t* cells(Row row) { return cells_.data() + std::size_t{row} * layout_.size; }
  // Those of a row that is updated now.
  [[nodiscard]] std::uint64_t* used(Row row) {
    std::uint64_t* const cell = cells(row);
    if (layout_.last_used != 0) cell[layout_.last_used] = static_cast<std::uint64_t>(now_ms_);
    return cell;
  }
  [[nodiscard]] std::uint64_t* exemplar(Row row, Decimal value) {
    return cells(row) + layout_.exemplars + bucket_of(value) * kExemplarCells;
  }
  [[nodiscard]] std::span<std::uint64_t> slice_of(std::uint64_t* cell) const;

  Row append(std::string_view text, std::int64_t created_ms);
  [[nodiscard]] bool has_room() const;
  void find_shared_rows();
  void observe_native(std::uint64_t* cell, Decimal value);
  [[nodiscard]] std::vector<bool> idle_rows() const;
  [[nodiscard]] bool leaves_sum() const;
  void fold(Row from, Row to);
  [[nodiscard]] FamilySnapshot snapshot_of_top() const;

  std::shared_ptr<const FamilyDescription> description_;
  CellLayout layout_;
  SeriesBudget* budget_;
  std::int64_t now_ms_;
  LabelRows rows_;
  std::vector<std::uint64_t> cells_;
  std::span<const Decimal> bounds_;          // of the description
  std::vector<std::int64_t> narrow_bounds_;  // the same in 64 bits, if all of them fit: most values and bounds do
  const std::string overflow_text_;          // the labels of the rows that are shared
  const std::string expired_text_;
  Row overflow_row_ = kNoRow;  // kNoRow as long as it is not there
  Row expired_row_ = kNoRow;
  bool has_overflowed_ = false;
  std::set<std::string, std::less<>> declared_;  // label texts
  std::int64_t swept_ms_ = 0;  // to when idle series were looked for; at round times, so that a restart changes nothing
  std::optional<SpaceSaving> top_;
  std::int64_t top_created_ms_;
};

}  // namespace tailmeter
