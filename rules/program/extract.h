// New fields from a field, by the named groups of a pattern.
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

class Extraction {
 public:
  static constexpr std::size_t kMemoSlots = 4096;

  // Where a group of the pattern goes.
  struct Target {
    std::size_t group = 0;  // from 0
    FieldIndex field = 0;
  };

  Extraction(FieldIndex from, Pattern pattern, std::vector<Target> targets);

  // Sets the target fields that have no value yet: the first extraction that finds a value wins, and a field of the
  // line's own wins over all of them.
  void run(FieldValues& values);

 private:
  // Where a group's text stands in the value.
  struct Span {
    std::uint32_t offset = 0;
    std::uint32_t size = 0;  // 0: no value
  };

  // True if there is nothing left to find.
  [[nodiscard]] bool has_all(const FieldValues& values) const;
  static void set(FieldValues& values, FieldIndex field, std::string_view found);
  const std::vector<Span>& remembered(std::string_view value);

  FieldIndex from_;
  Pattern pattern_;
  std::vector<Target> targets_;
  std::vector<std::string_view> groups_;
  Memo<std::vector<Span>> memo_;  // one span a target; empty if the pattern did not match; not for lowered patterns
};

}  // namespace tailmeter
