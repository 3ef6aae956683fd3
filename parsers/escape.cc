#include "parsers/escape.h"

#include <algorithm>
#include <cstring>

namespace tailmeter {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The byte that an escape stands for, and the escape's size. A backslash that begins none stands for itself.
struct Escape {
  std::size_t size = 1;
  char byte = '\\';
};

// An escape that is `prefix` and two digits.
Escape read_hex_escape(std::string_view text, std::string_view prefix) {
  const std::size_t size = prefix.size() + 2;
  if (text.size() < size || !text.starts_with(prefix)) return {};
  const int high = hex_digit(text[size - 2]);
  const int low = hex_digit(text[size - 1]);
  return high < 0 || low < 0 ? Escape{} : Escape{size, static_cast<char>(high * 16 + low)};
}

Escape read_escape(Escaping escaping, std::string_view text) {
  if (escaping == Escaping::kNone || text.size() < 2) return {};
  if (text[1] == 'x' && escaping == Escaping::kDefault) return read_hex_escape(text, "\\x");
  if (text[1] == 'u' && escaping == Escaping::kJson) return read_hex_escape(text, "\\u00");
  constexpr std::string_view kNames = "\"\\ntrbfv";
  constexpr std::string_view kBytes = "\"\\\n\t\r\b\f\v";
  const std::size_t found = kNames.find(text[1]);
  return found == std::string_view::npos ? Escape{} : Escape{2, kBytes[found]};
}

}  // namespace

std::size_t undo_escapes(Escaping escaping, std::string_view text, char* out) {
  char* const begin = out;
  for (;;) {
    const std::size_t plain = std::min(text.find('\\'), text.size());
    std::memcpy(out, text.data(), plain);
    out += plain;
    text.remove_prefix(plain);
    if (text.empty()) return static_cast<std::size_t>(out - begin);
    const Escape escape = read_escape(escaping, text);
    *out++ = escape.byte;
    text.remove_prefix(escape.size);
  }
}

}  // namespace tailmeter
