// The moment of an answer, as its Date header says it: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7).
#pragma once

#include <ctime>
#include <string>

namespace tailmeter {

// In seconds since 1970.
[[nodiscard]] std::string http_date(std::time_t moment);

}  // namespace tailmeter
