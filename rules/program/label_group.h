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
#include "rules/program/field_key.h"
#include "rules/program/label.h"
#include "rules/series/family.h"
#include "rules/series/hash.h"

namespace tailmeter {

class LabelGroup {
 public:
  // Look-ups remembered besides two for each series, and bytes of field values for each in the mean; when there is
  // more, all are forgotten and learnt anew, so that label values made of ever new field values cost time but never
  // memory.
  static constexpr std::size_t kMaxRemembered = 4'096;
  static constexpr std::size_t kMeanKeyBytes = 192;
  static constexpr std::size_t kMaxKeyBytes = 1'024;  // of the field values; longer ones are looked up each time

  explicit LabelGroup(std::vector<LabelSteps> labels);

  // Adds a family whose labels are this group's, in this order. Returns its number in the group.
  std::size_t add_member(Family& family);

  // The fields that the labels are made of.
  [[nodiscard]] const std::vector<FieldIndex>& fields() const { return key_.fields(); }

  // To be called when rows of a member have got other numbers, or field values other labels.
  void forget();

  // The row of member `member` for the fields of line number `line`; made when there is none yet.
  [[nodiscard]] Row row(std::size_t member, const FieldValues& values, std::uint64_t line) {
    if (line != line_) {
      if (!key_.fields().empty()) find_entry(values);
      line_ = line;
    }
    const Row row = rows_[entry_ + member];
    return row != kNoRow ? row : find_row(member, values);
  }

 private:
  void find_entry(const FieldValues& values);
  [[nodiscard]] bool has_room_for(std::string_view key) const;
  Row find_row(std::size_t member, const FieldValues& values);

  std::vector<LabelSteps> labels_;
  FieldKey key_;
  std::vector<Family*> members_;
  // Field values to a position in rows_. The keys' bytes are in key_bytes_.
  boost::unordered_flat_map<std::string_view, std::size_t, SeededHash, std::equal_to<>> entries_;
  std::unique_ptr<std::pmr::monotonic_buffer_resource> key_bytes_;
  std::size_t key_bytes_used_ = 0;
  // One a member and entry; kNoRow until a line updates it. The first entry is that without a key: of labels without
  // fields, or of field values too long to remember.
  std::vector<Row> rows_;
  std::uint64_t line_ = 0;
  std::size_t entry_ = 0;
};

}  // namespace tailmeter
