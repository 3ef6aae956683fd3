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

// nginx's predefined format, which is httpd's, too; and what is left of it without referer and user agent. The dash is
// where httpd's %l stands (RFC 1413, long out of use): as a variable, it would take a line with a virtual host in front
// for one without. httpd's %b is "-" for no bytes. Sources: ngx_http_log_module.html, httpd's mod_log_config.html.
inline constexpr std::string_view kCombinedFormat =
    R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent )"
    R"("$http_referer" "$http_user_agent")";
inline constexpr std::string_view kCommonFormat =
    R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent)";

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

// Labeled Tab-separated Values: label:value, with a tab between. Source: ltsv.org.
[[nodiscard]] std::unique_ptr<Parser> make_ltsv_parser();

// The parser of a format that has a name, such as "combined"; null for a name that is not known.
[[nodiscard]] std::unique_ptr<Parser> make_named_parser(std::string_view name);
[[nodiscard]] const std::vector<std::string>& named_formats();

}  // namespace tailmeter
