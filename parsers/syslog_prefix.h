// What syslog puts in front of a line: RFC 5424, or RFC 3164 as it is spoken.
//
//   <190>1 2026-11-21T18:48:15.003Z mirror01 nginx 123 - [origin ip="192.0.2.1"] line
//   <190>Nov  1 18:48:15 mirror01 nginx: line
//   Nov  1 18:48:15 haproxy[123]: line                      HAProxy names no host; files have no priority
//   2026-11-21T18:48:15.003+00:00 mirror01 nginx: line      rsyslog's files with precise time
//
// Pure; any thread.
#pragma once

#include <string_view>

#include "parsers/line_prefix.h"

namespace tailmeter {

[[nodiscard]] LinePrefix read_syslog_prefix(std::string_view line);

}  // namespace tailmeter
