// A field's text as an exact number.
//
// Pure functions; any thread.
#pragma once

#include <string_view>

#include "parsers/decimal.h"

namespace tailmeter {

// What a number in a log is counted in. Times become seconds, sizes become bytes.
enum class Unit {
  kNone,          // as written
  kSeconds,       // s
  kMilliseconds,  // ms
  kMicroseconds,  // us
  kNanoseconds,   // ns
  kGoDuration,    // go: 1m2.5s; a number alone is seconds
  kBytes,         // bytes: whatever suffix is written, 1.5KB = 1500, 9.8 MiB
  kSi,            // si: 3.51G = 3.51e9, and 1.2Gi as it says
  kIec,           // iec: 1.2Gi, and 1.2G read as 1.2Gi
};

enum class NumberOutcome { kNumber, kNoValue, kNotANumber };

// Either way from 0: ten exabytes, or three hundred billion years. Sums of ten billion of them are exact still.
inline constexpr Decimal kLargestNumber = Decimal::from_nanos(Int128{10'000'000'000} * 1'000'000'000 * Decimal::kUnit);

struct Number {
  NumberOutcome outcome = NumberOutcome::kNoValue;
  Decimal value;
};

// "-" and empty are no value. Thousands separators (1,249) are accepted. A tenth digit behind the point is rounded half
// to even. NaN, infinities, hexadecimal and what is beyond kLargestNumber are not a number. With Unit::kNone a time
// stamp (see time.h) is a number too: seconds since 1970. With one of s, ms, us and ns the value may carry that very
// unit
// ("5us", "5 us" or "5µs"), and no other.
[[nodiscard]] Number parse_number(std::string_view text, Unit unit = Unit::kNone);

}  // namespace tailmeter
