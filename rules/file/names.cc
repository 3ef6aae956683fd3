#include "rules/file/names.h"

#include <algorithm>

#include <fmt/format.h>

namespace tailmeter {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

bool is_name(std::string_view text) {
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

void Names::add(const Text& name, const Value& entry) {
  if (name.value.empty()) return;
  const auto [first, is_new] = places_.emplace(name.value, name.place);
  if (is_new) {
    names_.push_back(name.value);
  } else {
    entry.error(name.place, fmt::format("the name is already taken in line {}", first->second.line));
  }
}

}  // namespace tailmeter
