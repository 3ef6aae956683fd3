// Makes the parser of a format.
//
// Called when a rule file is loaded; the parsers it makes are described in parser.h.
#pragma once

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/escape.h"
#include "parsers/parser.h"

namespace tailmeter {

// A format's text is wrong or ambiguous. what() says how and what to do; offset() is the byte of the text it is about.
class FormatError : public std::runtime_error {
 public:
  FormatError(std::size_t offset, const std::string& message) : std::runtime_error(message), offset_(offset) {}
  [[nodiscard]] std::size_t offset() const { return offset_; }

 private:
  std::size_t offset_;
};

// An nginx log_format text, such as '$remote_addr - $remote_user [$time_local] "$request" ...'. Throws FormatError.
[[nodiscard]] std::unique_ptr<Parser> make_log_format_parser(std::string_view text,
                                                             Escaping escaping = Escaping::kDefault);

// Patterns are tried in order, each searched as written. If any has a name, the field "event" is that of the one that
// matched.
struct RegexAlternative {
  std::string event;
  std::string pattern;
};
// Throws PatternError with the number of the alternative in front when there are several.
[[nodiscard]] std::unique_ptr<Parser> make_regex_parser(const std::vector<RegexAlternative>& alternatives);

// The log_format text of a named format ("combined", "common"), or "" for a name that is not known.
[[nodiscard]] std::string_view named_format(std::string_view name);
[[nodiscard]] const std::vector<std::string>& named_formats();

}  // namespace tailmeter
