// Where to listen: ":10564", "127.0.0.1:10564", "[::1]:10564" or "unix:/run/tailmeter/http.sock".
#pragma once

#include <string>
#include <string_view>

namespace tailmeter {

struct ListenAddress {
  std::string host;  // "" for every address; the path of a unix socket
  int port = 0;      // 0: the system chooses
  bool is_unix = false;
};

// Throws std::invalid_argument with a message for the user.
[[nodiscard]] ListenAddress parse_listen_address(std::string_view text);

// As a browser would need it, with `port` in place of 0: "http://127.0.0.1:10564".
[[nodiscard]] std::string address_url(const ListenAddress& address, int port);

}  // namespace tailmeter
