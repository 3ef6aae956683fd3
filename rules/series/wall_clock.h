// The time of day, for what outlives the process: when a series was created, when a record was written.
#pragma once

#include <chrono>
#include <cstdint>

namespace tailmeter {

// Milliseconds since the epoch, leap seconds not counted. The clock may be set back between two calls.
inline std::int64_t milliseconds_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

// As the values of metrics have it: seconds since the epoch, with their fractions.
inline double seconds_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace tailmeter
