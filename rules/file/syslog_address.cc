#include "rules/file/syslog_address.h"

#include <charconv>
#include <limits>
#include <string>
#include <string_view>

#include <arpa/inet.h>

namespace tailmeter {
namespace {

constexpr std::string_view kUdp = "udp://";
constexpr std::string_view kUnix = "unix:";

bool is_ip_address(int family, const std::string& host) {
  in6_addr address{};  // has room for either
  return ::inet_pton(family, host.c_str(), &address) == 1;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (port == 0 || port > std::numeric_limits<std::uint16_t>::max()) return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

std::optional<std::string> parse_host(std::string_view text) {
  if (text.empty()) return std::string();
  const bool is_ipv6 = text.size() > 2 && text.front() == '[' && text.back() == ']';
  const std::string host(is_ipv6 ? text.substr(1, text.size() - 2) : text);
  return is_ip_address(is_ipv6 ? AF_INET6 : AF_INET, host) ? std::optional(host) : std::nullopt;
}

}  // namespace

std::optional<SyslogAddress> parse_syslog_address(const Text& text) {
  std::string_view rest = text.value;
  if (rest.starts_with(kUnix)) {
    rest.remove_prefix(kUnix.size());
    if (!rest.starts_with('/') || rest.size() > kMaxSocketPathBytes || rest.find('\0') != rest.npos)
      return std::nullopt;
    return SyslogAddress{.text = text, .path = std::string(rest), .host = {}, .port = 0};
  }
  if (!rest.starts_with(kUdp)) return std::nullopt;
  rest.remove_prefix(kUdp.size());
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::optional<std::string> host = parse_host(rest.substr(0, colon));
  const std::optional<std::uint16_t> port = parse_port(rest.substr(colon + 1));
  if (!host || !port) return std::nullopt;
  return SyslogAddress{.text = text, .path = {}, .host = *host, .port = *port};
}

}  // namespace tailmeter
