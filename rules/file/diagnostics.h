// What is wrong with a rule file, or another file that an operator writes, said so that its author can mend it.
//
// The loader does not stop at the first mistake: it reports each one here, and throws RuleFileError at the end. A
// report is the place, the message, the line itself and a caret:
//
//   mirror.yml:14:12: metrics[0] "bytes_sent_total": source "nginx" has no field "body_byte_sent" (did you mean
//   "body_bytes_sent"?)
//      14 |     value: $body_byte_sent
//         |            ^
//
// Reports come in the order of their places and are parted by newlines. They are safe to print: a control character or
// a byte that is not UTF-8 is written as \xHH, a tab of the file as a blank, and of a long line only the part around
// the caret is shown.
//
// Used at load only, by one thread.
#pragma once

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tailmeter {

// A place in the rule file; both count from 1, columns in bytes. Line 0 means the file as a whole.
struct Place {
  int line = 0;
  int column = 0;
};

// A scalar of the rule file together with where it stands. A quoted scalar stands at its quote, a block scalar at its
// "|" or ">".
struct Text {
  std::string value;
  Place place;
};

// The file cannot be used. what() is every report, ready to print.
class RuleFileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Diagnostics {
 public:
  static constexpr std::size_t kMaxReports = 20;  // shown; more are counted: "... and 7 more errors"

  // `name` is how the user called the file; `text` is its content, kept to quote lines from it.
  Diagnostics(std::string name, std::string_view text);

  // What stands from here to the end of its line is a secret: no report shows it.
  void hide(Place secret);

  void error(Place place, std::string message);
  void warning(Place place, std::string message);

  [[nodiscard]] bool has_errors() const { return !errors_.empty(); }
  [[nodiscard]] std::string errors() const;    // "" if there are none
  [[nodiscard]] std::string warnings() const;  // "" if there are none

  void throw_if_errors() const;  // RuleFileError

  // The place `offset` bytes into the scalar `text`, also where it is quoted or goes over several lines. Where the file
  // writes the bytes in front of it in another way (escapes in double quotes), the scalar's beginning.
  [[nodiscard]] Place inside(const Text& text, std::size_t offset) const;

 private:
  struct Report {
    Place place;
    std::string message;
  };
  void append_report(std::string& out, std::string_view kind, const Report& report) const;
  [[nodiscard]] std::string render(std::vector<Report> reports, std::string_view kind, std::string_view kinds) const;

  std::string name_;
  std::vector<std::string> lines_;  // without what is hidden
  std::vector<Report> errors_;
  std::vector<Report> warnings_;
};

// ` (did you mean "x"?)` for the name in `known` nearest to `name`, or "" if none is near.
[[nodiscard]] std::string did_you_mean(std::string_view name, std::span<const std::string> known);

// `text` in quotes for a message, cut if it is long.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace tailmeter
