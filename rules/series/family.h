// The series of one metric family.
//
// A series is a row: its label text, rendered once, and a few 64-bit cells in one array for the whole family, so that
// an update is an index and an add, and a snapshot is a copy of memory. Rows are never moved or reused; they are found
// by their label text. When max_series rows exist, further label sets share one row more, whose labels are all
// "__other__": totals stay exact.
//
// Belongs to the loop thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "parsers/decimal.h"
#include "rules/series/hash.h"
#include "rules/series/snapshot.h"

namespace tailmeter {

using Row = std::uint32_t;
inline constexpr Row kNoRow = std::numeric_limits<Row>::max();

class Family {
 public:
  explicit Family(FamilyDescription description);
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;

  [[nodiscard]] const FamilyDescription& description() const { return *description_; }

  // The row of these label values (clean, see label_text.h), made if there is none and room for it.
  Row find_or_add(std::span<const std::string> label_values);
  [[nodiscard]] bool is_overflow(Row row) const { return row == overflow_row_; }
  [[nodiscard]] std::size_t series_count() const { return labels_->texts.size(); }

  // Gives a series the value that it had in an earlier run. `cells` are those of a family described alike.
  void restore(std::string_view label_text, std::int64_t created_ms, std::span<const std::uint64_t> cells);

  void add(Row row, Decimal amount) {  // counter
    std::uint64_t* const cell = cells(row);
    store_decimal(cell, load_decimal(cell) + amount);
  }
  void observe(Row row, Decimal value) {  // histogram
    std::uint64_t* const cell = cells(row);
    ++cell[kDecimalCells + bucket_of(value)];
    store_decimal(cell, load_decimal(cell) + value);
  }
  void set(Row row, Decimal value);  // gauge
  void add_to_gauge(Row row, Decimal amount);
  void raise(Row row, Decimal value);  // gauge: the larger of the two
  void lower(Row row, Decimal value);  // gauge: the smaller of the two

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

  Row append(std::string_view text, std::int64_t created_ms);
  std::string_view keep(std::string_view text);
  LabelColumn& own_labels();
  void sort_new_rows();
  [[nodiscard]] std::uint64_t* cells(Row row) { return cells_.data() + std::size_t{row} * cells_per_row_; }

  std::shared_ptr<const FamilyDescription> description_;
  std::shared_ptr<LabelColumn> labels_;
  bool labels_are_shared_ = false;  // a snapshot holds them: the next change is made to a copy
  std::size_t chunk_used_bytes_ = 0;
  std::size_t chunk_size_bytes_ = 0;
  boost::unordered_flat_map<std::string_view, Row, SeededHash, std::equal_to<>> rows_;
  std::vector<std::uint64_t> cells_;
  std::size_t cells_per_row_;
  std::span<const Decimal> bounds_;          // of the description
  std::vector<std::int64_t> narrow_bounds_;  // the same in 64 bits, if all of them fit: most values and bounds do
  Row overflow_row_ = kNoRow;
};

}  // namespace tailmeter
