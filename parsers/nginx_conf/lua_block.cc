#include "parsers/nginx_conf/lua_block.h"

#include <algorithm>
#include <string>

namespace tailmeter {
namespace {

// Behind a long bracket, [[...]] or [==[...]==], that begins at `at`; `at` itself if none does.
std::size_t behind_long_bracket(std::string_view text, std::size_t at) {
  std::size_t second = at + 1;
  while (second < text.size() && text[second] == '=') ++second;
  if (text.substr(at, 1) != "[" || text.substr(second, 1) != "[") return at;
  const std::string close = "]" + std::string(second - at - 1, '=') + "]";
  const std::size_t end = text.find(close, second + 1);
  return end == std::string_view::npos ? text.size() : end + close.size();
}

std::size_t behind_comment(std::string_view text, std::size_t at) {
  const std::size_t content = at + 2;
  const std::size_t long_end = behind_long_bracket(text, content);
  return long_end > content ? long_end : std::min(text.find('\n', content), text.size());
}

// A string that is not closed ends with its line, as Lua would complain there.
std::size_t behind_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == quote || text[at] == '\n') {
      return at + 1;
    }
  }
  return text.size();
}

}  // namespace

std::size_t end_of_lua_block(std::string_view text, std::size_t begin) {
  std::size_t depth = 1;
  for (std::size_t at = begin; at < text.size();) {
    const std::size_t bracket_end = behind_long_bracket(text, at);
    if (bracket_end > at) {
      at = bracket_end;
    } else if (text.substr(at, 2) == "--") {
      at = behind_comment(text, at);
    } else if (text[at] == '"' || text[at] == '\'') {
      at = behind_string(text, at);
    } else {
      if (text[at] == '{') ++depth;
      if (text[at] == '}') --depth;
      ++at;
      if (depth == 0) return at;
    }
  }
  return std::string_view::npos;
}

}  // namespace tailmeter
