#include "parsers/nginx_conf/lexer.h"

#include <algorithm>

#include <fmt/format.h>

#include "parsers/clean_text.h"
#include "parsers/nginx_conf/lua_block.h"

namespace tailmeter {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string undo_escapes(std::string_view raw) {
  static constexpr std::string_view kEscaped = "\"'\\trn";
  static constexpr std::string_view kMeant = "\"'\\\t\r\n";
  std::string text;
  text.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const std::size_t known = raw[i] == '\\' && i + 1 < raw.size() ? kEscaped.find(raw[i + 1]) : std::string_view::npos;
    text += known == std::string_view::npos ? raw[i] : kMeant[known];
    if (known != std::string_view::npos) ++i;
  }
  return text;
}

}  // namespace

std::string to_string(const NginxPlace& place) {
  return place.line == 0 ? place.file : fmt::format("{}:{}", place.file, place.line);
}

void NginxLexer::advance() {
  if (text_[at_] == '\n') ++line_;
  ++at_;
}

void NginxLexer::skip_blanks_and_comments() {
  bool is_comment = false;
  for (; !is_at_end(); advance()) {
    if (text_[at_] == '#') is_comment = true;
    if (text_[at_] == '\n') is_comment = false;
    if (!is_comment && !is_blank(text_[at_])) return;
  }
}

NginxStatement NginxLexer::next() {
  NginxStatement statement;
  for (;;) {
    skip_blanks_and_comments();
    const bool is_begun = !statement.words.empty();
    if (is_at_end()) {
      if (is_begun) fail(R"(unexpected end of file, expecting ";" or "{")");
      return statement;
    }
    const char c = text_[at_];
    if (c != ';' && c != '{' && c != '}') {
      if (statement.words.size() == kMaxWords) fail(fmt::format("a directive of more than {} words", kMaxWords));
      statement.words.push_back(take_word());
      continue;
    }
    if (is_begun == (c == '}')) fail(fmt::format("unexpected \"{}\"", c));
    ++at_;
    using End = NginxStatement::End;
    statement.end = c == ';' ? End::kSemicolon : c == '{' ? End::kBlock : End::kBlockEnd;
    return statement;
  }
}

NginxWord NginxLexer::take_word() {
  const int line = line_;
  const char first = text_[at_];
  const bool is_quoted = first == '"' || first == '\'';
  if (is_quoted) advance();
  const std::size_t begin = at_;
  if (is_quoted) {
    find_end_of_quoted(first);
  } else {
    find_end_of_bare();
  }
  const std::string_view raw = text_.substr(begin, at_ - begin);
  if (raw.size() > kMaxWordBytes) {
    throw NginxConfError({file_, line}, fmt::format("a word of {} bytes; {} is the most that nginx takes: {}...",
                                                    raw.size(), kMaxWordBytes, clean_text(raw, 40)));
  }
  if (is_quoted) {
    advance();
    if (!is_at_end() && !is_blank(text_[at_]) && std::string_view(";{)").find(text_[at_]) == std::string_view::npos) {
      fail(fmt::format("unexpected \"{}\" behind a quote", clean_text(text_.substr(at_, 1), 4)));
    }
  }
  return {undo_escapes(raw), line};
}

void NginxLexer::find_end_of_quoted(char quote) {
  const NginxPlace begin = place();
  for (; !is_at_end(); advance()) {
    if (text_[at_] == quote) return;
    if (text_[at_] == '\\' && at_ + 1 < text_.size()) advance();
  }
  throw NginxConfError(begin, fmt::format("the {} that opens here is not closed", quote));
}

void NginxLexer::find_end_of_bare() {
  bool is_behind_dollar = false;
  for (; !is_at_end(); advance()) {
    const char c = text_[at_];
    if (c == '{' && is_behind_dollar) continue;
    if (is_blank(c) || c == ';' || c == '{') return;
    is_behind_dollar = c == '$';
    if (c == '\\' && at_ + 1 < text_.size()) advance();
  }
}

void NginxLexer::skip_lua_block() {
  const std::size_t end = end_of_lua_block(text_, at_);
  if (end == std::string_view::npos) fail("the block of Lua that begins here has no end");
  line_ += static_cast<int>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                       text_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
  at_ = end;
}

}  // namespace tailmeter
