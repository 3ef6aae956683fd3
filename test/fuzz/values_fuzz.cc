// The first byte chooses a unit, the rest is a value: as a number, a time and a list it is what a plain reading makes
// of it, where there is one; and a number that is written out again is the same number.
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/list.h"
#include "parsers/number.h"
#include "parsers/time.h"

namespace {

using namespace tailmeter;

constexpr std::int64_t kNow = 1'795'286'971;
constexpr std::int64_t kLatest = 253'402'300'800 + 86'400;  // the end of 9999, in any zone
constexpr std::int64_t kEarliest = -62'135'596'800 - 86'400;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void check_number(std::string_view text, Unit unit) {
  const Number number = parse_number(text, unit);
  if (text.empty() || text == "-") assert(number.outcome == NumberOutcome::kNoValue);
  if (number.outcome != NumberOutcome::kNumber) return;
  const Number again = parse_number(to_string(number.value));
  assert(again.outcome == NumberOutcome::kNumber && again.value == number.value);
}

// Digits alone are an integer.
void check_integer(std::string_view text) {
  constexpr std::size_t kMaxDigits = 18;
  if (text.empty() || text.size() > kMaxDigits || !std::all_of(text.begin(), text.end(), is_digit)) return;
  std::int64_t value = 0;
  for (const char c : text) value = value * 10 + (c - '0');
  const Number number = parse_number(text);
  assert(number.outcome == NumberOutcome::kNumber && number.value == Decimal::from_integer(value));
}

void check_time(std::string_view text) {
  const auto time = parse_time(text, kNow);
  if (!time) return;
  assert(time->nanos() >= Int128{kEarliest} * Decimal::kUnit && time->nanos() <= Int128{kLatest} * Decimal::kUnit);
  if (!text.starts_with('[')) assert(parse_time('[' + std::string(text) + ']', kNow) == time);
  assert(!parse_time(std::string(text) + '!', kNow));
}

void check_list(std::string_view text) {
  std::vector<std::string_view> expected;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t size = text.substr(i).starts_with(", ") ? 2 : text.substr(i).starts_with(" : ") ? 3 : 0;
    if (size > 0) {
      expected.push_back(text.substr(begin, i - begin));
      begin = i + size;
    }
    i += std::max<std::size_t>(size, 1);
  }
  expected.push_back(text.substr(begin));
  std::vector<std::string_view> found;
  for_each_element(text, [&](std::string_view element) { found.push_back(element); });
  assert(found == expected);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  constexpr std::size_t kUnits = static_cast<std::size_t>(Unit::kIec) + 1;
  if (size == 0) return 0;
  const std::vector<char> exactly(bytes + 1, bytes + size);  // so that the sanitizer sees who reads beyond the end
  const std::string_view text(exactly.data(), exactly.size());
  check_number(text, static_cast<Unit>(bytes[0] % kUnits));
  check_integer(text);
  check_time(text);
  check_list(text);
  return 0;
}
