#include "test/parsers/httpd_lines.h"

#include <algorithm>

#include "test/parsers/open_format_lines.h"

namespace tailmeter {
namespace {

struct Directive {
  std::string_view text;
  std::string_view field;
  HttpdKind kind;
};

// Source: httpd's mod_log_config.html and mod_logio.html.
constexpr Directive kDirectives[] = {
    {"%h", "remote_addr", HttpdKind::kWord},
    {"%a", "remote_addr", HttpdKind::kWord},
    {"%{c}a", "realip_remote_addr", HttpdKind::kWord},
    {"%A", "server_addr", HttpdKind::kWord},
    {"%b", "body_bytes_sent", HttpdKind::kNumber},
    {"%B", "body_bytes_sent", HttpdKind::kNumber},
    {"%O", "bytes_sent", HttpdKind::kNumber},
    {"%I", "request_length", HttpdKind::kNumber},
    {"%D", "request_time_us", HttpdKind::kNumber},
    {"%{ms}T", "request_time_ms", HttpdKind::kNumber},
    {"%T", "request_time", HttpdKind::kNumber},
    {"%>s", "status", HttpdKind::kNumber},
    {"%!200,304s", "status", HttpdKind::kNumber},
    {"%p", "server_port", HttpdKind::kNumber},
    {"%{remote}p", "remote_port", HttpdKind::kNumber},
    {"%k", "connection_requests", HttpdKind::kNumber},
    {"%X", "connection_status", HttpdKind::kWord},
    {"%m", "request_method", HttpdKind::kToken},
    {"%H", "server_protocol", HttpdKind::kToken},
    {"%v", "server_name", HttpdKind::kToken},
    {"%V", "host", HttpdKind::kToken},
    {"%L", "request_id", HttpdKind::kToken},
    {"%l", "remote_logname", HttpdKind::kToken},
    {"%{sec}t.%{msec_frac}t", "time_s", HttpdKind::kNumber},
    {"%{%d/%b/%Y %T}t.%{msec_frac}t %{%z}t", "time", HttpdKind::kText},
    {"%u", "remote_user", HttpdKind::kText},
    {"%r", "request", HttpdKind::kText},
    {"%U", "uri", HttpdKind::kText},
    {"%q", "query_string", HttpdKind::kText},
    {"%U%q", "request_uri", HttpdKind::kText},
    {"%{Referer}i", "http_referer", HttpdKind::kText},
    {"%<{User-Agent}i", "http_user_agent", HttpdKind::kText},
    {"%{Content-Type}o", "sent_http_content_type", HttpdKind::kText},
    {"%{sid}C", "cookie_sid", HttpdKind::kText},
    {"%{a b}n", "note_a_b", HttpdKind::kText},
};

constexpr std::string_view kBetween[] = {" ", " ",  " ",    " ",   " ",  "\t", "|",
                                         "/", ": ", " rt=", "] [", "\\", "%",  " - "};
constexpr std::string_view kNumbers[] = {"-", "0", "200", "304", "0.125", "4294967296", "", "443"};
constexpr std::string_view kWords[] = {"192.0.2.1", "2001:db8::7", "::1", "unix:", "-", "+", "", "host.example.org"};
constexpr std::string_view kTokens[] = {"GET", "HTTP/1.1", "-", "m\\xc3\\xbc:80", "", "a\\\\b", "x|y,z"};
constexpr std::string_view kTexts[] = {"-",         "",        "GET / HTTP/1.1",        "john doe",         "eve] [",
                                       "\\\"a\\\"", "\\\\",    "pip {\\\"ci\\\":null}", "\\x16\\x03 \\x01", "%>s",
                                       "a|b/c",     "- - [x]", "\\\" 200 1 \\\"-\\\"",  "\xC3\xA9\xFF",     " "};

bool is_one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The size of the unit that begins at `at`; 0 if none does.
std::size_t unit_size(std::string_view line, std::size_t at, HttpdKind kind) {
  const char c = line[at];
  switch (kind) {
    case HttpdKind::kNumber:
      return (c >= '0' && c <= '9') || c == '.' || c == '-' ? 1 : 0;
    case HttpdKind::kTime:
      return is_letter_or_digit(c) || is_one_of(c, "/:+- ") ? 1 : 0;
    case HttpdKind::kWord:
      return is_one_of(c, " \"\\,;|") ? 0 : 1;
    case HttpdKind::kToken:
      if (c == '\\') return at + 1 < line.size() && !is_one_of(line[at + 1], " \"") ? 2 : 0;
      return is_one_of(c, " \"") ? 0 : 1;
    case HttpdKind::kText:
      if (c == '\\') return at + 1 < line.size() ? 2 : 0;
      return c == '"' ? 0 : 1;
  }
  return 0;
}

// A field between quotes may hold any text; and httpd writes no control byte, so that one behind a field is its end.
struct Neighbours {
  HttpdKind kind;
  std::string_view forbidden;
};
Neighbours neighbours_of(const HttpdFormat& format, std::size_t i) {
  const auto& pieces = format.pieces;
  const std::string_view before = i > 0 ? std::string_view(pieces[i - 1].literal) : "";
  const std::string_view behind = i + 1 < pieces.size() ? std::string_view(pieces[i + 1].literal) : "";
  const bool is_quoted = before.ends_with('"') && behind.starts_with('"');
  const bool is_before_control = !behind.empty() && static_cast<unsigned char>(behind.front()) < 0x20;
  return {is_quoted ? HttpdKind::kText : pieces[i].kind, is_before_control ? behind.substr(0, 1) : ""};
}

void add_field(Fields& fields, const std::string& name, std::string_view written) {
  fields.emplace(name, undo_server_escapes(written));  // of two of one name, the first counts
}

Fields without_empty(Fields fields) {
  std::erase_if(fields, [](const auto& field) { return field.second.empty(); });
  return fields;
}

}  // namespace

bool HttpdFormat::has_neighbours() const {
  for (std::size_t i = 1; i < pieces.size(); ++i) {
    if (!pieces[i].field.empty() && !pieces[i - 1].field.empty()) return true;
  }
  return false;
}

void HttpdLines::add_literal(HttpdFormat& format, std::string_view literal) {
  if (format.pieces.empty() || !format.pieces.back().field.empty()) format.pieces.emplace_back();
  format.pieces.back().literal += literal;
  for (const char c : literal) {
    const bool is_escaped = c == '\\' || (is_one_of(c, "\"\t") && one_in(2));
    format.text += is_escaped ? "\\" : c == '%' ? "%" : "";
    format.text += is_escaped && c == '\t' ? 't' : c;
  }
}

void HttpdLines::add_directive(HttpdFormat& format) {
  if (one_in(12)) {
    add_literal(format, "[");
    format.pieces.push_back({"time_local", "", HttpdKind::kTime});
    format.pieces.push_back({"", "]"});
    format.text.back() = '%';  // in place of the bracket, which is the directive's own
    format.text += 't';
    return;
  }
  const Directive& directive = kDirectives[below(std::size(kDirectives))];
  const bool is_quoted = directive.kind == HttpdKind::kText ? !one_in(8) : one_in(10);
  if (is_quoted) add_literal(format, "\"");
  format.text += directive.text;
  format.pieces.push_back({std::string(directive.field), "", directive.kind});
  if (is_quoted) add_literal(format, "\"");
}

HttpdFormat HttpdLines::format() {
  HttpdFormat format;
  if (one_in(10)) add_literal(format, one_of(kBetween));
  for (std::size_t left = 1 + below(9); left > 0; --left) {
    add_directive(format);
    if (left > 1 && !one_in(60)) add_literal(format, one_of(kBetween));
  }
  if (one_in(10)) add_literal(format, one_of(kBetween));
  return format;
}

HttpdLines::Line HttpdLines::line(const HttpdFormat& format) {
  Line line;
  for (std::size_t i = 0; i < format.pieces.size(); ++i) {
    const HttpdPiece& piece = format.pieces[i];
    if (piece.field.empty()) {
      line.text += piece.literal;
      continue;
    }
    const HttpdKind kind = neighbours_of(format, i).kind;
    const std::string_view value = kind == HttpdKind::kNumber  ? one_of(kNumbers)
                                   : kind == HttpdKind::kTime  ? std::string_view("21/Nov/2026:18:49:31 +0000")
                                   : kind == HttpdKind::kWord  ? one_of(kWords)
                                   : kind == HttpdKind::kToken ? one_of(kTokens)
                                                               : one_of(kTexts);
    line.text += value;
    add_field(line.fields, piece.field, value);
  }
  line.fields = without_empty(std::move(line.fields));
  return line;
}

HttpdReading read_httpd(const HttpdFormat& format, std::string_view line) {
  constexpr std::size_t kNowhere = std::string_view::npos;
  struct Place {
    std::size_t ways = 0;          // to come here
    std::size_t begin = kNowhere;  // of the piece that ends here, by one of them
  };
  // Of each piece, where in the line it may end.
  std::vector<std::vector<Place>> ends(format.pieces.size() + 1, std::vector<Place>(line.size() + 1));
  ends[0][0].ways = 1;
  for (std::size_t i = 0; i < format.pieces.size(); ++i) {
    const HttpdPiece& piece = format.pieces[i];
    const Neighbours neighbours = neighbours_of(format, i);
    for (std::size_t begin = 0; begin <= line.size(); ++begin) {
      const std::size_t ways = ends[i][begin].ways;
      if (ways == 0) continue;
      const auto arrive = [&](std::size_t end) {
        ends[i + 1][end].ways += ways;
        ends[i + 1][end].begin = begin;
      };
      if (piece.field.empty()) {
        if (line.substr(begin, piece.literal.size()) == piece.literal) arrive(begin + piece.literal.size());
        continue;
      }
      arrive(begin);
      for (std::size_t end = begin; end < line.size();) {
        const std::size_t size = unit_size(line, end, neighbours.kind);
        if (size == 0 || line.substr(end, size).find_first_of(neighbours.forbidden) != kNowhere) break;
        arrive(end += size);
      }
    }
  }

  HttpdReading reading{ends.back()[line.size()].ways, {}};
  if (reading.ways == 0) return reading;
  std::vector<std::string_view> values(format.pieces.size());
  std::size_t end = line.size();
  for (std::size_t i = format.pieces.size(); i-- > 0;) {
    const std::size_t begin = ends[i + 1][end].begin;
    values[i] = line.substr(begin, end - begin);
    end = begin;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!format.pieces[i].field.empty()) add_field(reading.fields, format.pieces[i].field, values[i]);
  }
  reading.fields = without_empty(std::move(reading.fields));
  return reading;
}

}  // namespace tailmeter
