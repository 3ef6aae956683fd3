#include "parsers/decimal.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <iterator>

namespace tailmeter {
namespace {

__extension__ using UnsignedInt128 = unsigned __int128;

UnsignedInt128 magnitude(Int128 value) {
  const auto bits = static_cast<UnsignedInt128>(value);
  return value < 0 ? 0 - bits : bits;
}

int leading_zeros(UnsignedInt128 value) {
  const auto high = static_cast<std::uint64_t>(value >> 64);
  return high != 0 ? std::countl_zero(high) : 64 + std::countl_zero(static_cast<std::uint64_t>(value));
}

char* write_integer(char* out, std::uint64_t integer) {
  constexpr int kMostDigits = 20;
  return std::to_chars(out, out + kMostDigits, integer).ptr;
}

char* write_integer(char* out, UnsignedInt128 integer) {
  constexpr std::uint64_t kBelow = 1'000'000'000'000'000'000U;  // has 18 zeros
  if (integer < kBelow) return write_integer(out, static_cast<std::uint64_t>(integer));
  out = write_integer(out, integer / kBelow);
  char digits[19];  // a digit in front keeps the zeros behind it
  std::to_chars(digits, std::end(digits), kBelow + static_cast<std::uint64_t>(integer % kBelow));
  return std::copy(digits + 1, std::end(digits), out);
}

}  // namespace

Decimal Decimal::nearest(double value) {
  const double whole = std::trunc(value);  // times a billion it need not be exact in a double
  const double nanos = std::nearbyint((value - whole) * static_cast<double>(kUnit));
  return Decimal(static_cast<Int128>(whole) * kUnit + static_cast<Int128>(nanos));
}

double Decimal::to_double() const {
  constexpr UnsignedInt128 kExactInDouble = UnsignedInt128{1} << 53;
  const UnsignedInt128 nanos = magnitude(nanos_);
  const auto low = static_cast<std::uint64_t>(nanos);
  double result = 0;
  if (nanos <= kExactInDouble) {
    // Both operands are exact, and IEEE 754 division rounds once.
    result = static_cast<double>(low) / static_cast<double>(kUnit);
  } else if (low == nanos && low % kUnit == 0) {
    result = static_cast<double>(low / kUnit);  // most counts; less than 2^53
  } else {
    // Shifted up, the quotient has at least 97 bits. The remainder only matters when the 53 bits kept are followed by
    // exactly one half: setting the quotient's last bit says "more than half", so the conversion rounds once, too.
    const int shift = leading_zeros(nanos);
    const UnsignedInt128 shifted = nanos << shift;
    const UnsignedInt128 quotient = shifted / kUnit | (shifted % kUnit != 0 ? 1 : 0);
    result = std::ldexp(static_cast<double>(quotient), -shift);
  }
  return nanos_ < 0 ? -result : result;
}

char* write_decimal(char* out, Decimal value) {
  constexpr auto kUnit = static_cast<std::uint64_t>(Decimal::kUnit);
  if (value.is_negative()) *out++ = '-';
  const UnsignedInt128 nanos = magnitude(value.nanos());
  std::uint64_t fraction = 0;
  // A division of 128 bits costs ten times one of 64, and most values are small.
  if (const auto low = static_cast<std::uint64_t>(nanos); low == nanos) {
    fraction = low % kUnit;
    out = write_integer(out, low / kUnit);
  } else {
    fraction = static_cast<std::uint64_t>(nanos % kUnit);
    out = write_integer(out, nanos / kUnit);
  }
  if (fraction == 0) return out;
  // A digit in front keeps the zeros behind the point.
  char digits[Decimal::kFractionDigits + 1];
  std::to_chars(digits, std::end(digits), kUnit + fraction);
  char* end = std::end(digits);
  while (end[-1] == '0') --end;
  *out++ = '.';
  return std::copy(digits + 1, end, out);
}

void append_decimal(std::string& out, Decimal value) {
  char text[kMaxDecimalChars];
  out.append(text, write_decimal(text, value));
}

std::string to_string(Decimal value) {
  std::string text;
  append_decimal(text, value);
  return text;
}

}  // namespace tailmeter
