#include "rules/file/plain_text.h"

#include <algorithm>

#include "parsers/clean_text.h"

namespace tailmeter {

std::string plain_text(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') plain += text[i];
  }
  return plain;
}

std::optional<std::size_t> find_unprintable(std::string_view plain_text) {
  std::string text(plain_text);
  std::replace(text.begin(), text.end(), '\t', ' ');
  std::replace(text.begin(), text.end(), '\n', ' ');
  const std::string clean = clean_text(text, text.size() * 4);  // the same rules hold for label values
  if (clean == text) return std::nullopt;
  return static_cast<std::size_t>(std::mismatch(text.begin(), text.end(), clean.begin()).first - text.begin());
}

Place place_at(std::string_view plain_text, std::size_t offset) {
  const std::string_view before = plain_text.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(offset - line_start) + 1};
}

}  // namespace tailmeter
