#include "exporter/web/listen_address.h"

#include <stdexcept>

#include <catch2/catch.hpp>

namespace tailmeter {
namespace {

TEST_CASE("an address to listen on is read as its writer meant it", "[web]") {
  struct Row {
    const char* text;
    const char* host;
    int port;
    const char* url;
  };
  const Row rows[] = {{":10564", "", 10564, "http://localhost:10564"},
                      {"127.0.0.1:0", "127.0.0.1", 0, "http://127.0.0.1:0"},
                      {"[::1]:80", "::1", 80, "http://[::1]:80"},
                      {"[::]:80", "::", 80, "http://localhost:80"},
                      {"mirror.example.org:65535", "mirror.example.org", 65535, "http://mirror.example.org:65535"}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const ListenAddress address = parse_listen_address(row.text);
    CHECK(address.host == row.host);
    CHECK(address.port == row.port);
    CHECK_FALSE(address.is_unix);
    CHECK(address_url(address, address.port) == row.url);
  }
  const ListenAddress socket = parse_listen_address("unix:/run/tailmeter/http.sock");
  CHECK(socket.is_unix);
  CHECK(address_url(socket, 0) == "unix:/run/tailmeter/http.sock");
}

TEST_CASE("an address that cannot be meant is refused with a way out", "[web]") {
  CHECK_THROWS_WITH(parse_listen_address("10564"),
                    "\"10564\": write HOST:PORT or :PORT, such as :10564 or [::1]:10564");
  CHECK_THROWS_WITH(parse_listen_address("host:"),
                    "\"host:\": write HOST:PORT or :PORT, such as :10564 or [::1]:10564");
  CHECK_THROWS_WITH(parse_listen_address("host:65536"),
                    "\"host:65536\": write HOST:PORT or :PORT, such as :10564 or [::1]:10564");
  CHECK_THROWS_WITH(parse_listen_address("host:-1"),
                    "\"host:-1\": write HOST:PORT or :PORT, such as :10564 or [::1]:10564");
  CHECK_THROWS_WITH(parse_listen_address("::1:80"), "\"::1:80\": put an IPv6 address in brackets: [::1]:80");
  CHECK_THROWS_WITH(parse_listen_address("unix:http.sock"),
                    "\"unix:http.sock\": write an absolute path, such as unix:/run/tailmeter/http.sock");
}

}  // namespace
}  // namespace tailmeter
