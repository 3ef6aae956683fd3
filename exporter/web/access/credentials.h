// The user and the password of a request: HTTP's Basic scheme (RFC 7617). Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tailmeter {

struct Credentials {
  std::string user;
  std::string password;
};

// What an Authorization header says; nothing if it is not of this scheme, or not well-formed.
[[nodiscard]] std::optional<Credentials> parse_credentials(std::string_view authorization);

}  // namespace tailmeter
