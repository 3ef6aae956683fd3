// The numbers that metrics take from a line; metrics that read the same number share it.
//
// Belongs to the loop thread.
#pragma once

#include <cstdint>
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

  // True if each element of a list is a number of its own: then for_each_number() is to be called, else number().
  [[nodiscard]] bool has_several() const { return list_ == ListPick::kEach; }

  // What the value is on line number `line`.
  [[nodiscard]] const Number& number(const FieldValues& values, std::uint64_t line) {
    if (line != line_) read_line(values, line);
    return number_;
  }

  template <typename Visit>
  void for_each_number(const FieldValues& values, Visit visit) {
    for_each_element(text(values), [&](std::string_view element) { visit(parse_number(element, unit_)); });
  }

 private:
  void read_line(const FieldValues& values, std::uint64_t line);
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
