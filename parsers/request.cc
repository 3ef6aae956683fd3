#include "parsers/request.h"

#include <algorithm>
#include <array>
#include <cstring>

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

bool is_usual_protocol(std::string_view text) {
  return text.size() == 8 &&
         (std::memcmp(text.data(), "HTTP/1.1", 8) == 0 || std::memcmp(text.data(), "HTTP/2.0", 8) == 0);
}

// "HTTP/" and digits, or digits with a point between them: nginx takes HTTP/1.10.
bool is_protocol(std::string_view text) {
  if (is_usual_protocol(text)) return true;
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

// Where the blank in front of the protocol is. Nearly always the protocol is one of two, and nothing has to be
// searched.
std::size_t find_last_blank(std::string_view request) {
  constexpr std::size_t kUsualBytes = sizeof " HTTP/1.1" - 1;
  if (request.size() >= kUsualBytes && is_usual_protocol(request.substr(request.size() - kUsualBytes + 1)) &&
      request[request.size() - kUsualBytes] == ' ') {
    return request.size() - kUsualBytes;
  }
  return request.rfind(' ');
}

}  // namespace

bool split_request(std::string_view request, RequestLine& parts) {
  const std::size_t last = find_last_blank(request);
  std::size_t first = 0;
  while (first < request.size() && kIsTokenByte[static_cast<unsigned char>(request[first])]) ++first;
  if (first == 0 || last == std::string_view::npos || last < first + 2 || request[first] != ' ') return false;
  const std::string_view protocol = request.substr(last + 1);
  if (!is_protocol(protocol)) return false;
  const std::string_view target = request.substr(first + 1, last - first - 1);
  const std::size_t question = std::min(target.find('?'), target.size());
  parts.method = request.substr(0, first);
  parts.target = target;
  parts.path = target.substr(0, question);
  parts.args = target.substr(std::min(question + 1, target.size()));
  parts.protocol = protocol;
  return true;
}

}  // namespace tailmeter
