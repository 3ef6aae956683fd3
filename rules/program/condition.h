// What the rules ask about one field's value, answered once per line.
//
// Each different question ("does $status match 5..?") is a bit. A metric's when and unless become masks over these
// bits.
//
// Belongs to the loop thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "parsers/fields.h"
#include "parsers/pattern.h"
#include "rules/program/memo.h"

namespace tailmeter {

class FieldConditions {
 public:
  static constexpr std::size_t kMaxConditions = 64;
  static constexpr std::size_t kMemoSlots = 512;

  explicit FieldConditions(FieldIndex field) : field_(field), memo_(kMemoSlots) {}

  [[nodiscard]] FieldIndex field() const { return field_; }
  [[nodiscard]] std::size_t size() const { return conditions_.size(); }

  // A condition holds when any of its patterns matches the whole value. Returns its bit; at most kMaxConditions may be
  // added.
  std::uint64_t add(std::vector<Pattern> patterns);

  // The bits of the conditions that hold for the line's value. Without a value none does.
  [[nodiscard]] std::uint64_t examine(const FieldValues& values);

 private:
  FieldIndex field_;
  std::vector<std::vector<Pattern>> conditions_;
  Memo<std::uint64_t> memo_;
};

}  // namespace tailmeter
