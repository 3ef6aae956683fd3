#include "exporter/web/exposition/header_list.h"

#include <algorithm>

namespace tailmeter {

std::string_view take_until(std::string_view& text, char separator) {
  bool is_quoted = false;
  std::size_t end = 0;
  for (; end < text.size() && (is_quoted || text[end] != separator); ++end) {
    if (text[end] == '"') is_quoted = !is_quoted;
    if (is_quoted && text[end] == '\\' && end + 1 < text.size()) ++end;
  }
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

int read_weight(std::string_view text) {
  constexpr int kFull = 1000;
  if (text.empty() || (text.front() != '0' && text.front() != '1')) return kFull;
  int weight = (text.front() - '0') * kFull;
  if (text.size() == 1) return weight;
  if (text[1] != '.' || text.size() > 5) return kFull;
  int worth = kFull / 10;
  for (const char digit : text.substr(2)) {
    if (digit < '0' || digit > '9') return kFull;
    weight += (digit - '0') * worth;
    worth /= 10;
  }
  return std::min(weight, kFull);
}

}  // namespace tailmeter
