#include "parsers/request.h"

#include <algorithm>
#include <array>

namespace tailmeter {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The bytes of a token: RFC 9110, section 5.6.2.
constexpr std::array<bool, 256> kIsTokenByte = [] {
  std::array<bool, 256> is_token_byte{};
  for (unsigned c = '0'; c <= '9'; ++c) is_token_byte[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) is_token_byte[c] = is_token_byte[c + 'a' - 'A'] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) is_token_byte[static_cast<unsigned char>(c)] = true;
  return is_token_byte;
}();

bool is_token(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return kIsTokenByte[static_cast<unsigned char>(c)]; });
}

// "HTTP/" and digits, or digits with a point between them: nginx takes HTTP/1.10.
bool is_protocol(std::string_view text) {
  if (text == "HTTP/1.1" || text == "HTTP/2.0") return true;  // nearly all are one of these
  constexpr std::string_view kName = "HTTP/";
  if (!text.starts_with(kName)) return false;
  text.remove_prefix(kName.size());
  const auto end_of_digits = [](std::string_view digits) {
    return static_cast<std::size_t>(std::find_if_not(digits.begin(), digits.end(), is_digit) - digits.begin());
  };
  const std::size_t major = end_of_digits(text);
  if (major == 0 || major == text.size()) return major != 0;
  if (text[major] != '.') return false;
  text.remove_prefix(major + 1);
  return !text.empty() && end_of_digits(text) == text.size();
}

}  // namespace

bool split_request(std::string_view request, RequestLine& parts) {
  const std::size_t first = request.find(' ');
  const std::size_t last = request.rfind(' ');
  if (first == std::string_view::npos || last - first < 2) return false;
  const std::string_view method = request.substr(0, first);
  const std::string_view target = request.substr(first + 1, last - first - 1);
  const std::string_view protocol = request.substr(last + 1);
  if (!is_protocol(protocol) || !is_token(method)) return false;
  const std::size_t question = std::min(target.find('?'), target.size());
  parts.method = method;
  parts.target = target;
  parts.path = target.substr(0, question);
  parts.args = target.substr(std::min(question + 1, target.size()));
  parts.protocol = protocol;
  return true;
}

}  // namespace tailmeter
