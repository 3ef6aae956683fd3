#include "parsers/field_class.h"

#include <fmt/format.h>

namespace tailmeter {
namespace {

bool is_one_of(char byte, std::string_view bytes) {
  return bytes.find(byte) != std::string_view::npos;
}
bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}
bool is_letter(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

bool is_plain_of(FieldKind kind, char byte) {
  switch (kind) {
    case FieldKind::kNumber:
    case FieldKind::kNumberList:
      return is_digit(byte) || is_one_of(byte, ".-");
    case FieldKind::kTime:
      return is_digit(byte) || is_letter(byte) || is_one_of(byte, "/:+- ");
    case FieldKind::kIsoTime:
      return is_digit(byte) || is_one_of(byte, "TZ:.+-");
    case FieldKind::kWord:
      return !is_one_of(byte, " \"\\,;|");
    case FieldKind::kToken:
      return !is_one_of(byte, " \"\\");
    case FieldKind::kAddressList:
      return !is_one_of(byte, " ,\"\\");
    case FieldKind::kText:
      return !is_one_of(byte, "\"\\");
  }
  return false;
}

// True if a backslash and `byte` are a unit.
bool is_escaped_of(FieldKind kind, char byte) {
  switch (kind) {
    case FieldKind::kToken:
      return !is_one_of(byte, " \"");
    case FieldKind::kAddressList:
      return !is_one_of(byte, " ,\"");
    case FieldKind::kText:
      return true;
    default:
      return false;
  }
}

}  // namespace

FieldClass::FieldClass(FieldKind kind, std::optional<char> excluded) : kind_(kind) {
  bool has_escapes = false;
  for (std::size_t i = 0; i < flags_.size(); ++i) {
    const auto byte = static_cast<char>(i);
    if (byte == excluded) continue;
    const bool plain = is_plain_of(kind, byte);
    const bool escaped = is_escaped_of(kind, byte);
    const bool in_separator = is_list() && is_one_of(byte, ",: ");
    flags_[i] = static_cast<std::uint8_t>((plain ? kPlain : 0) | (escaped ? kEscaped : 0) |
                                          (plain || in_separator ? kHeld : 0));
    has_escapes |= escaped;
  }
  if (has_escapes) flags_['\\'] |= kHeld;
}

bool FieldClass::contains(const char* begin, const char* end) const {
  begin = end_of_units(begin, end);
  while (is_list() && begin != end) {
    const std::size_t separator = list_separator_size(begin, end);
    if (separator == 0) return false;
    begin = end_of_units(begin + separator, end);
  }
  return begin == end;
}

std::string FieldClass::pattern() const {
  const auto bracket = [this](Flag flag) {
    std::string text;
    for (std::size_t first = 0; first < flags_.size(); ++first) {
      if ((flags_[first] & flag) == 0) continue;
      std::size_t last = first;
      while (last + 1 < flags_.size() && (flags_[last + 1] & flag) != 0) ++last;
      text += fmt::format("\\x{:02x}-\\x{:02x}", first, last);
      first = last;
    }
    return text.empty() ? text : "[" + text + "]";
  };
  const std::string escaped = bracket(kEscaped);
  const std::string units =
      escaped.empty() ? bracket(kPlain) + "*" : fmt::format("(?:{}|\\\\{})*", bracket(kPlain), escaped);
  return is_list() ? fmt::format("{0}(?:(?:, | : ){0})*", units) : units;
}

std::size_t list_separator_size(const char* begin, const char* end) {
  const std::string_view rest(begin, static_cast<std::size_t>(end - begin));
  for (const std::string_view separator : {", ", " : "}) {
    if (rest.starts_with(separator)) return separator.size();
  }
  return 0;
}

}  // namespace tailmeter
