#include "exporter/tail/rotated_name.h"

#include <algorithm>
#include <charconv>

namespace tailmeter {
namespace {

constexpr std::size_t kDigitsOfNumberMax = 6;
constexpr std::string_view kSuffixCharacters = "0123456789.-_:T";
constexpr std::string_view kReadableEndings[] = {".gz", ".zst"};
constexpr std::string_view kOtherEndings[] = {".bz2", ".xz", ".lz4", ".Z", ".zip"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string digits_of(std::string_view text) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits), is_digit);
  return digits;
}

// Each number in as many digits, so that texts compare as the numbers do: an index behind a date has no zeros in front.
std::string padded_numbers_of(std::string_view text) {
  constexpr std::size_t kDigits = 20;
  std::string padded;
  while (!text.empty()) {
    const auto* const end = std::find_if_not(text.begin(), text.end(), is_digit);
    const auto size = static_cast<std::size_t>(end - text.begin());
    if (size > 0) padded.append(kDigits - std::min(size, kDigits), '0').append(text.substr(0, size));
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return padded;
}

bool is_number(std::string_view suffix) {
  return suffix.front() == '.' && suffix.size() <= 1 + kDigitsOfNumberMax &&
         std::all_of(suffix.begin() + 1, suffix.end(), is_digit);
}

// Of 20261121 or 2026-11-21, and whatever follows, or of seconds since 1970, of the years from 2001 to 2033. "" if it
// is neither.
std::string date_of(std::string_view suffix) {
  constexpr std::size_t kDigitsOfSeconds = 10;
  const std::string_view text = suffix.substr(1);
  const bool is_all_digits = std::all_of(text.begin(), text.end(), is_digit);
  if (is_all_digits && text.size() == kDigitsOfSeconds && text.front() == '1') return std::string(text);
  const bool is_dashed = text.size() >= 10 && text[4] == '-' && text[7] == '-';
  const std::size_t day_size = is_dashed ? 10 : 8;
  const std::string day = digits_of(text.substr(0, day_size));
  if (day.size() != 8 || !(day.starts_with("19") || day.starts_with("20"))) return {};
  return day + padded_numbers_of(text.substr(day_size));
}

std::optional<RotatedName> parse(std::string_view stem, std::string_view extension) {
  const std::size_t end_of_base = stem.find_last_not_of(kSuffixCharacters);
  if (end_of_base == std::string_view::npos) return {};
  for (std::size_t at = end_of_base + 1; at + 1 < stem.size(); ++at) {
    if ((stem[at] != '.' && stem[at] != '-') || !is_digit(stem[at + 1])) continue;
    const std::string_view suffix = stem.substr(at);
    RotatedName name{std::string(stem.substr(0, at)).append(extension), 0, {}};
    name.date = date_of(suffix);
    if (!name.date.empty()) return name;
    if (extension.empty() && is_number(suffix)) {
      std::from_chars(suffix.data() + 1, suffix.data() + suffix.size(), name.number);
      return name;
    }
  }
  return {};
}

}  // namespace

bool RotatedName::is_older_than(const RotatedName& other) const {
  if (date.empty() != other.date.empty()) return false;
  return date.empty() ? number > other.number : date < other.date;
}

std::optional<RotatedName> parse_rotated_name(std::string_view name) {
  for (const std::string_view ending : kReadableEndings) {
    if (!name.ends_with(ending)) continue;
    std::optional<RotatedName> rotated = parse_rotated_name(name.substr(0, name.size() - ending.size()));
    if (rotated) rotated->is_compressed = true;
    return rotated;
  }
  if (is_compressed_name(name)) return {};
  if (std::optional<RotatedName> rotated = parse(name, {})) return rotated;
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || name.find('/', dot) != std::string_view::npos) return {};
  return parse(name.substr(0, dot), name.substr(dot));
}

bool is_compressed_name(std::string_view name) {
  const auto ends_name = [name](std::string_view ending) { return name.ends_with(ending); };
  return std::any_of(std::begin(kReadableEndings), std::end(kReadableEndings), ends_name) ||
         std::any_of(std::begin(kOtherEndings), std::end(kOtherEndings), ends_name);
}

}  // namespace tailmeter
