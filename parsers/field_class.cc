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
    case FieldKind::kName:
      return !is_one_of(byte, " \"\\,;|/:");
    case FieldKind::kToken:
      return !is_one_of(byte, " \"\\");
    case FieldKind::kAddressList:
      return !is_one_of(byte, " ,\"\\");
    case FieldKind::kText:
      return !is_one_of(byte, "\"\\");
    case FieldKind::kAnything:
      return true;
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

FieldClass::FieldClass(FieldKind kind) : kind_(kind) {
  bool has_escapes = false;
  for (std::size_t i = 0; i < flags_.size(); ++i) {
    const auto byte = static_cast<char>(i);
    const bool plain = is_plain_of(kind, byte);
    const bool escaped = is_escaped_of(kind, byte);
    const bool in_separator = is_list() && is_one_of(byte, ",: ");
    flags_[i] = static_cast<std::uint8_t>((plain ? kPlain : 0) | (escaped ? kEscaped : 0) |
                                          (plain || in_separator ? kHeld : 0));
    has_escapes |= escaped;
  }
  if (has_escapes) flags_['\\'] |= kHeld;
  plain_ = ByteScan(bytes(kPlain));
}

FieldClass FieldClass::beginning_with(char byte) const {
  FieldClass rest = *this;
  rest.first_ = byte;
  return rest;
}

FieldClass FieldClass::without(char byte) const {
  FieldClass rest = *this;
  rest.flags_[byte_index(byte)] &= byte == '\\' ? kHeld : 0;
  rest.plain_ = ByteScan(rest.bytes(kPlain));
  return rest;
}

ByteSet FieldClass::bytes(Flag flag) const {
  ByteSet set;
  for (std::size_t i = 0; i < flags_.size(); ++i) set[i] = (flags_[i] & flag) != 0;
  return set;
}

bool FieldClass::contains(const ByteRange& text, bool& has_escapes) const {
  const char* place = end_of_units(text, text.begin, has_escapes);
  while (is_list() && place != text.end) {
    const std::size_t separator = list_separator_size(place, text.end);
    if (separator == 0) return false;
    place = end_of_units(text, place + separator, has_escapes);
  }
  return place == text.end;
}

std::string FieldClass::pattern() const {
  const auto bracket = [this](Flag flag) {
    const ByteSet set = bytes(flag);
    std::string text;
    for (std::size_t first = 0; first < set.size(); ++first) {
      if (!set[first]) continue;
      std::size_t last = first;
      while (last + 1 < set.size() && set[last + 1]) ++last;
      text += fmt::format("\\x{:02x}-\\x{:02x}", first, last);
      first = last;
    }
    return text.empty() ? text : "[" + text + "]";
  };
  const std::string escaped = bracket(kEscaped);
  const std::string units =
      escaped.empty() ? bracket(kPlain) + "*" : fmt::format("(?:{}|\\\\{})*", bracket(kPlain), escaped);
  if (first_) return fmt::format("(?:\\x{:02x}{})?", byte_index(*first_), units);
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
