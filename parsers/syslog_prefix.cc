#include "parsers/syslog_prefix.h"

#include <algorithm>
#include <array>

#include "parsers/byte_order_mark.h"
#include "parsers/cursor.h"

namespace tailmeter {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// RFC 3164, section 4.1.2: a day below 10 is padded with a blank; some do not.
bool take_old_time(Cursor& at) {
  const bool has_month =
      std::any_of(kMonths.begin(), kMonths.end(), [&](std::string_view month) { return at.take(month); });
  if (!has_month || !at.take(' ')) return false;
  at.take(' ');
  return at.take_digits(1, 2) && at.take(' ') && at.take_time_of_day();
}

// Where there is no host, the tag comes at once: it is told by its colon.
bool take_host_and_tag(Cursor& at) {
  const auto take_tag = [&] { return at.take_until(' ').ends_with(':'); };
  return take_tag() || (at.take(' ') && take_tag());
}

// NAME="VALUE", with \" \\ and \] in the value.
bool take_parameter(Cursor& at) {
  const std::string_view name = at.rest().substr(0, at.rest().find_first_of("= ]\""));
  if (name.empty() || !at.take(name) || !at.take("=\"")) return false;
  for (; !at.take('"'); at.move_to(at.offset() + 1)) {
    at.take('\\');
    if (at.is_at_end()) return false;
  }
  return true;
}

bool take_structured_data(Cursor& at) {
  if (at.take('-')) return true;
  if (!at.is_at('[')) return false;
  while (at.take('[')) {
    const std::string_view id = at.rest().substr(0, at.rest().find_first_of("= ]\""));
    if (id.empty() || !at.take(id)) return false;
    while (at.take(' ')) {
      if (!take_parameter(at)) return false;
    }
    if (!at.take(']')) return false;
  }
  return true;
}

bool take_rfc5424(Cursor& at) {
  if (!at.take('-') && !at.take_timestamp()) return false;
  for (int header = 0; header < 4; ++header) {  // host, application, process, message identifier
    if (!at.take(' ') || at.take_until(' ').empty()) return false;
  }
  if (!at.take(' ') || !take_structured_data(at)) return false;
  if (at.is_at_end()) return true;
  if (!at.take(' ')) return false;
  at.take(kByteOrderMark);
  return true;
}

bool take_rfc3164(Cursor& at) {
  const bool has_time =
      !at.is_at_end() && at.rest().front() >= '0' && at.rest().front() <= '9' ? at.take_timestamp() : take_old_time(at);
  if (!has_time || !at.take(' ') || !take_host_and_tag(at)) return false;
  at.take(' ');
  return true;
}

}  // namespace

LinePrefix read_syslog_prefix(std::string_view line) {
  Cursor at(line);
  const bool has_priority = at.take('<');
  if (has_priority && !(at.take_digits(1, 3) && at.take('>'))) return {false, at.offset()};
  const bool is_whole = has_priority && at.take("1 ") ? take_rfc5424(at) : take_rfc3164(at);
  return {is_whole, at.offset()};
}

}  // namespace tailmeter
