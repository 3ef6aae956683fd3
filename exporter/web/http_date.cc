#include "exporter/web/http_date.h"

#include <array>

#include <fmt/format.h>

namespace tailmeter {

std::string http_date(std::time_t moment) {
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr int kFirstYear = 1900;
  std::tm time{};
  ::gmtime_r(&moment, &time);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[static_cast<std::size_t>(time.tm_wday)],
                     time.tm_mday, kMonths[static_cast<std::size_t>(time.tm_mon)], time.tm_year + kFirstYear,
                     time.tm_hour, time.tm_min, time.tm_sec);
}

}  // namespace tailmeter
