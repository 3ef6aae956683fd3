#include "parsers/log_format.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "parsers/formats.h"
#include "parsers/pattern.h"

namespace tailmeter {
namespace {

constexpr std::size_t kMaxVariables = Pattern::kMaxGroups;

// What is not listed may hold anything a client sends: text. Sorted by name.
// Sources: nginx.org/en/docs/varindex.html and, for the last group, ingress-nginx's log-format page.
constexpr std::pair<std::string_view, FieldKind> kVariableKinds[] = {
    {"body_bytes_sent", FieldKind::kNumber},
    {"bytes_received", FieldKind::kNumber},
    {"bytes_sent", FieldKind::kNumber},
    {"connection", FieldKind::kNumber},
    {"connection_requests", FieldKind::kNumber},
    {"connection_time", FieldKind::kNumber},
    {"connections_active", FieldKind::kNumber},
    {"connections_reading", FieldKind::kNumber},
    {"connections_waiting", FieldKind::kNumber},
    {"connections_writing", FieldKind::kNumber},
    {"gzip_ratio", FieldKind::kNumber},
    {"limit_rate", FieldKind::kNumber},
    {"msec", FieldKind::kNumber},
    {"nginx_version", FieldKind::kNumber},
    {"pid", FieldKind::kNumber},
    {"proxy_port", FieldKind::kNumber},
    {"proxy_protocol_port", FieldKind::kNumber},
    {"proxy_protocol_server_port", FieldKind::kNumber},
    {"realip_remote_port", FieldKind::kNumber},
    {"remote_port", FieldKind::kNumber},
    {"request_length", FieldKind::kNumber},
    {"request_time", FieldKind::kNumber},
    {"server_port", FieldKind::kNumber},
    {"session_time", FieldKind::kNumber},
    {"status", FieldKind::kNumber},
    {"tcpinfo_rcv_space", FieldKind::kNumber},
    {"tcpinfo_rtt", FieldKind::kNumber},
    {"tcpinfo_rttvar", FieldKind::kNumber},
    {"tcpinfo_snd_cwnd", FieldKind::kNumber},

    {"time_iso8601", FieldKind::kIsoTime},
    {"time_local", FieldKind::kTime},

    {"geoip_city_country_code", FieldKind::kWord},
    {"geoip_country_code", FieldKind::kWord},
    {"geoip_country_code3", FieldKind::kWord},
    {"http2", FieldKind::kWord},
    {"http3", FieldKind::kWord},
    {"https", FieldKind::kWord},
    {"limit_conn_status", FieldKind::kWord},
    {"limit_req_status", FieldKind::kWord},
    {"pipe", FieldKind::kWord},
    {"protocol", FieldKind::kWord},
    {"proxy_protocol_addr", FieldKind::kWord},
    {"proxy_protocol_server_addr", FieldKind::kWord},
    {"realip_remote_addr", FieldKind::kWord},
    {"remote_addr", FieldKind::kWord},
    {"request_completion", FieldKind::kWord},
    {"request_id", FieldKind::kWord},
    {"request_method", FieldKind::kWord},
    {"scheme", FieldKind::kName},
    {"server_addr", FieldKind::kWord},
    {"server_protocol", FieldKind::kWord},
    {"ssl_cipher", FieldKind::kName},
    {"ssl_client_fingerprint", FieldKind::kWord},
    {"ssl_client_serial", FieldKind::kWord},
    {"ssl_curve", FieldKind::kWord},
    {"ssl_early_data", FieldKind::kWord},
    {"ssl_protocol", FieldKind::kName},
    {"ssl_session_id", FieldKind::kWord},
    {"ssl_session_reused", FieldKind::kWord},
    {"upstream_cache_status", FieldKind::kWord},

    {"host", FieldKind::kToken},
    {"hostname", FieldKind::kToken},
    {"proxy_host", FieldKind::kToken},
    {"server_name", FieldKind::kToken},
    {"ssl_server_name", FieldKind::kToken},
    {"upstream_last_server_name", FieldKind::kToken},

    {"upstream_bytes_received", FieldKind::kNumberList},
    {"upstream_bytes_sent", FieldKind::kNumberList},
    {"upstream_connect_time", FieldKind::kNumberList},
    {"upstream_first_byte_time", FieldKind::kNumberList},
    {"upstream_header_time", FieldKind::kNumberList},
    {"upstream_queue_time", FieldKind::kNumberList},
    {"upstream_response_length", FieldKind::kNumberList},
    {"upstream_response_time", FieldKind::kNumberList},
    {"upstream_session_time", FieldKind::kNumberList},
    {"upstream_status", FieldKind::kNumberList},

    {"upstream_addr", FieldKind::kAddressList},

    {"ingress_name", FieldKind::kToken},
    {"namespace", FieldKind::kToken},
    {"proxy_alternative_upstream_name", FieldKind::kToken},
    {"proxy_upstream_name", FieldKind::kToken},
    {"service_name", FieldKind::kToken},
    {"service_port", FieldKind::kToken},
    {"the_real_ip", FieldKind::kWord},

    {"remote_logname", FieldKind::kToken},   // httpd's %l
    {"rest_of_line", FieldKind::kAnything},  // no server's: whatever a format does not say
};

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Takes a variable, "$" and braces included, off `text` at `offset`.
std::string take_variable(std::string_view text, std::size_t& offset) {
  const std::size_t dollar = offset;
  const bool is_braced = text.substr(offset, 2) == "${";
  const std::size_t begin = offset + (is_braced ? 2 : 1);
  std::size_t end = begin;
  while (end < text.size() && is_name(text[end])) ++end;
  if (end == begin || (is_braced && (end == text.size() || text[end] != '}'))) {
    throw FormatError(dollar, "\"$\" must be followed by a variable's name: $name or ${name}");
  }
  offset = end + (is_braced ? 1 : 0);
  return std::string(text.substr(begin, end - begin));
}

std::string take_literal(std::string_view text, std::size_t& offset) {
  const std::size_t begin = offset;
  offset = std::min(text.find('$', offset), text.size());
  const std::string_view literal = text.substr(begin, offset - begin);
  if (const std::size_t newline = literal.find('\n'); newline != std::string_view::npos) {
    throw FormatError(begin + newline,
                      "the format holds a newline, which no line does: write it on one line, in quotes");
  }
  return std::string(literal);
}

// Between quotes, every variable is text: the quote ends it. A server never writes control bytes as they are, so one
// that stands behind a variable ends it. With escape=none neither is so, and what a client has a say in may be
// anything.
FieldClass classify(FieldKind kind, std::string_view before, std::string_view behind, Escaping escaping) {
  if (escaping == Escaping::kNone) {
    return FieldClass(kind == FieldKind::kText || kind == FieldKind::kToken ? FieldKind::kAnything : kind);
  }
  const bool is_quoted = before.ends_with('"') && behind.starts_with('"');
  const bool is_before_control = !behind.empty() && is_control(behind.front());
  const FieldClass field_class(is_quoted ? FieldKind::kText : kind);
  return is_before_control ? field_class.without(behind.front()) : field_class;
}

// nginx takes no path that begins with anything else.
bool begins_with_slash(const FormatPiece& piece) {
  return piece.is_variable && (piece.text == "request_uri" || piece.text == "uri" || piece.text == "document_uri");
}

// What stands directly in front of a path, such as $host, is known to end with it if it has no slash.
FieldClass narrowed(const FieldClass& field_class, bool is_path_behind_variable, bool is_before_path) {
  if (is_path_behind_variable && field_class.holds('/')) return field_class.beginning_with('/');
  return is_before_path ? field_class.without('/') : field_class;
}

FieldIndex add_name(std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  const auto index = static_cast<FieldIndex>(found - names.begin());
  if (found == names.end()) names.push_back(name);
  return index;
}

}  // namespace

FieldKind variable_kind(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kVariableKinds), std::end(kVariableKinds),
                                         [name](const auto& entry) { return entry.first == name; });
  return found == std::end(kVariableKinds) ? FieldKind::kText : found->second;
}

LogFormat assemble_log_format(const std::vector<FormatPiece>& pieces, Escaping escaping) {
  LogFormat format;
  format.escaping = escaping;
  std::string before;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const FormatPiece& piece = pieces[i];
    if (!piece.is_variable) {
      before = piece.text;
      if (i == 0) format.prefix = piece.text;
      continue;
    }
    if (format.variables.size() == kMaxVariables) {
      throw FormatError(piece.offset, fmt::format("the format has more than {} variables", kMaxVariables));
    }
    const bool is_behind_variable = i > 0 && before.empty();
    if (is_behind_variable && !begins_with_slash(piece)) {
      throw FormatError(piece.offset,
                        "nothing stands between this variable and the one in front, so where one ends cannot be known: "
                        "put a blank or a quote between them, or use a regex");
    }
    const bool has_literal = i + 1 < pieces.size() && !pieces[i + 1].is_variable;
    const std::string literal = has_literal ? pieces[i + 1].text : std::string();
    const bool is_before_path = i + 1 < pieces.size() && begins_with_slash(pieces[i + 1]);
    const FieldClass field_class =
        narrowed(classify(piece.kind, before, literal, escaping), is_behind_variable, is_before_path);
    const std::size_t known_names = format.field_names.size();
    const FieldIndex field = add_name(format.field_names, piece.text);
    format.variables.push_back(
        {piece.text, piece.offset, field_class, literal, field, format.field_names.size() == known_names});
    before.clear();
  }
  if (format.variables.empty()) {
    throw FormatError(0, "the format has no variable: write what the lines hold, such as $remote_addr and $status");
  }
  return format;
}

namespace {

bool ends_with_path_and_mark(const std::vector<FormatPiece>& pieces) {
  return pieces.size() >= 2 && pieces.back().is_variable && pieces.back().text == "is_args" &&
         begins_with_slash(pieces[pieces.size() - 2]);
}

}  // namespace

LogFormat parse_log_format(std::string_view text, Escaping escaping) {
  std::vector<FormatPiece> pieces;
  for (std::size_t offset = 0; offset != text.size();) {
    const std::size_t begin = offset;
    if (text[offset] != '$') {
      pieces.push_back({begin, take_literal(text, offset)});
      continue;
    }
    std::string name = take_variable(text, offset);
    if (name == "args" && ends_with_path_and_mark(pieces)) {  // together they are as the client wrote it
      pieces.pop_back();
      pieces.back().text = "request_uri";
      continue;
    }
    const FieldKind kind = variable_kind(name);
    pieces.push_back({begin, std::move(name), true, kind});
  }
  return assemble_log_format(pieces, escaping);
}

std::string log_format_pattern(const LogFormat& format) {
  std::string pattern = "^" + quote_pattern(format.prefix);
  for (const Variable& variable : format.variables) {
    pattern += "(" + variable.field_class.pattern() + ")" + quote_pattern(variable.literal);
  }
  return pattern + "$";
}

}  // namespace tailmeter
