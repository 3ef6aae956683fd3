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
// for one without. {apache: common} has it as a variable. httpd's %b is "-" for no bytes. Sources:
// ngx_http_log_module.html, httpd's mod_log_config.html.
inline constexpr std::string_view kCombinedFormat =
    R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent )"
    R"("$http_referer" "$http_user_agent")";
inline constexpr std::string_view kCommonFormat =
    R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent)";

// An nginx log_format text, such as '$remote_addr - $remote_user [$time_local] "$request" ...'. Throws FormatError.
[[nodiscard]] std::unique_ptr<Parser> make_log_format_parser(std::string_view text,
                                                             Escaping escaping = Escaping::kDefault);

// A LogFormat text of httpd, such as '%h %l %u %t "%r" %>s %b', or the name of one of its usual ones: see
// httpd_format.h. Throws FormatError.
[[nodiscard]] std::unique_ptr<Parser> make_httpd_format_parser(std::string_view text);

// Patterns are tried in order, each searched as written. If any has a name, the field "event" is that of the one that
// matched.
struct RegexAlternative {
  std::string event;
  std::string pattern;
};
// Throws PatternError with the number of the alternative in front when there are several.
[[nodiscard]] std::unique_ptr<Parser> make_regex_parser(const std::vector<RegexAlternative>& alternatives);

// The four formats of lines that name their fields, or number them. Where a line has a name twice, the last one counts.

// One JSON object a line (RFC 8259), whose strings may hold bytes that are no UTF-8. A field's name is the keys on the
// way to it, with dots between: request.headers.Host.0 is the first in a list. A key may have dots itself; where a name
// is found in several ways, the one with the fewest keys counts. Numbers are fields as they are written, null is no
// value, a list of scalars is "a, b" with "-" for null; an object is no value, and a list of objects or lists is none.
// Half of a surrogate pair is U+FFFD.
[[nodiscard]] std::unique_ptr<Parser> make_json_parser();

// key=value and key="value", with blanks between, as Go's log packages write them: the escapes are Go's
// (strconv.Quote). Words that are no pair, and quoted text without a key, are passed over: the parts that slog and klog
// put in front. A line has at least one pair.
[[nodiscard]] std::unique_ptr<Parser> make_logfmt_parser();

// Labeled Tab-separated Values: label:value, with a tab between; nginx's and httpd's escapes are undone. Source:
// ltsv.org.
[[nodiscard]] std::unique_ptr<Parser> make_ltsv_parser();

// CSV and TSV: fields with a separator between (RFC 4180). A field may stand in quotes, with two for one in it; it ends
// in its line. Fields are $1, $2 and so on; with columns they have names, too, and a line has as many fields as
// columns.
struct SeparatedFormat {
  char separator = ',';  // not a quote
  std::vector<std::string> columns{};
};
inline constexpr std::size_t kMaxSeparatedFields = 1'000;  // that have a number; more may stand in a line
[[nodiscard]] std::unique_ptr<Parser> make_separated_parser(SeparatedFormat format);

// Lines of nginx's error log: time, level, pid, tid, connection, message, and of what follows the message what there is
// of client, server, login, request, subrequest, upstream, host and referrer. nginx escapes nothing there, so that what
// a client sends may look like one of these: the message ends at the first ", client: ", and a value where the first
// that may stand behind it begins. A message of several lines, as of PHP, fits with its first line only. Source:
// ngx_log.c, ngx_http_log_error().
[[nodiscard]] std::unique_ptr<Parser> make_nginx_error_parser();

// The parser of a format that has a name, such as "combined"; null for a name that is not known.
[[nodiscard]] std::unique_ptr<Parser> make_named_parser(std::string_view name);
[[nodiscard]] const std::vector<std::string>& named_formats();

}  // namespace tailmeter
