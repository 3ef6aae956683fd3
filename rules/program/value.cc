#include "rules/program/value.h"

#include <algorithm>
#include <new>

namespace tailmeter {
namespace {

// Elements without a value take no part; one that is not a number makes the whole none.
template <typename Combine>
Number fold(std::string_view list, Unit unit, Combine combine) {
  Number result;
  for_each_element(list, [&](std::string_view element) {
    const Number number = parse_number(element, unit);
    if (number.outcome == NumberOutcome::kNoValue || result.outcome == NumberOutcome::kNotANumber) return;
    if (number.outcome == NumberOutcome::kNotANumber || result.outcome == NumberOutcome::kNoValue) {
      result = number;
    } else {
      result.value = combine(result.value, number.value);
    }
  });
  return result;
}

std::string_view first_element(std::string_view list) {
  std::string_view first;
  bool is_first = true;
  for_each_element(list, [&](std::string_view element) {
    if (is_first) first = element;
    is_first = false;
  });
  return first;
}

std::string_view last_element(std::string_view list) {
  std::string_view last;
  for_each_element(list, [&](std::string_view element) { last = element; });
  return last;
}

}  // namespace

std::string_view LineValue::text(const FieldValues& values) {
  if (from_.is_single_field()) return values[from_.single_field()];
  from_.render(values, rendered_);
  return rendered_;
}

void LineValue::read_line(const FieldValues& values, std::uint64_t line) {
  line_ = line;
  // In place: a copy of what was just written in parts stalls.
  if (list_ == ListPick::kWhole && from_.is_single_field()) {
    ::new (&number_) Number(parse_number(values[from_.single_field()], unit_));
  } else {
    ::new (&number_) Number(read(text(values)));
  }
}

Number LineValue::read(std::string_view text) const {
  switch (list_) {
    case ListPick::kFirst:
      return parse_number(first_element(text), unit_);
    case ListPick::kLast:
      return parse_number(last_element(text), unit_);
    case ListPick::kSum:
      return fold(text, unit_, [](Decimal left, Decimal right) { return left + right; });
    case ListPick::kMax:
      return fold(text, unit_, [](Decimal left, Decimal right) { return std::max(left, right); });
    case ListPick::kWhole:
    case ListPick::kEach:
      break;
  }
  return parse_number(text, unit_);
}

}  // namespace tailmeter
