// syslog: of a source, as nginx's access_log has it behind "syslog:server=", but for "udp://": the address of a socket.
#pragma once

#include <cstddef>
#include <optional>

#include "rules/file/rule_file.h"

namespace tailmeter {

inline constexpr std::size_t kMaxSocketPathBytes = 107;  // unix(7): sun_path, with a NUL behind it

// "udp://127.0.0.1:5514", "udp://[::1]:5514", "udp://:5514" for every address, "unix:/run/tailmeter/nginx.sock".
// Nothing if the text is none of these. Names are not looked up: which address is listened on is to be seen in the
// file.
[[nodiscard]] std::optional<SyslogAddress> parse_syslog_address(const Text& text);

}  // namespace tailmeter
