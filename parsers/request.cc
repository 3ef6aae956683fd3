#include "parsers/request.h"

#include <algorithm>

namespace tailmeter {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  const auto is_token_byte = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_byte);
}

// "HTTP/" and digits, or digits with a point between them: nginx takes HTTP/1.10.
bool is_protocol(std::string_view text) {
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
