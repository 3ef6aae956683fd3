#include "exporter/web/listen_address.h"

#include <charconv>
#include <stdexcept>

#include <fmt/format.h>

namespace tailmeter {

ListenAddress parse_listen_address(std::string_view text) {
  constexpr std::string_view kUnixPrefix = "unix:";
  if (text.substr(0, kUnixPrefix.size()) == kUnixPrefix) {
    const std::string_view path = text.substr(kUnixPrefix.size());
    if (path.empty() || path.front() != '/') {
      throw std::invalid_argument(
          fmt::format("\"{}\": write an absolute path, such as unix:/run/tailmeter/http.sock", text));
    }
    return {std::string(path), 0, true};
  }
  const std::size_t colon = text.rfind(':');
  int port = -1;
  if (colon != std::string_view::npos) {
    const std::string_view digits = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc() || end != digits.data() + digits.size() || digits.empty()) port = -1;
  }
  if (port < 0 || port > 65535) {
    throw std::invalid_argument(fmt::format("\"{}\": write HOST:PORT or :PORT, such as :10564 or [::1]:10564", text));
  }
  std::string_view host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    throw std::invalid_argument(fmt::format("\"{}\": put an IPv6 address in brackets: [{}]:{}", text, host, port));
  }
  return {std::string(host), port, false};
}

std::string address_url(const ListenAddress& address, int port) {
  if (address.is_unix) return "unix:" + address.host;
  const std::string host =
      address.host.empty() || address.host == "0.0.0.0" || address.host == "::" ? "localhost" : address.host;
  return host.find(':') == std::string::npos ? fmt::format("http://{}:{}", host, port)
                                             : fmt::format("http://[{}]:{}", host, port);
}

}  // namespace tailmeter
