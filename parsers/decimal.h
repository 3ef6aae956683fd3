// An exact decimal number: what a log line says, and what sums of such numbers come to.
//
// A Decimal counts billionths in 128 bits. Every number with at most nine digits behind the point is held exactly, sums
// do not depend on the order of their terms, and integers stay exact far beyond 2^53. The range is about ±1.7e29; what
// is read is much smaller (see number.h), so that sums have room for 10^10 of the largest numbers.
//
// A value type; any thread may use its own.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>

namespace tailmeter {

__extension__ using Int128 = __int128;

class Decimal {
 public:
  static constexpr int kFractionDigits = 9;
  static constexpr std::int64_t kUnit = 1'000'000'000;  // billionths in 1

  constexpr Decimal() = default;
  static constexpr Decimal from_nanos(Int128 nanos) { return Decimal(nanos); }
  static constexpr Decimal from_integer(std::int64_t integer) { return Decimal(Int128{integer} * kUnit); }

  // The nearest to a finite double within the range.
  static Decimal nearest(double value);

  [[nodiscard]] constexpr Int128 nanos() const { return nanos_; }
  [[nodiscard]] constexpr bool is_negative() const { return nanos_ < 0; }

  constexpr Decimal& operator+=(Decimal other) {
    nanos_ += other.nanos_;
    return *this;
  }
  friend constexpr Decimal operator+(Decimal left, Decimal right) { return left += right; }
  friend constexpr bool operator==(Decimal, Decimal) = default;
  friend constexpr auto operator<=>(Decimal left, Decimal right) { return left.nanos_ <=> right.nanos_; }

  // The nearest double, for callers whose own model is a double.
  [[nodiscard]] double to_double() const;

 private:
  explicit constexpr Decimal(Int128 nanos) : nanos_(nanos) {}

  Int128 nanos_ = 0;
};

inline constexpr std::size_t kMaxDecimalChars = 42;  // a sign, 30 digits, a point, 9 digits; and one to spare

// Writes the shortest decimal text that reads back as exactly `value` to where there is room for kMaxDecimalChars, and
// returns its end.
char* write_decimal(char* out, Decimal value);

// Appends the shortest decimal text that reads back as exactly `value`: "0.012", "17", "-3.5". Never an exponent.
void append_decimal(std::string& out, Decimal value);
[[nodiscard]] std::string to_string(Decimal value);

}  // namespace tailmeter
