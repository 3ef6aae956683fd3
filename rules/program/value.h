// The numbers that metrics take from a line; metrics that read the same number share it.
//
// Belongs to the loop thread.
#pragma once

#include <cstdint>
#include <new>
#include <string_view>

#include "parsers/fields.h"
#include "parsers/list.h"
#include "parsers/number.h"
#include "rules/file/rule_file.h"
#include "rules/program/template.h"

namespace tailmeter {

class LineValue {
 public:
  LineValue(Template from, ListPick list, Unit unit) : from_(std::move(from)), list_(list), unit_(unit) {}

  // Calls visit(Number) for each number that the value holds on line number `line`: once, or for each element of a
  // list.
  template <typename Visit>
  void for_each(const FieldValues& values, std::uint64_t line, Visit visit) {
    if (list_ == ListPick::kEach) {
      for_each_element(text(values), [&](std::string_view element) { visit(parse_number(element, unit_)); });
      return;
    }
    if (line != line_) {
      ::new (&number_) Number(read(text(values)));  // in place: a copy of what was just written in parts stalls
      line_ = line;
    }
    visit(number_);
  }

 private:
  [[nodiscard]] std::string_view text(const FieldValues& values);
  [[nodiscard]] Number read(std::string_view text) const;

  Template from_;
  ListPick list_;
  Unit unit_;
  std::string rendered_;
  std::uint64_t line_ = 0;
  Number number_;
};

}  // namespace tailmeter
