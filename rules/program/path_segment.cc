#include "rules/program/path_segment.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace tailmeter {
namespace {

// The kinds of a byte, as bits.
constexpr std::uint8_t kDigit = 1;
constexpr std::uint8_t kHexLetter = 2;
constexpr std::uint8_t kLetter = 4;
constexpr std::uint8_t kMark = 8;  // in the name of an algorithm, or behind the numbers of a version
constexpr std::uint8_t kOther = 16;
constexpr std::uint8_t kUnfit = 32;  // for a name

constexpr std::size_t kLeastHexDigits = 8;

constexpr std::array<std::uint8_t, 256> kKinds = [] {
  std::array<std::uint8_t, 256> kinds{};
  for (std::size_t byte = 0; byte < kinds.size(); ++byte) {
    const auto c = static_cast<char>(byte);
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (c >= '0' && c <= '9') {
      kinds[byte] = kDigit;
    } else if (lower >= 'a' && lower <= 'z') {
      kinds[byte] = lower <= 'f' ? kHexLetter | kLetter : kLetter;
    } else if (std::string_view("+._-~").find(c) != std::string_view::npos) {
      kinds[byte] = kMark;
    } else {
      kinds[byte] = byte > 0x20 && byte < 0x7F && c != '{' && c != '}' ? kOther : kUnfit;
    }
  }
  return kinds;
}();

std::uint8_t kind_of(char c) {
  return kKinds[static_cast<unsigned char>(c)];
}

bool is_digit(char c) {
  return kind_of(c) == kDigit;
}

bool is_hex_digit(char c) {
  return (kind_of(c) & (kDigit | kHexLetter)) != 0;
}

// The kinds that there are in it.
std::uint8_t kinds_in(std::string_view text) {
  std::uint8_t kinds = 0;
  for (const char c : text) kinds |= kind_of(c);
  return kinds;
}

// Whether it has the form of `model`, in which "x" stands for a hexadecimal digit and "0" for a decimal one.
bool has_form(std::string_view text, std::string_view model) {
  return std::equal(text.begin(), text.end(), model.begin(), model.end(), [](char c, char form) {
    return form == 'x' ? is_hex_digit(c) : form == '0' ? is_digit(c) : c == form;
  });
}

bool is_date(std::string_view text) {
  if (!has_form(text, "0000-00-00")) return false;
  const auto number = [&](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  return number(5) >= 1 && number(5) <= 12 && number(8) >= 1 && number(8) <= 31;
}

bool is_algorithm_and_hex(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view algorithm = text.substr(0, colon);
  const std::string_view hex = text.substr(colon + 1);
  const std::uint8_t kinds = kinds_in(algorithm);
  return (kinds & (kOther | kUnfit)) == 0 && (kinds & kLetter) != 0 &&
         hex.size() >= (algorithm.starts_with("sha") ? 1 : kLeastHexDigits) &&
         std::all_of(hex.begin(), hex.end(), is_hex_digit);
}

bool is_version(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  for (std::size_t numbers = 1;; ++numbers) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
    if (end == text.begin()) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
    const bool is_next = text.size() > 1 && text[0] == '.' && is_digit(text[1]);
    if (is_next) {
      text.remove_prefix(1);
    } else {
      constexpr std::string_view kSuffixes = "-+~_";
      return numbers > 1 && (text.empty() || (text.size() > 1 && kSuffixes.find(text[0]) != std::string_view::npos));
    }
  }
}

}  // namespace

std::string_view segment_class(std::string_view segment) {
  const std::uint8_t kinds = kinds_in(segment);
  if (kinds == kDigit) return "{number}";
  if ((kinds & kDigit) != 0) {
    constexpr std::string_view kUuid = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (is_date(segment)) return "{date}";
    if (has_form(segment, kUuid)) return "{uuid}";
    const bool is_hex = std::all_of(segment.begin(), segment.end(), is_hex_digit);
    if ((is_hex && segment.size() >= kLeastHexDigits) || is_algorithm_and_hex(segment)) return "{digest}";
  }
  if (segment.size() > kMaxSegmentBytes || (kinds & kUnfit) != 0 || segment == kRestOfPath) return kAnyText;
  return (kinds & kDigit) != 0 && is_version(segment) ? "{version}" : "";
}

}  // namespace tailmeter
