#include "parsers/compose_prefix.h"

#include "parsers/cursor.h"

namespace tailmeter {

LinePrefix read_compose_prefix(std::string_view line) {
  constexpr std::string_view kNameBytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
  Cursor at(line);
  at.take(line.substr(0, line.find_first_not_of(kNameBytes)));
  const bool has_name = at.offset() > 0 && at.take(' ');
  while (has_name && at.take(' ')) {
  }
  // An editor may have taken off the blank at the end of an empty line.
  const bool is_whole = has_name && at.take('|') && (at.take(' ') || at.is_at_end());
  return {is_whole, at.offset()};
}

}  // namespace tailmeter
