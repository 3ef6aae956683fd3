// The text of one nginx configuration file as statements: words up to ";", "{" or "}".
//
// Words are what nginx makes of them: quotes are taken off, \" \' \\ \t \r \n are undone everywhere and any other
// backslash stays, "#" begins a comment only where a word could begin, "${" does not open a block, and a quoted word
// may go over several lines. What nginx refuses here is refused. Source: ngx_conf_read_token() in
// src/core/ngx_conf_file.c.
//
// Used when a configuration is loaded; refers to the text, which must outlive it.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tailmeter {

struct NginxPlace {
  std::string file;  // as it was included
  int line = 0;      // from 1; 0 is the file as a whole
};

// "nginx.conf:12", or "nginx.conf"
[[nodiscard]] std::string to_string(const NginxPlace& place);

// A configuration that nginx would refuse, or that is larger than is read. what() begins with the place.
class NginxConfError : public std::runtime_error {
 public:
  NginxConfError(const NginxPlace& place, const std::string& message)
      : std::runtime_error(to_string(place) + ": " + message) {}
};

struct NginxWord {
  std::string text;
  int line = 0;  // where it begins
};

struct NginxStatement {
  enum class End { kSemicolon, kBlock, kBlockEnd, kFileEnd };
  End end = End::kFileEnd;
  std::vector<NginxWord> words;  // none before kBlockEnd and kFileEnd, else at least one
};

class NginxLexer {
 public:
  static constexpr std::size_t kMaxWordBytes = 4096;  // nginx's own, NGX_CONF_BUFFER
  static constexpr std::size_t kMaxWords = 65'536;    // of a statement

  // `file` is how messages call it.
  NginxLexer(std::string file, std::string_view text) : file_(std::move(file)), text_(text) {}

  // Throws NginxConfError.
  [[nodiscard]] NginxStatement next();

  // Behind the "{" of a *_by_lua_block: goes to behind the "}" that ends it, by Lua's rules for strings and comments.
  // Throws NginxConfError.
  void skip_lua_block();

  [[nodiscard]] NginxPlace place() const { return {file_, line_}; }

 private:
  [[nodiscard]] bool is_at_end() const { return at_ == text_.size(); }
  void advance();
  void skip_blanks_and_comments();
  [[nodiscard]] NginxWord take_word();
  void find_end_of_quoted(char quote);
  void find_end_of_bare();
  [[noreturn]] void fail(const std::string& message) const { throw NginxConfError(place(), message); }

  std::string file_;
  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
};

}  // namespace tailmeter
