// The parts of a request line as servers log it: METHOD target HTTP/x.y (RFC 9112, section 3).
#pragma once

#include <string_view>

namespace tailmeter {

struct RequestLine {
  std::string_view method;    // $request_method
  std::string_view target;    // $request_uri
  std::string_view path;      // $uri: the target up to "?"
  std::string_view args;      // $args: the target behind "?"
  std::string_view protocol;  // $server_protocol
};

// True if `request` (escapes undone) has the three parts; only then is `parts` set. The method is a token of RFC 9110,
// the protocol HTTP/ and a version with or without a minor part; the target is what lies between, and may hold spaces.
[[nodiscard]] bool split_request(std::string_view request, RequestLine& parts);

}  // namespace tailmeter
