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

Escape read_escape(std::string_view text) {
  if (text.size() < 2) return {};
  if (text[1] == 'x') {
    if (text.size() < 4) return {};
    const int high = hex_digit(text[2]);
    const int low = hex_digit(text[3]);
    return high < 0 || low < 0 ? Escape{} : Escape{4, static_cast<char>(high * 16 + low)};
  }
  constexpr std::string_view kNames = "\"\\ntrbfv";
  constexpr std::string_view kBytes = "\"\\\n\t\r\b\f\v";
  const std::size_t found = kNames.find(text[1]);
  return found == std::string_view::npos ? Escape{} : Escape{2, kBytes[found]};
}

}  // namespace

std::size_t undo_escapes(std::string_view text, char* out) {
  char* const begin = out;
  for (;;) {
    const std::size_t plain = std::min(text.find('\\'), text.size());
    std::memcpy(out, text.data(), plain);
    out += plain;
    text.remove_prefix(plain);
    if (text.empty()) return static_cast<std::size_t>(out - begin);
    const Escape escape = read_escape(text);
    *out++ = escape.byte;
    text.remove_prefix(escape.size);
  }
}

}  // namespace tailmeter
