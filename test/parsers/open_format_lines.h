// Makes lines of JSON, logfmt, LTSV, CSV and nginx's error log out of few names, and reads them in the plainest way
// there is.
//
// Each reader knows nothing of the parser that it is held against: a character at a time, every value kept, by name.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "test/parsers/parse.h"

namespace tailmeter {

class OpenFormatLines {
 public:
  explicit OpenFormatLines(std::uint32_t seed) : random_(seed) {}

  std::string json();
  std::string logfmt();
  std::string ltsv();
  std::string csv(char separator);
  std::string nginx_error();

  // `line` with one to three bytes changed, put in or dropped, or cut short; most of them of those that mean something.
  std::string damage(std::string line);

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  std::string key();
  std::string blanks();
  std::string text();
  std::string json_string(const std::string& text);
  std::string json_value(std::size_t depth);
  std::string json_object(std::size_t depth);
  std::string error_text();

  std::mt19937 random_;
};

// All that the line holds, by name: nothing if it does not have the format. What is empty is left out.
std::optional<Fields> read_json(std::string_view line);
std::optional<Fields> read_logfmt(std::string_view line);
std::optional<Fields> read_ltsv(std::string_view line);
std::optional<Fields> read_csv(std::string_view line, char separator);
std::optional<Fields> read_nginx_error(std::string_view line);

// What nginx's and httpd's escapes stand for, undone once.
std::string undo_server_escapes(std::string_view text);

}  // namespace tailmeter
