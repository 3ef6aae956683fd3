#include "parsers/json_string.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>

namespace tailmeter {
namespace {

constexpr std::size_t kUnitEscapeBytes = 6;  // \uXXXX
constexpr std::uint32_t kReplacement = 0xFFFD;

// The UTF-16 unit that `text` begins with, written as \uXXXX.
std::optional<std::uint32_t> read_unit(std::string_view text) {
  if (text.size() < kUnitEscapeBytes || !text.starts_with("\\u")) return std::nullopt;
  std::uint32_t unit = 0;
  for (const char c : text.substr(2, 4)) {
    const bool is_digit = c >= '0' && c <= '9';
    const char letter = static_cast<char>(c | 0x20);
    if (!is_digit && (letter < 'a' || letter > 'f')) return std::nullopt;
    unit = unit * 16 + static_cast<std::uint32_t>(is_digit ? c - '0' : letter - 'a' + 10);
  }
  return unit;
}

bool is_high_surrogate(std::uint32_t unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}

bool is_low_surrogate(std::uint32_t unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}

char* write_utf8(std::uint32_t code, char* out) {
  const auto tail = [&](int shift) { *out++ = static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
  if (code < 0x80) {
    *out++ = static_cast<char>(code);
  } else if (code < 0x800) {
    *out++ = static_cast<char>(0xC0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    *out++ = static_cast<char>(0xE0 | (code >> 12));
    tail(6);
    tail(0);
  } else {
    *out++ = static_cast<char>(0xF0 | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
  return out;
}

// Undoes the escape that `text` begins with, and takes it away.
char* undo_unit(std::uint32_t unit, std::string_view& text, char* out) {
  text.remove_prefix(kUnitEscapeBytes);
  if (is_high_surrogate(unit)) {
    const std::optional<std::uint32_t> low = read_unit(text);
    if (low && is_low_surrogate(*low)) {
      text.remove_prefix(kUnitEscapeBytes);
      return write_utf8(0x10000 + ((unit - 0xD800) << 10) + (*low - 0xDC00), out);
    }
  }
  return write_utf8(is_high_surrogate(unit) || is_low_surrogate(unit) ? kReplacement : unit, out);
}

char* undo_escape(std::string_view& text, char* out) {
  if (const std::optional<std::uint32_t> unit = read_unit(text)) return undo_unit(*unit, text, out);
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kBytes = "\"\\/\b\f\n\r\t";
  const std::size_t found = text.size() < 2 ? std::string_view::npos : kNames.find(text[1]);
  const bool is_escape = found != std::string_view::npos;
  *out++ = is_escape ? kBytes[found] : '\\';
  text.remove_prefix(is_escape ? 2 : 1);
  return out;
}

}  // namespace

std::size_t find_json_string_end(std::string_view text, std::size_t begin) {
  for (std::size_t quote = text.find('"', begin); quote != std::string_view::npos; quote = text.find('"', quote + 1)) {
    std::size_t backslashes = 0;
    while (quote - backslashes > begin && text[quote - backslashes - 1] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return quote;
  }
  return std::string_view::npos;
}

std::size_t undo_json_escapes(std::string_view text, char* out) {
  char* const begin = out;
  for (;;) {
    const std::size_t plain = std::min(text.find('\\'), text.size());
    std::memcpy(out, text.data(), plain);
    out += plain;
    text.remove_prefix(plain);
    if (text.empty()) return static_cast<std::size_t>(out - begin);
    out = undo_escape(text, out);
  }
}

}  // namespace tailmeter
