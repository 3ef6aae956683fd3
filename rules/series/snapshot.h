// What the series were at one moment: immutable, so any thread may render it while lines go on being counted.
//
// Made by RuleSet::snapshot() on the loop thread. Values are copied, label text and order are shared with the family.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/decimal.h"
#include "rules/series/cells.h"
#include "rules/series/exemplar.h"
#include "rules/series/family_description.h"
#include "rules/sketch/exponential_buckets.h"

namespace tailmeter {

inline constexpr std::int64_t kUnknownCreation = 0;

// Labels as a format writes them, of all series in the order in which they are shown: each has two pieces of bytes.
struct LabelForm {
  std::string bytes;
  std::vector<std::uint32_t> ends;  // of the pieces

  [[nodiscard]] std::string_view piece(std::size_t number) const {
    const std::size_t begin = number == 0 ? 0 : ends[number - 1];
    return std::string_view(bytes).substr(begin, ends[number] - begin);
  }
  [[nodiscard]] std::string_view first(std::size_t position) const { return piece(2 * position); }
  [[nodiscard]] std::string_view second(std::size_t position) const { return piece(2 * position + 1); }
};

// Made when it is first asked for. A copy of a column has other labels soon, and begins without it.
class LabelFormSlot {
 public:
  LabelFormSlot() = default;
  LabelFormSlot(const LabelFormSlot&) {}
  LabelFormSlot& operator=(const LabelFormSlot&) = delete;

  template <typename Make>
  [[nodiscard]] std::shared_ptr<const LabelForm> get(Make make) const {
    const std::lock_guard lock(mutex_);
    if (!form_) form_ = std::make_shared<const LabelForm>(make());
    return form_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const LabelForm> form_;
};

// The label sets of a family, by row. A holder of a shared pointer sees it unchanged.
struct LabelColumn {
  std::vector<std::string_view> texts;                // as render_labels() wrote them
  std::vector<std::int64_t> created_ms;               // when the series began, since 1970; or kUnknownCreation
  std::vector<std::uint32_t> order;                   // those that are shown, by their text: not as they arrived
  std::vector<std::shared_ptr<const char[]>> chunks;  // where the texts live
  LabelFormSlot form;
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

  [[nodiscard]] std::size_t rows() const { return labels_->texts.size(); }  // shown or not
  [[nodiscard]] std::size_t label_bytes() const;                            // of all rows

  // Calls visit(label_text, row) for each series that has a value, in order.
  template <typename Visit>
  void for_each_series(Visit visit) const {
    const std::vector<std::uint32_t>& order = labels_->order;
    for_each_position([&](std::size_t position, std::uint32_t row) {
      if (position + 2 * kAhead < order.size()) __builtin_prefetch(&labels_->texts[order[position + 2 * kAhead]]);
      if (position + kAhead < order.size()) __builtin_prefetch(labels_->texts[order[position + kAhead]].data());
      visit(labels_->texts[row], row);
    });
  }

  // Calls visit(position, row) for the same, by which label_form() has their labels.
  template <typename Visit>
  void for_each_position(Visit visit) const {
    const std::vector<std::uint32_t>& order = labels_->order;
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (i + kAhead < order.size()) __builtin_prefetch(&cells_[order[i + kAhead] * layout_.size]);
      if (is_set(order[i])) visit(i, order[i]);
    }
  }

  // The labels in the form that make(labels) gives, which must be the same whoever asks: it is made once, for all
  // snapshots between which no series came or went.
  template <typename Make>
  [[nodiscard]] std::shared_ptr<const LabelForm> label_form(Make make) const {
    return labels_->form.get([&] { return make(*labels_); });
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
  [[nodiscard]] Decimal value(std::uint32_t row) const {  // counter, gauge, distinct, ratio, topk, and a summary's sum
    const bool is_kept_as_it_is =
        description_->kind != SeriesKind::kRatio && description_->kind != SeriesKind::kDistinct;
    return is_kept_as_it_is ? load_decimal(cells(row).data()) : measured_value(row);
  }
  [[nodiscard]] Decimal error(std::uint32_t row) const;            // topk: by how much the value may be too high
  [[nodiscard]] HistogramView histogram(std::uint32_t row) const;  // histogram
  [[nodiscard]] std::optional<ExponentialView> native(std::uint32_t row) const;                 // histogram
  [[nodiscard]] std::optional<Exemplar> exemplar(std::uint32_t row, std::size_t bucket) const;  // histogram
  [[nodiscard]] std::uint64_t count(std::uint32_t row) const;                                   // summary
  // One for each of the description's; none if nothing came in the window.
  [[nodiscard]] std::vector<Decimal> quantiles(std::uint32_t row) const;  // summary

 private:
  // Neighbours in order are strangers in memory: without a look ahead each would be waited for.
  static constexpr std::size_t kAhead = 8;

  [[nodiscard]] bool is_set(std::uint32_t row) const {
    return description_->kind == SeriesKind::kRatio ? ratio(row).has_value() : is_kept(row);
  }
  [[nodiscard]] bool is_kept(std::uint32_t row) const {
    return description_->kind != SeriesKind::kGauge || load_decimal(cells(row).data()) != kUnsetGauge;
  }
  [[nodiscard]] Decimal measured_value(std::uint32_t row) const;
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
