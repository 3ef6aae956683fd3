#include "parsers/decimal.h"

#include <cstdlib>
#include <limits>
#include <random>

#include <catch2/catch.hpp>

using namespace tailmeter;

namespace {

constexpr Int128 kLargest = std::numeric_limits<Int128>::max();

// Decimal text by schoolbook division, digit by digit.
std::string digits_of(Int128 nanos) {
  __extension__ using UnsignedInt128 = unsigned __int128;
  const bool is_negative = nanos < 0;
  UnsignedInt128 rest = is_negative ? 0 - static_cast<UnsignedInt128>(nanos) : static_cast<UnsignedInt128>(nanos);
  std::string text;
  for (int i = 0; i < Decimal::kFractionDigits || rest != 0; ++i, rest /= 10) {
    if (i == Decimal::kFractionDigits) text += '.';
    text += static_cast<char>('0' + static_cast<int>(rest % 10));
  }
  if (text.size() == std::size_t{Decimal::kFractionDigits}) text += ".0";
  if (is_negative) text += '-';
  return {text.rbegin(), text.rend()};
}

// 128 random bits, of which a random number of leading ones are 0.
Int128 random_nanos(std::mt19937_64& random) {
  const auto bits = static_cast<Int128>(random()) << 64 | static_cast<Int128>(random());
  return bits >> (random() % 127);
}

}  // namespace

TEST_CASE("a decimal's text is the shortest that reads back as the same number", "[decimal]") {
  const auto [nanos, text] = GENERATE(table<Int128, std::string>({
      {0, "0"},
      {1, "0.000000001"},
      {-1, "-0.000000001"},
      {12'000'000, "0.012"},
      {17'000'000'000, "17"},
      {-3'500'000'000, "-3.5"},
      {100'000'000'000, "100"},
      {1'000'000'001, "1.000000001"},
      {Int128{18'446'744'073'709'551'615U} + 1, "18446744073.709551616"},  // no more than 64 bits, and one more
      {Int128{18'446'744'073'709'551'615U}, "18446744073.709551615"},
      {Int128{1'000'000'000'000'000'000} * 1'000'000'000 + 1, "1000000000000000000.000000001"},
      {Int128{1'000'000'000'000'000'000} * 1'000'000'007, "1000000007000000000"},
      {kLargest, "170141183460469231731687303715.884105727"},
      {-kLargest - 1, "-170141183460469231731687303715.884105728"},
  }));
  CHECK(to_string(Decimal::from_nanos(nanos)) == text);
}

TEST_CASE("a double is the decimal nearest to it", "[decimal]") {
  const auto [value, text] = GENERATE(table<double, std::string>({{0, "0"},
                                                                  {0.1, "0.1"},
                                                                  {-2.5, "-2.5"},
                                                                  {1e15, "1000000000000000"},
                                                                  {0x1p80, "1208925819614629174706176"},
                                                                  {1.0 / 3, "0.333333333"},
                                                                  {1'763'838'000.25, "1763838000.25"},
                                                                  {4e-10, "0"},
                                                                  {6e-10, "0.000000001"}}));
  CHECK(to_string(Decimal::nearest(value)) == text);
}

TEST_CASE("appending a decimal leaves what was there before", "[decimal]") {
  std::string text = "x ";
  append_decimal(text, Decimal::from_integer(-20));
  CHECK(text == "x -20");
}

TEST_CASE("sums do not depend on the order of their terms", "[decimal]") {
  // With doubles, 0.1 + 0.2 + 0.3 and 0.3 + 0.2 + 0.1 differ, and 2^53 + 1 is 2^53.
  const Decimal tenth = Decimal::from_nanos(100'000'000);
  const Decimal fifth = Decimal::from_nanos(200'000'000);
  const Decimal large = Decimal::from_integer(std::int64_t{1} << 53);
  CHECK(tenth + fifth + large == large + fifth + tenth);
  CHECK(to_string(large + Decimal::from_integer(1) + tenth) == "9007199254740993.1");
}

TEST_CASE("decimals are ordered as numbers", "[decimal]") {
  CHECK(Decimal::from_nanos(-1) < Decimal());
  CHECK(Decimal::from_nanos(999'999'999) < Decimal::from_integer(1));
  CHECK(Decimal::from_nanos(-1).is_negative());
  CHECK_FALSE(Decimal().is_negative());
}

TEST_CASE("the double of a decimal is the nearest one", "[decimal]") {
  std::mt19937_64 random(20'261'121);
  for (int i = 0; i < 100'000; ++i) {
    const Int128 nanos = random_nanos(random);
    const std::string text = digits_of(nanos);
    const double nearest = std::strtod(text.c_str(), nullptr);
    if (Decimal::from_nanos(nanos).to_double() != nearest)
      FAIL(text << " became " << Decimal::from_nanos(nanos).to_double());
  }
}

TEST_CASE("a decimal half-way between two doubles goes to the even one, and a hair more goes up", "[decimal]") {
  const Int128 unit = Decimal::kUnit;
  const Int128 half_way = (Int128{1} << 53) + 1;  // between 2^53 and 2^53 + 2
  CHECK(Decimal::from_nanos(half_way * unit).to_double() == 0x1p53);
  CHECK(Decimal::from_nanos(half_way * unit + 1).to_double() == 0x1p53 + 2);
  CHECK(Decimal::from_nanos((half_way + 2) * unit).to_double() == 0x1p53 + 4);
  CHECK(Decimal::from_nanos((half_way + 2) * unit - 1).to_double() == 0x1p53 + 2);
  CHECK(Decimal::from_nanos(-half_way * unit).to_double() == -0x1p53);
  const Int128 large_half_way = half_way << 43;  // a billionth more is far behind the bits that a quotient can show
  CHECK(Decimal::from_nanos(large_half_way * unit).to_double() == 0x1p96);
  CHECK(Decimal::from_nanos(large_half_way * unit + 1).to_double() == 0x1p96 + 0x1p44);
  CHECK(Decimal::from_nanos(kLargest).to_double() == 170141183460469231731687303715.884105727);
  CHECK(Decimal::from_nanos(-kLargest - 1).to_double() == -170141183460469231731687303715.884105728);
}
