// A field's text as a moment.
//
// parse_time() reads the local time zone when the text names none, and the clock when it has no year; otherwise pure.
// Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "parsers/decimal.h"

namespace tailmeter {

// Seconds since 1970-01-01T00:00:00Z, with the fraction that is written. Understood, with surrounding [ ] allowed:
//   21/Nov/2026:18:49:31 +0000           nginx $time_local, httpd %t; with a fraction, or a blank before the hour
//   2026-11-21T18:49:31.250+01:00, ...Z  ISO 8601, RFC 3339, nginx $time_iso8601
//   2026-11-21 18:49:31,250 and 2026/11/21 18:49:31   without a zone: local time
//   Sat, 21 Nov 2026 18:49:31 GMT        RFC 5322, HTTP; GMT, UTC or +hhmm
//   Sat Nov 21 18:49:31 2026             asctime(): local time; date(1) with UTC or GMT in front of the year
//   Nov 21 18:49:31                      RFC 3164: local time, in the year in which that was last, a day ahead at most
// Days below 10 may be padded with a blank or with 0. Whether the day of the week fits is not looked at. A second 60 is
// the next minute's 0.
[[nodiscard]] std::optional<Decimal> parse_time(std::string_view text);

// The same at another moment than now, in seconds since 1970.
[[nodiscard]] std::optional<Decimal> parse_time(std::string_view text, std::int64_t now_seconds);

}  // namespace tailmeter
