// A field's text as a moment.
//
// parse_time() reads the local time zone when the text names none; otherwise pure. Any thread.
#pragma once

#include <optional>
#include <string_view>

#include "parsers/decimal.h"

namespace tailmeter {

// Seconds since 1970-01-01T00:00:00Z, with the fraction that is written. Understood, with surrounding [ ] allowed:
//   21/Nov/2026:18:49:31 +0000           nginx $time_local, httpd %t
//   2026-11-21T18:49:31.250+01:00, ...Z  ISO 8601, RFC 3339, nginx $time_iso8601
//   2026-11-21 18:49:31,250 and 2026/11/21 18:49:31   without a zone: local time
// A second 60 is the next minute's 0.
[[nodiscard]] std::optional<Decimal> parse_time(std::string_view text);

}  // namespace tailmeter
