#include "parsers/decimal.h"

#include <array>
#include <bit>
#include <cmath>

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

}  // namespace

double Decimal::to_double() const {
  constexpr UnsignedInt128 kExactInDouble = UnsignedInt128{1} << 53;
  const UnsignedInt128 nanos = magnitude(nanos_);
  double result = 0;
  if (nanos <= kExactInDouble) {
    // Both operands are exact, and IEEE 754 division rounds once.
    result = static_cast<double>(nanos) / static_cast<double>(kUnit);
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

void append_decimal(std::string& out, Decimal value) {
  constexpr std::size_t kLongest = 48;  // sign, 39 digits, point
  std::array<char, kLongest> text;
  char* const end = text.data() + text.size();
  char* begin = end;
  UnsignedInt128 nanos = magnitude(value.nanos());
  for (int i = 0; i < Decimal::kFractionDigits; ++i, nanos /= 10) {
    const auto digit = static_cast<char>('0' + static_cast<int>(nanos % 10));
    if (begin != end || digit != '0') *--begin = digit;
  }
  if (begin != end) *--begin = '.';
  do {
    *--begin = static_cast<char>('0' + static_cast<int>(nanos % 10));
    nanos /= 10;
  } while (nanos != 0);
  if (value.is_negative()) *--begin = '-';
  out.append(begin, end);
}

std::string to_string(Decimal value) {
  std::string text;
  append_decimal(text, value);
  return text;
}

}  // namespace tailmeter
