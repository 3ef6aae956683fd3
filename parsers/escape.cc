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

// What an escape stands for, and the escape's size. A backslash that begins none stands for itself.
struct Escape {
  std::size_t size = 1;
  char32_t meaning = '\\';
  bool is_byte = true;  // else a character, of which UTF-8 makes one to four bytes
};

constexpr char32_t kReplacement = 0xFFFD;

// The number that `count` digits are, which stand behind the backslash and the letter of an escape; -1 without them.
long read_hex(std::string_view text, std::size_t count) {
  if (text.size() < 2 + count) return -1;
  long number = 0;
  for (const char c : text.substr(2, count)) {
    const int digit = hex_digit(c);
    if (digit < 0) return -1;
    number = number * 16 + digit;
  }
  return number;
}

bool is_surrogate(long code) {
  return code >= 0xD800 && code <= 0xDFFF;
}

// \uHHHH, or two of them that are one character (RFC 8259, section 7).
Escape read_unicode_escape(std::string_view text) {
  const long code = read_hex(text, 4);
  if (code < 0) return {};
  if (!is_surrogate(code)) return {6, static_cast<char32_t>(code), false};
  if (code < 0xDC00 && text.substr(6).starts_with("\\u")) {
    const long low = read_hex(text.substr(6), 4);
    if (low >= 0xDC00 && is_surrogate(low))
      return {12, static_cast<char32_t>(0x10000 + (code - 0xD800) * 0x400 + (low - 0xDC00)), false};
  }
  return {6, kReplacement, false};
}

Escape read_long_escape(std::string_view text) {
  const long code = read_hex(text, 8);
  if (code < 0) return {};
  return {10, is_surrogate(code) || code > 0x10FFFF ? kReplacement : static_cast<char32_t>(code), false};
}

Escape read_byte_escape(std::string_view text) {
  const long code = read_hex(text, 2);
  return code < 0 ? Escape{} : Escape{4, static_cast<char32_t>(code)};
}

Escape read_named_escape(std::string_view text, std::string_view names, std::string_view bytes) {
  const std::size_t found = names.find(text[1]);
  return found == std::string_view::npos ? Escape{} : Escape{2, static_cast<unsigned char>(bytes[found])};
}

Escape read_escape(Escaping escaping, std::string_view text) {
  if (text.size() < 2) return {};
  switch (escaping) {
    case Escaping::kNone:
      return {};
    case Escaping::kDefault:
      return text[1] == 'x' ? read_byte_escape(text) : read_named_escape(text, "\"\\ntrbfv", "\"\\\n\t\r\b\f\v");
    case Escaping::kJson:
      return text[1] == 'u' ? read_unicode_escape(text) : read_named_escape(text, "\"\\/ntrbf", "\"\\/\n\t\r\b\f");
    case Escaping::kGo:
      if (text[1] == 'x') return read_byte_escape(text);
      if (text[1] == 'u') return read_unicode_escape(text);
      if (text[1] == 'U') return read_long_escape(text);
      return read_named_escape(text, "\"\\ntrabfv", "\"\\\n\t\r\a\b\f\v");
  }
  return {};
}

// In UTF-8 (RFC 3629). No escape is shorter than what it means.
char* write(Escape escape, char* out) {
  const char32_t code = escape.meaning;
  const auto put = [&out](char32_t byte) { *out++ = static_cast<char>(byte); };
  if (escape.is_byte || code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else {
    if (code < 0x10000) {
      put(0xE0 | code >> 12);
    } else {
      put(0xF0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3F));
    }
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
  return out;
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
    out = write(escape, out);
    text.remove_prefix(escape.size);
  }
}

}  // namespace tailmeter
