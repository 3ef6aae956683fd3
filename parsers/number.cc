#include "parsers/number.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "parsers/fields.h"
#include "parsers/time.h"

namespace tailmeter {
namespace {

__extension__ using UnsignedInt128 = unsigned __int128;

constexpr std::array<std::uint64_t, 19> kPowersOfTen = [] {
  std::array<std::uint64_t, 19> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

// What a unit multiplies with: factor * 10^exponent.
struct Scale {
  std::uint64_t factor = 1;  // at most 2^60
  int exponent = 0;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// A number as it is written. The views hold digits; `whole` may hold thousands separators, too.
struct Written {
  bool is_negative = false;
  std::string_view whole;
  std::string_view fraction;
  int exponent = 0;
};

std::string_view take(std::string_view& text, std::size_t size) {
  const std::string_view taken = text.substr(0, size);
  text.remove_prefix(size);
  return taken;
}

std::size_t count_digits(std::string_view text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
}

std::string_view take_whole(std::string_view& text) {
  std::size_t size = count_digits(text);
  if (size >= 1 && size <= 3) {
    while (size < text.size() && text[size] == ',' && count_digits(text.substr(size + 1)) == 3) size += 4;
  }
  return take(text, size);
}

std::string_view take_fraction(std::string_view& text) {
  if (!text.starts_with('.')) return {};
  text.remove_prefix(1);
  return take(text, count_digits(text));
}

int take_exponent(std::string_view& text) {
  constexpr int kLargest = 99'999'999;  // no line has so many digits: a larger one is as good as infinite
  if (text.empty() || (text[0] != 'e' && text[0] != 'E')) return 0;
  const bool has_sign = text.size() > 1 && (text[1] == '+' || text[1] == '-');
  const std::size_t begin = has_sign ? 2 : 1;
  const std::size_t size = begin <= text.size() ? count_digits(text.substr(begin)) : 0;
  if (size == 0) return 0;
  int exponent = 0;
  for (const char c : text.substr(begin, size)) exponent = std::min(exponent * 10 + (c - '0'), kLargest);
  if (text[1] == '-') exponent = -exponent;
  text.remove_prefix(begin + size);
  return exponent;
}

bool take_sign(std::string_view& text) {
  if (text.empty() || (text[0] != '-' && text[0] != '+')) return false;
  return take(text, 1) == "-";
}

// Takes a number without its sign; false if there is none.
bool take_number(std::string_view& text, Written& number) {
  number.whole = take_whole(text);
  number.fraction = take_fraction(text);
  if (number.whole.empty() && number.fraction.empty()) return false;
  number.exponent = take_exponent(text);
  return true;
}

// Sets `value` to the number times the scale; false if that is out of range. Exact, and then rounded once, for up to 27
// digits behind the point.
bool scale_number(const Written& number, Scale scale, Decimal& value) {
  constexpr int kRestDigits = 18;  // a factor times as many digits fits into 128 bits
  const std::ptrdiff_t commas = std::count(number.whole.begin(), number.whole.end(), ',');
  const std::ptrdiff_t nanos_end = static_cast<std::ptrdiff_t>(number.whole.size()) - commas + number.exponent +
                                   scale.exponent + Decimal::kFractionDigits;
  const std::ptrdiff_t rest_end = nanos_end + kRestDigits;
  UnsignedInt128 nanos = 0;     // the digits up to the ninth behind the point
  std::uint64_t rest = 0;       // the next eighteen
  bool is_more_behind = false;  // a digit other than 0 behind these
  bool is_in_range = true;
  std::ptrdiff_t place = 0;  // of the digit
  const auto add = [&](char digit) {
    const auto digit_value = static_cast<unsigned>(digit - '0');
    if (place < nanos_end) {
      is_in_range = is_in_range && !__builtin_mul_overflow(nanos, 10U, &nanos) &&
                    !__builtin_add_overflow(nanos, digit_value, &nanos);
    } else if (place < rest_end) {
      rest = rest * 10 + digit_value;
    } else {
      is_more_behind = is_more_behind || digit_value != 0;
    }
    ++place;
  };
  for (const std::string_view digits : {number.whole, number.fraction}) {
    for (const char c : digits) {
      if (c != ',') add(c);
    }
  }
  while (place < rest_end && (nanos != 0 || rest != 0) && is_in_range) add('0');
  if (!is_in_range || __builtin_mul_overflow(nanos, scale.factor, &nanos)) return false;

  constexpr std::uint64_t kRestUnit = kPowersOfTen[kRestDigits];
  const UnsignedInt128 product = UnsignedInt128{rest} * scale.factor;
  const auto remainder = static_cast<std::uint64_t>(product % kRestUnit);
  UnsignedInt128 carry = product / kRestUnit;
  const bool is_odd = ((nanos + carry) & 1) != 0;
  if (remainder > kRestUnit / 2 || (remainder == kRestUnit / 2 && (is_more_behind || is_odd))) ++carry;
  constexpr auto kLargest = static_cast<UnsignedInt128>(kLargestNumber.nanos());
  if (nanos > kLargest || carry > kLargest - nanos) return false;
  const auto magnitude = static_cast<Int128>(nanos + carry);
  value = Decimal::from_nanos(number.is_negative ? -magnitude : magnitude);
  return true;
}

// The usual number: a few digits, perhaps a point and a few more. False says nothing about other numbers.
inline bool read_short_number(std::string_view text, int exponent, Decimal& value) {
  constexpr std::size_t kMaxSize = 18;  // so many digits fit into 64 bits
  if (text.empty() || text.size() > kMaxSize || !is_digit(text.front())) return false;
  const char* const end = text.data() + text.size();
  const char* point = end;
  std::uint64_t digits = 0;
  for (const char* place = text.data(); place != end; ++place) {
    const unsigned digit = static_cast<unsigned char>(*place) - unsigned{'0'};
    if (digit <= 9) [[likely]] {
      digits = digits * 10 + digit;
    } else if (*place == '.' && point == end) {
      point = place;
    } else {
      return false;
    }
  }
  const std::ptrdiff_t decimals = point == end ? 0 : end - point - 1;
  const std::ptrdiff_t power = Decimal::kFractionDigits + exponent - decimals;
  if (power < 0) return false;
  value =
      Decimal::from_nanos(static_cast<Int128>(UnsignedInt128{digits} * kPowersOfTen[static_cast<std::size_t>(power)]));
  return true;
}

// Go's time.ParseDuration: 1h2m3.5s. A number without a unit is seconds.
bool read_go_duration(std::string_view text, Decimal& value) {
  struct GoUnit {
    std::string_view name;
    Scale scale;
  };
  static constexpr GoUnit kUnits[] = {{"ms", {1, -3}},      {"h", {3600, 0}},    {"m", {60, 0}},
                                      {"s", {1, 0}},        {"us", {1, -6}},     {"ns", {1, -9}},
                                      {"\u00b5s", {1, -6}}, {"\u03bcs", {1, -6}}};  // micro sign, Greek mu
  const bool is_negative = take_sign(text);
  if (text.empty()) return false;
  Int128 sum = 0;
  for (bool is_first = true; !text.empty(); is_first = false) {
    Written number;
    if (!take_number(text, number)) return false;
    number.is_negative = is_negative;
    if (text.empty() && is_first) return scale_number(number, {}, value);
    const auto* const unit = std::find_if(std::begin(kUnits), std::end(kUnits),
                                          [text](const GoUnit& u) { return text.starts_with(u.name); });
    if (unit == std::end(kUnits) || !scale_number(number, unit->scale, value)) return false;
    sum += value.nanos();
    if (sum > kLargestNumber.nanos()) return false;
    text.remove_prefix(unit->name.size());
  }
  value = Decimal::from_nanos(sum);
  return true;
}

// What stands behind the number of a size: K, kB, MiB, " GB", bytes. With "i" a letter is a power of 1024; without, it
// is one of 1000 unless `letters_are_binary`.
bool read_size_suffix(std::string_view suffix, bool letters_are_binary, Scale& scale) {
  if (suffix.starts_with(' ')) suffix.remove_prefix(1);
  if (suffix == "B" || suffix == "byte" || suffix == "bytes") return true;
  const std::size_t letter = std::string_view("KMGTPEkmgtpe").find(suffix.empty() ? '?' : suffix.front());
  if (letter == std::string_view::npos) return false;
  suffix.remove_prefix(1);
  const auto power = static_cast<int>(letter % 6) + 1;
  const bool is_binary = suffix.starts_with('i');
  if (is_binary) suffix.remove_prefix(1);
  if (!suffix.empty() && suffix != "B" && suffix != "b") return false;
  scale = is_binary || letters_are_binary ? Scale{std::uint64_t{1} << (10 * power), 0} : Scale{1, 3 * power};
  return true;
}

int exponent_of(Unit unit) {
  switch (unit) {
    case Unit::kMilliseconds:
      return -3;
    case Unit::kMicroseconds:
      return -6;
    case Unit::kNanoseconds:
      return -9;
    default:
      return 0;
  }
}

// Whether `suffix` is how the unit itself is written. Micro has two signs, U+00B5 and U+03BC.
bool carries(Unit unit, std::string_view suffix) {
  if (suffix.starts_with(' ')) suffix.remove_prefix(1);
  switch (unit) {
    case Unit::kSeconds:
      return suffix == "s";
    case Unit::kMilliseconds:
      return suffix == "ms";
    case Unit::kMicroseconds:
      return suffix == "us" || suffix == "\u00b5s" || suffix == "\u03bcs";
    case Unit::kNanoseconds:
      return suffix == "ns";
    default:
      return false;
  }
}

bool read_time(std::string_view text, Decimal& value) {
  const std::optional<Decimal> time = parse_time(text);
  if (time) value = *time;
  return time.has_value();
}

bool read_number(std::string_view text, Unit unit, Decimal& value) {
  Scale scale{1, exponent_of(unit)};
  if (unit == Unit::kGoDuration) return read_go_duration(text, value);
  std::string_view rest = text;
  Written number;
  number.is_negative = take_sign(rest);
  if (!take_number(rest, number)) return unit == Unit::kNone && read_time(text, value);
  if (rest.empty()) return scale_number(number, scale, value);
  switch (unit) {
    case Unit::kNone:
      return read_time(text, value);
    case Unit::kBytes:
    case Unit::kSi:
    case Unit::kIec:
      return read_size_suffix(rest, unit == Unit::kIec, scale) && scale_number(number, scale, value);
    default:
      return carries(unit, rest) && scale_number(number, scale, value);
  }
}

}  // namespace

Number parse_number(std::string_view text, Unit unit) {
  Number number;
  if (read_short_number(text, exponent_of(unit), number.value)) {
    number.outcome = NumberOutcome::kNumber;
    return number;
  }
  if (!has_value(text)) return number;
  number.outcome = read_number(text, unit, number.value) ? NumberOutcome::kNumber : NumberOutcome::kNotANumber;
  return number;
}

}  // namespace tailmeter
