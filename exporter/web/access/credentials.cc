#include "exporter/web/access/credentials.h"

#include <cstdint>

#include "exporter/web/exposition/header_text.h"

namespace tailmeter {
namespace {

constexpr std::string_view kScheme = "basic ";
constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// RFC 4648, with its padding.
std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      bytes += static_cast<char>(bits >> bit_count & 0xFF);
    }
  }
  return bytes;
}

}  // namespace

std::optional<Credentials> parse_credentials(std::string_view authorization) {
  if (!equals_without_case(authorization.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  authorization.remove_prefix(kScheme.size());
  const auto both = decode_base64(authorization);
  if (!both) return std::nullopt;
  const std::size_t colon = both->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return Credentials{both->substr(0, colon), both->substr(colon + 1)};
}

}  // namespace tailmeter
