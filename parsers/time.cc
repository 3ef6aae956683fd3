#include "parsers/time.h"

#include <array>
#include <cstdint>
#include <ctime>

namespace tailmeter {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Reads a text from its beginning. Once something expected is missing, it has failed and stays so.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool has_failed() const { return has_failed_; }
  [[nodiscard]] bool is_at_end() const { return rest_.empty(); }
  [[nodiscard]] bool is_at(char c) const { return rest_.starts_with(c); }
  [[nodiscard]] bool is_at_digit() const { return !rest_.empty() && is_digit(rest_.front()); }

  // Takes one of `bytes`, if there is one: 0 if not.
  char take_one_of(std::string_view bytes) {
    if (rest_.empty() || bytes.find(rest_.front()) == std::string_view::npos) return 0;
    const char taken = rest_.front();
    rest_.remove_prefix(1);
    return taken;
  }

  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  void expect(char c) { has_failed_ |= take_one_of({&c, 1}) == 0; }

  // A number of `digits` digits within [lowest, highest].
  int number(std::size_t digits, int lowest, int highest) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_at_digit()) {
        has_failed_ = true;
        return lowest;
      }
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    has_failed_ |= value < lowest || value > highest;
    return value;
  }

  // 21, 01, 1, or 1 padded with a blank.
  int day() {
    take(" ");
    int day = number(1, 0, 9);
    if (is_at_digit()) day = day * 10 + number(1, 0, 9);
    has_failed_ |= day < 1 || day > 31;
    return day;
  }

  int month_name() {
    const auto month = take_name("JanFebMarAprMayJunJulAugSepOctNovDec");
    has_failed_ |= !month;
    return month.value_or(0) + 1;
  }

  bool take_weekday() { return take_name("SunMonTueWedThuFriSat").has_value(); }

 private:
  // Takes one of `names`, of three letters each, if there is one: which.
  std::optional<int> take_name(std::string_view names) {
    const std::size_t found = rest_.size() < 3 ? std::string_view::npos : names.find(rest_.substr(0, 3));
    if (found == std::string_view::npos || found % 3 != 0) return std::nullopt;
    rest_.remove_prefix(3);
    return static_cast<int>(found / 3);
  }

  std::string_view rest_;
  bool has_failed_ = false;
};

struct Moment {
  int year = 0;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::int64_t nanos = 0;
};

bool is_leap(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool is_day_of_month(const Moment& m) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return m.day <= kDays[static_cast<std::size_t>(m.month - 1)] + (m.month == 2 && is_leap(m.year) ? 1 : 0);
}

// Days since 1970-01-01 in the proleptic Gregorian calendar. Years are taken to begin in March, so that the leap day is
// their last.
std::int64_t days_since_epoch(const Moment& m) {
  const std::int64_t year = m.month <= 2 ? m.year - 1 : m.year;
  const int months_since_march = (m.month + 9) % 12;
  const int day_of_year = (153 * months_since_march + 2) / 5 + m.day - 1;
  constexpr std::int64_t kDaysBefore1970 = 719'468;  // since 0000-03-01
  return year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - kDaysBefore1970;
}

std::int64_t seconds_in_utc(const Moment& m) {
  return ((days_since_epoch(m) * 24 + m.hour) * 60 + m.minute) * 60 + m.second;
}

std::int64_t seconds_in_local_time(const Moment& m) {
  std::tm local{};
  local.tm_year = m.year - 1900;
  local.tm_mon = m.month - 1;
  local.tm_mday = m.day;
  local.tm_hour = m.hour;
  local.tm_min = m.minute;
  local.tm_sec = m.second;
  local.tm_isdst = -1;
  return std::mktime(&local);
}

// HH:MM:SS with a fraction, of which nine digits count.
void read_clock(Reader& reader, Moment& m) {
  m.hour = reader.number(2, 0, 23);
  reader.expect(':');
  m.minute = reader.number(2, 0, 59);
  reader.expect(':');
  m.second = reader.number(2, 0, 60);
  if (reader.take_one_of(".,") == 0) return;
  m.nanos = reader.number(1, 0, 9);
  int digits = 1;
  for (; reader.is_at_digit(); ++digits) {
    const int digit = reader.number(1, 0, 9);
    if (digits < Decimal::kFractionDigits) m.nanos = m.nanos * 10 + digit;
  }
  for (; digits < Decimal::kFractionDigits; ++digits) m.nanos *= 10;
}

// Z, +hh, +hhmm or +hh:mm, in seconds east of Greenwich.
int read_zone(Reader& reader) {
  if (reader.take_one_of("Z") != 0) return 0;
  const char sign = reader.take_one_of("+-");
  if (sign == 0) reader.expect('+');
  const int hours = reader.number(2, 0, 23);
  const bool has_minutes = reader.take_one_of(":") != 0 || reader.is_at_digit();
  const int minutes = has_minutes ? reader.number(2, 0, 59) : 0;
  return (sign == '-' ? -60 : 60) * (hours * 60 + minutes);
}

// 21/Nov/2026:18:49:31 +0000
void read_common_date(Reader& reader, Moment& m) {
  m.day = reader.number(2, 1, 31);
  reader.expect('/');
  m.month = reader.month_name();
  reader.expect('/');
  m.year = reader.number(4, 1, 9999);
  if (reader.take_one_of(" ") == 0) reader.expect(':');
}

// 2026-11-21T or 2026/11/21 and a blank
void read_iso_date(Reader& reader, Moment& m) {
  m.year = reader.number(4, 1, 9999);
  const char separator = reader.take_one_of("-/");
  if (separator == 0) reader.expect('-');
  m.month = reader.number(2, 1, 12);
  reader.expect(separator);
  m.day = reader.number(2, 1, 31);
  if (reader.take_one_of("T") == 0) reader.expect(' ');
}

// The moment at that local time in the last year in which it was, or will be within a day.
std::optional<std::int64_t> last_such_moment(Moment m, std::int64_t now_seconds) {
  constexpr std::int64_t kAheadSeconds = std::int64_t{24} * 60 * 60;
  constexpr int kYearsBetweenLeapYears = 8;  // at most, around 1900 and 2100
  const std::time_t now = now_seconds;
  std::tm local{};
  if (localtime_r(&now, &local) == nullptr) return std::nullopt;
  const int this_year = local.tm_year + 1900;
  for (m.year = this_year + 1; m.year >= this_year - kYearsBetweenLeapYears; --m.year) {
    if (!is_day_of_month(m)) continue;
    const std::int64_t seconds = seconds_in_local_time(m);
    if (seconds <= now_seconds + kAheadSeconds) return seconds;
  }
  return std::nullopt;
}

std::optional<Decimal> in_nanos(std::int64_t seconds, const Moment& m) {
  return Decimal::from_nanos(Int128{seconds} * Decimal::kUnit + m.nanos);
}

// Sat, 21 Nov 2026 18:49:31 GMT, behind the comma
std::optional<Decimal> read_mail_date(Reader& reader) {
  Moment m;
  reader.expect(' ');
  m.day = reader.day();
  reader.expect(' ');
  m.month = reader.month_name();
  reader.expect(' ');
  m.year = reader.number(4, 1, 9999);
  reader.expect(' ');
  read_clock(reader, m);
  reader.expect(' ');
  const int zone_seconds = reader.take("GMT") || reader.take("UTC") ? 0 : read_zone(reader);
  if (reader.has_failed() || !reader.is_at_end() || !is_day_of_month(m)) return std::nullopt;
  return in_nanos(seconds_in_utc(m) - zone_seconds, m);
}

// Nov 21 18:49:31, with a year behind it if the day of the week was in front
std::optional<Decimal> read_named_month(Reader& reader, bool has_year, std::int64_t now_seconds) {
  Moment m;
  m.month = reader.month_name();
  reader.expect(' ');
  m.day = reader.day();
  reader.expect(' ');
  read_clock(reader, m);
  bool is_utc = false;
  if (has_year) {
    reader.expect(' ');
    is_utc = reader.take("UTC ") || reader.take("GMT ");
    m.year = reader.number(4, 1, 9999);
  }
  if (reader.has_failed() || !reader.is_at_end()) return std::nullopt;
  if (!has_year) {
    const auto seconds = last_such_moment(m, now_seconds);
    return seconds ? in_nanos(*seconds, m) : std::nullopt;
  }
  if (!is_day_of_month(m)) return std::nullopt;
  return in_nanos(is_utc ? seconds_in_utc(m) : seconds_in_local_time(m), m);
}

std::optional<Decimal> read_names(std::string_view text, std::int64_t now_seconds) {
  Reader reader(text);
  const bool has_weekday = reader.take_weekday();
  if (has_weekday && reader.take(",")) return read_mail_date(reader);
  if (has_weekday) reader.expect(' ');
  return read_named_month(reader, has_weekday, now_seconds);
}

std::optional<Decimal> read_digits(std::string_view text) {
  const bool is_common = text.size() > 2 && text[2] == '/';
  Reader reader(text);
  Moment m;
  if (is_common) {
    read_common_date(reader, m);
  } else {
    read_iso_date(reader, m);
  }
  read_clock(reader, m);
  const bool has_blank = reader.take_one_of(" ") != 0;
  const bool has_zone = is_common || has_blank || !reader.is_at_end();
  const int zone_seconds = has_zone ? read_zone(reader) : 0;
  if (reader.has_failed() || !reader.is_at_end() || !is_day_of_month(m)) return std::nullopt;
  const std::int64_t seconds = has_zone ? seconds_in_utc(m) - zone_seconds : seconds_in_local_time(m);
  return in_nanos(seconds, m);
}

}  // namespace

std::optional<Decimal> parse_time(std::string_view text) {
  return parse_time(text, std::time(nullptr));
}

std::optional<Decimal> parse_time(std::string_view text, std::int64_t now_seconds) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  const bool begins_with_name = !text.empty() && text.front() >= 'A' && text.front() <= 'Z';
  return begins_with_name ? read_names(text, now_seconds) : read_digits(text);
}

}  // namespace tailmeter
