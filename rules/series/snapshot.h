// What the series were at one moment: immutable, so any thread may render it while lines go on being counted.
//
// Made by Store::snapshot() on the loop thread. Values are copied, label text and order are shared with the store.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/decimal.h"

namespace tailmeter {

// A Decimal in the cells of a family.
inline constexpr std::size_t kDecimalCells = 2;

inline Decimal load_decimal(const std::uint64_t* cells) {
  Int128 nanos;
  std::memcpy(&nanos, cells, sizeof nanos);
  return Decimal::from_nanos(nanos);
}

inline void store_decimal(std::uint64_t* cells, Decimal value) {
  const Int128 nanos = value.nanos();
  std::memcpy(cells, &nanos, sizeof nanos);
}

enum class SeriesKind { kCounter, kGauge, kHistogram };

struct FamilyDescription {
  std::string name;
  std::string help;
  SeriesKind kind = SeriesKind::kCounter;
  std::vector<std::string> label_names;
  std::vector<Decimal> bounds;  // histogram: rising, without +Inf
  std::size_t max_series = 0;   // the overflow series not included
};

// The label sets of a family, by row. Append-only; a holder of a shared pointer sees it unchanged.
struct LabelColumn {
  std::vector<std::string_view> texts;                // as render_labels() wrote them
  std::vector<std::int64_t> created_ms;               // when the series began, since 1970
  std::vector<std::uint32_t> order;                   // rows by their text, so that output does not depend on arrival
  std::vector<std::shared_ptr<const char[]>> chunks;  // where the texts live
};

// One histogram's value; counts[i] observations were <= bounds[i] and above the bound before, the last had no bound.
struct HistogramView {
  const std::uint64_t* counts = nullptr;
  std::size_t count_size = 0;
  Decimal sum;
};

class FamilySnapshot {
 public:
  FamilySnapshot(std::shared_ptr<const FamilyDescription> description, std::shared_ptr<const LabelColumn> labels,
                 std::vector<std::uint64_t> cells, std::size_t cells_per_row);

  [[nodiscard]] const FamilyDescription& description() const { return *description_; }

  // Calls visit(label_text, row) for each series that has a value, in order.
  template <typename Visit>
  void for_each_series(Visit visit) const {
    for (const std::uint32_t row : labels_->order) {
      if (is_set(row)) visit(labels_->texts[row], row);
    }
  }

  [[nodiscard]] std::int64_t created_ms(std::uint32_t row) const { return labels_->created_ms[row]; }  // since 1970
  [[nodiscard]] std::span<const std::uint64_t> cells(std::uint32_t row) const {
    return {&cells_[row * cells_per_row_], cells_per_row_};
  }

  [[nodiscard]] Decimal value(std::uint32_t row) const;            // counter, gauge
  [[nodiscard]] HistogramView histogram(std::uint32_t row) const;  // histogram

 private:
  [[nodiscard]] bool is_set(std::uint32_t row) const;

  std::shared_ptr<const FamilyDescription> description_;
  std::shared_ptr<const LabelColumn> labels_;
  std::vector<std::uint64_t> cells_;
  std::size_t cells_per_row_;
};

using Snapshot = std::vector<FamilySnapshot>;  // in the order of the rule file

}  // namespace tailmeter
