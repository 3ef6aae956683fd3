// From a line's label values to the rows of all metrics that share these labels, with one look-up.
//
// Belongs to the loop thread; the families outlive the group.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "parsers/fields.h"
#include "rules/program/label.h"
#include "rules/program/memo.h"
#include "rules/series/family.h"
#include "rules/series/hash.h"

namespace tailmeter {

class LabelGroup {
 public:
  // Look-ups remembered besides two for each series; when there are more, all are forgotten and learnt anew, so that
  // label values made of ever new field values cost time but never memory.
  static constexpr std::size_t kMaxRemembered = 4'096;

  explicit LabelGroup(std::vector<LabelSteps> labels);

  // Adds a family whose labels are this group's, in this order. Returns its number in the group.
  std::size_t add_member(Family& family);

  // The fields that the labels are made of.
  [[nodiscard]] const std::vector<FieldIndex>& fields() const { return key_fields_; }

  // To be called when rows of a member have got other numbers, or field values other labels.
  void forget();

  // The row of member `member` for the fields of line number `line`; made when there is none yet.
  [[nodiscard]] Row row(std::size_t member, const FieldValues& values, std::uint64_t line) {
    if (line != line_) {
      if (!key_fields_.empty()) find_entry(values);
      line_ = line;
    }
    const Row row = rows_[entry_ + member];
    return row != kNoRow ? row : find_row(member, values);
  }

 private:
  void find_entry(const FieldValues& values);
  [[nodiscard]] std::size_t max_entries() const;
  Row find_row(std::size_t member, const FieldValues& values);

  std::vector<LabelSteps> labels_;
  std::vector<FieldIndex> key_fields_;
  std::vector<Family*> members_;
  // Field values, each behind its length, to a position in rows_. The keys' bytes are in key_bytes_.
  boost::unordered_flat_map<std::string_view, std::size_t, SeededHash, std::equal_to<>> entries_;
  std::unique_ptr<std::pmr::monotonic_buffer_resource> key_bytes_;
  std::vector<Row> rows_;  // one a member and entry; kNoRow until a line updates it
  std::string key_;
  std::uint64_t line_ = 0;
  std::size_t entry_ = 0;
};

// The labels of a topk: their text is all that is wanted of them.
class TopLabels {
 public:
  static constexpr std::size_t kMemoSlots = 4096;

  TopLabels(std::vector<std::string> names, std::vector<LabelSteps> labels);

  // The labels for the fields, as render_labels() writes them; "" if one of them has no value. Valid until the next
  // call.
  [[nodiscard]] const std::string& text(const FieldValues& values);

  // To be called when field values have other labels. What text() gave last stays valid.
  void forget() { memo_.forget(); }

 private:
  void render(const FieldValues& values, std::string& text);

  std::vector<std::string> names_;
  std::vector<LabelSteps> labels_;
  std::vector<FieldIndex> key_fields_;
  std::vector<std::string> values_;
  std::string key_;
  Memo<std::string> memo_;
};

}  // namespace tailmeter
