#include "parsers/clean_text.h"

namespace tailmeter {
namespace {

// Length of the well-formed UTF-8 character at the start of `bytes`, or 0. The ranges are those of Unicode 15, table
// 3-7: no overlong forms, no surrogates, nothing above U+10FFFF.
std::size_t utf8_character_bytes(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const auto is_tail = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return i < bytes.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return is_tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;
    return is_tail(1, low, high) && is_tail(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
    return is_tail(1, low, high) && is_tail(2) && is_tail(3) ? 4 : 0;
  }
  return 0;
}

bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7F;
  return character.size() == 2 && first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;  // C1 controls
}

void append_hex_escape(std::string& out, char byte) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  const auto value = static_cast<unsigned char>(byte);
  out += {'\\', 'x', kDigits[value >> 4], kDigits[value & 15]};
}

}  // namespace

std::string clean_text(std::string_view bytes, std::size_t max_bytes) {
  std::string out;
  std::string piece;
  while (!bytes.empty()) {
    std::size_t taken = utf8_character_bytes(bytes);
    piece.clear();
    if (taken != 0 && !is_control(bytes.substr(0, taken))) {
      piece = bytes.substr(0, taken);
    } else {
      if (taken == 0) taken = 1;
      for (const char byte : bytes.substr(0, taken)) append_hex_escape(piece, byte);
    }
    if (out.size() + piece.size() > max_bytes) break;
    out += piece;
    bytes.remove_prefix(taken);
  }
  return out;
}

}  // namespace tailmeter
