// Which updates a line makes and which rows they change, remembered for lines that are alike.
//
// All that decides this are the fields that conditions ask about and that labels are made of. Where these are short,
// and they take few combinations (method, status, cache status), one look-up answers all questions of all metrics at
// once. A line with a long value among them, or one that is new, is planned anew.
//
// Belongs to the loop thread.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "parsers/fields.h"
#include "rules/program/short_text.h"
#include "rules/series/family.h"

namespace tailmeter {

struct MetricUpdate;  // see source_program.h

struct PlannedUpdate {
  const MetricUpdate* update = nullptr;
  Row row = kNoRow;  // until an update with a usable value makes it: a series is not there before
};

using LinePlan = std::vector<PlannedUpdate>;

class LinePlans {
 public:
  static constexpr std::size_t kSlots = 1024;
  static constexpr std::size_t kMaxKeyFields = 8;  // with more, every line is planned anew

  explicit LinePlans(std::vector<FieldIndex> key_fields)
      : key_fields_(std::move(key_fields)), slots_(key_fields_.size() <= kMaxKeyFields ? kSlots : 0) {}

  // The plan of lines like this one, which make(plan) fills, from empty, where it is not known. Valid until the next
  // call.
  template <typename Make>
  LinePlan& of(const FieldValues& values, Make make) {
    const bool is_short = read_key(values);
    Slot& slot = is_short ? slots_[slot_] : unkept_;
    if (is_short && slot.is_filled && is_key_of(slot)) [[likely]]
      return slot.plan;
    slot.is_filled = false;  // stays so if make() throws
    slot.plan.clear();
    make(slot.plan);
    slot.key = key_;
    slot.is_filled = true;
    return slot.plan;
  }

  // Which updates there are stays, also of the plan that of() gave last.
  void forget_rows() {
    for (Slot& slot : slots_) forget_rows(slot.plan);
    forget_rows(unkept_.plan);
  }

 private:
  using Key = std::array<ShortText, kMaxKeyFields>;

  struct Slot {
    bool is_filled = false;
    Key key{};
    LinePlan plan;
  };

  static void forget_rows(LinePlan& plan) {
    for (PlannedUpdate& update : plan) update.row = kNoRow;
  }

  // False if a value is too long for a key, or there are too many.
  bool read_key(const FieldValues& values) {
    if (slots_.empty()) return false;
    std::uint64_t mixed = 0;
    ShortText* key = key_.data();
    for (const FieldIndex field : key_fields_) {
      const std::string_view value = values[field];
      if (value.size() > ShortText::kMaxBytes) return false;
      *key = ShortText(value);
      mixed = std::rotl(mixed, 21) + key->mixed();
      ++key;
    }
    slot_ = mixed & (kSlots - 1);
    return true;
  }

  [[nodiscard]] bool is_key_of(const Slot& slot) const {
    for (std::size_t i = 0; i < key_fields_.size(); ++i) {
      if (slot.key[i] != key_[i]) return false;
    }
    return true;
  }

  std::vector<FieldIndex> key_fields_;
  Key key_{};             // of the line under way
  std::size_t slot_ = 0;  // where its plan is kept
  std::vector<Slot> slots_;
  Slot unkept_;
};

}  // namespace tailmeter
