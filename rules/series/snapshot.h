// What the series were at one moment: immutable, so any thread may render it while lines go on being counted.
//
// Made by RuleSet::snapshot() on the loop thread. Values are copied, label text and order are shared with the family.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "parsers/decimal.h"
#include "rules/series/cells.h"
#include "rules/series/exemplar.h"
#include "rules/series/family_description.h"
#include "rules/sketch/exponential_buckets.h"

namespace tailmeter {

// The label sets of a family, by row. A holder of a shared pointer sees it unchanged.
struct LabelColumn {
  std::vector<std::string_view> texts;                // as render_labels() wrote them
  std::vector<std::int64_t> created_ms;               // when the series began, since 1970
  std::vector<std::uint32_t> order;                   // those that are shown, by their text: not as they arrived
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
                 const CellLayout& layout, std::vector<std::uint64_t> cells, std::int64_t taken_ms);

  [[nodiscard]] const FamilyDescription& description() const { return *description_; }

  // Calls visit(label_text, row) for each series that has a value, in order.
  template <typename Visit>
  void for_each_series(Visit visit) const {
    for (const std::uint32_t row : labels_->order) {
      if (is_set(row)) visit(labels_->texts[row], row);
    }
  }

  // For each that a later run needs, shown or not.
  template <typename Visit>
  void for_each_kept(Visit visit) const {
    for (std::uint32_t row = 0; row < labels_->texts.size(); ++row) {
      if (is_kept(row)) visit(labels_->texts[row], row);
    }
  }

  [[nodiscard]] std::int64_t created_ms(std::uint32_t row) const { return labels_->created_ms[row]; }  // since 1970
  [[nodiscard]] std::span<const std::uint64_t> cells(std::uint32_t row) const {
    return {&cells_[row * layout_.size], layout_.size};
  }

  // Of series that are shown. What is measured over a window is that until the snapshot was taken.
  [[nodiscard]] Decimal value(std::uint32_t row) const;  // counter, gauge, distinct, ratio, topk, and a summary's sum
  [[nodiscard]] Decimal error(std::uint32_t row) const;  // topk: by how much the value may be too high
  [[nodiscard]] HistogramView histogram(std::uint32_t row) const;                               // histogram
  [[nodiscard]] std::optional<ExponentialView> native(std::uint32_t row) const;                 // histogram
  [[nodiscard]] std::optional<Exemplar> exemplar(std::uint32_t row, std::size_t bucket) const;  // histogram
  [[nodiscard]] std::uint64_t count(std::uint32_t row) const;                                   // summary
  // One for each of the description's; none if nothing came in the window.
  [[nodiscard]] std::vector<Decimal> quantiles(std::uint32_t row) const;  // summary

 private:
  [[nodiscard]] bool is_set(std::uint32_t row) const;
  [[nodiscard]] bool is_kept(std::uint32_t row) const;
  [[nodiscard]] std::optional<Decimal> ratio(std::uint32_t row) const;
  [[nodiscard]] Decimal distinct(std::uint32_t row) const;
  [[nodiscard]] std::span<const std::uint64_t> slices(std::uint32_t row) const;

  std::shared_ptr<const FamilyDescription> description_;
  std::shared_ptr<const LabelColumn> labels_;
  CellLayout layout_;
  std::vector<std::uint64_t> cells_;
  std::int64_t taken_ms_;
};

using Snapshot = std::vector<FamilySnapshot>;  // in the order of the rule file

}  // namespace tailmeter
