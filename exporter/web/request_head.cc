#include "exporter/web/request_head.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>
#include <utility>

#include "exporter/web/exposition/header_text.h"

namespace tailmeter {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

constexpr Refusal kForbiddenByte{400, "400 a request's head has no such bytes"};
constexpr Refusal kBareLineEnd{400, "400 a line ends with a carriage return and a line feed"};
constexpr Refusal kNoRequestLine{400, "400 the first line is not METHOD /PATH HTTP/1.1"};
constexpr Refusal kWrongTarget{400, "400 write the path alone, beginning with /"};
constexpr Refusal kWrongField{400, "400 a header is not NAME: VALUE"};
constexpr Refusal kFoldedField{400, "400 a header goes on in the next line"};
constexpr Refusal kWrongHost{400, "400 there must be one Host, with a name or an address"};
constexpr Refusal kWrongLength{400, "400 the length of the body is not clear"};
constexpr Refusal kUnansweredMethod{405, "405 only GET and HEAD are answered here"};
constexpr Refusal kBody{413, "413 requests with a body are not taken"};
constexpr Refusal kLongRequestLine{414, "414 the path is too long"};
constexpr Refusal kLongHead{431, "431 the headers are too long"};
constexpr Refusal kManyFields{431, "431 there are too many headers"};
constexpr Refusal kUnknownMethod{501, "501 this method is not known here"};
constexpr Refusal kUnknownVersion{505, "505 only HTTP/1.1 and HTTP/1.0 are spoken here"};

constexpr std::array<std::string_view, 3> kMethods = {"GET", "HEAD", "POST"};
constexpr std::array<std::string_view, 6> kUnansweredMethods = {"PUT",   "DELETE", "OPTIONS",
                                                                "PATCH", "TRACE",  "CONNECT"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_visible(char c) {
  return c > ' ' && c < '\x7f';
}
bool is_control(char c) {
  return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
}
bool is_token_char(char c) {
  return is_letter(c) || is_digit(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}
bool is_host_char(char c) {
  return is_letter(c) || is_digit(c) || std::string_view("-._~!$&'()*+;=:[]%").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

// What stands before `end`; `text` goes on behind it. Nothing if it is not there.
std::optional<std::string_view> cut_at(std::string_view& text, std::string_view end) {
  const std::size_t size = text.find(end);
  if (size == std::string_view::npos) return std::nullopt;
  const std::string_view part = text.substr(0, size);
  text.remove_prefix(size + end.size());
  return part;
}

// RFC 9112, section 3.2.1, but for the characters that are not visible. A fragment never leaves a client.
bool is_origin_form(std::string_view target) {
  if (!target.starts_with('/')) return false;
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (!is_visible(target[i]) || target[i] == '#') return false;
    if (target[i] != '%') continue;
    if (i + 2 >= target.size() || !is_hex_digit(target[i + 1]) || !is_hex_digit(target[i + 2])) return false;
  }
  return true;
}

// What a client of a proxy would write: section 3.2.2. Whose authority it names is all the same to us, as is the Host.
std::optional<std::string> origin_form_of_absolute(std::string_view target) {
  const auto scheme = cut_at(target, "://");
  if (!scheme || (!equals_without_case(*scheme, "http") && !equals_without_case(*scheme, "https"))) return std::nullopt;
  const std::string_view authority = target.substr(0, target.find_first_of("/?#"));
  if (authority.empty() || !std::all_of(authority.begin(), authority.end(), is_host_char)) return std::nullopt;
  target.remove_prefix(authority.size());
  return (target.starts_with('/') ? "" : "/") + std::string(target);
}

bool is_version(std::string_view text) {
  return text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) && text[6] == '.' && is_digit(text[7]);
}

bool is_among(std::string_view word, auto& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::optional<Refusal> parse_request_line(std::string_view line, RequestHead& head) {
  const auto method = cut_at(line, " ");
  const auto target = cut_at(line, " ");
  const std::string_view version = line;
  if (!method || !target || !is_token(*method) || target->empty() || !is_version(version)) return kNoRequestLine;
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return kUnknownVersion;
  if (is_among(*method, kUnansweredMethods)) return kUnansweredMethod;
  if (!is_among(*method, kMethods)) return kUnknownMethod;
  const auto origin = target->starts_with('/') ? std::string(*target) : origin_form_of_absolute(*target);
  if (!origin || !is_origin_form(*origin)) return kWrongTarget;
  const std::size_t path_bytes = std::min(origin->find('?'), origin->size());
  head.method = *method;
  head.path = origin->substr(0, path_bytes);
  head.query = origin->substr(std::min(path_bytes + 1, origin->size()));
  head.keeps_connection = version == "HTTP/1.1";
  return std::nullopt;
}

// How often fields came that may come once.
struct FieldCounts {
  int hosts = 0;
  int lengths = 0;
};

std::optional<Refusal> parse_field(std::string_view line, RequestHead& head, FieldCounts& counts) {
  if (line.starts_with(' ') || line.starts_with('\t')) return kFoldedField;
  const auto name = cut_at(line, ":");
  if (!name || !is_token(*name)) return kWrongField;
  const std::string lower = lower_case(*name);
  const std::string_view value = trim(line);
  counts.hosts += lower == "host" ? 1 : 0;
  counts.lengths += lower == "content-length" ? 1 : 0;
  const auto [place, is_first] = head.headers.try_emplace(lower, value);
  std::string& list = place->second;
  if (!is_first && !value.empty()) list.append(list.empty() ? "" : ", ").append(value);
  return std::nullopt;
}

bool has_list_element(std::string_view list, std::string_view wanted) {
  while (!list.empty()) {
    const std::string_view element = list.substr(0, list.find(','));
    list.remove_prefix(std::min(element.size() + 1, list.size()));
    if (equals_without_case(trim(element), wanted)) return true;
  }
  return false;
}

std::optional<Refusal> check_host(const RequestHead& head, const FieldCounts& counts) {
  const bool is_required = head.keeps_connection;  // by HTTP/1.1
  if (counts.hosts > 1 || (is_required && counts.hosts == 0)) return kWrongHost;
  if (counts.hosts == 0) return std::nullopt;
  const std::string& host = head.headers.find("host")->second;
  if (!std::all_of(host.begin(), host.end(), is_host_char)) return kWrongHost;
  return std::nullopt;
}

// What two readers could take for bodies of different lengths is worse than a body.
std::optional<Refusal> check_body(const RequestHead& head, const FieldCounts& counts) {
  const bool is_coded = head.headers.find("transfer-encoding") != head.headers.end();
  if (counts.lengths > 1 || (is_coded && counts.lengths > 0)) return kWrongLength;
  if (is_coded) return kBody;
  if (counts.lengths == 0) return std::nullopt;
  const std::string& length = head.headers.find("content-length")->second;
  if (length.empty() || !std::all_of(length.begin(), length.end(), is_digit)) return kWrongLength;
  if (length.find_first_not_of('0') != std::string::npos) return kBody;
  return std::nullopt;
}

}  // namespace

HeadScanner::Verdict HeadScanner::scan(std::string_view received) {
  for (; scanned_bytes_ < received.size(); ++scanned_bytes_) {
    const std::size_t at = scanned_bytes_;
    const char c = received[at];
    const bool follows_return = at > line_begin_ && received[at - 1] == '\r';
    Verdict verdict;
    if (c == '\n' && follows_return) {
      verdict = end_line(at - 1);
    } else if (c == '\n' || follows_return) {
      verdict = {.outcome = Outcome::kRefused, .refusal = kBareLineEnd};
    } else if (c != '\r' && is_control(c)) {
      verdict = {.outcome = Outcome::kRefused, .refusal = kForbiddenByte};
    } else if (lines_ == 0 && c != '\r' && at - line_begin_ >= limits_.request_line_bytes) {
      verdict = {.outcome = Outcome::kRefused, .refusal = kLongRequestLine};
    }
    if (verdict.outcome == Outcome::kNotYet && at + 1 >= limits_.head_bytes) {
      verdict = {.outcome = Outcome::kRefused, .refusal = kLongHead};
    }
    if (verdict.outcome != Outcome::kNotYet) return verdict;
  }
  return {};
}

HeadScanner::Verdict HeadScanner::end_line(std::size_t line_end) {
  const bool is_empty = line_end == line_begin_;
  const bool is_in_front = is_empty && line_begin_ == 0;
  line_begin_ = line_end + kLineEnd.size();
  if (is_in_front) return {};
  if (is_empty && lines_ == 0) return {.outcome = Outcome::kRefused, .refusal = kNoRequestLine};
  if (is_empty) return {.outcome = Outcome::kWhole, .head_bytes = line_begin_};
  if (++lines_ > limits_.fields + 1) return {.outcome = Outcome::kRefused, .refusal = kManyFields};
  return {};
}

std::variant<RequestHead, Refusal> parse_request_head(std::string_view text) {
  RequestHead head;
  FieldCounts counts;
  std::optional<Refusal> refusal;
  if (text.starts_with(kLineEnd)) text.remove_prefix(kLineEnd.size());
  const auto request_line = cut_at(text, kLineEnd);
  assert(request_line);
  refusal = parse_request_line(*request_line, head);
  while (!refusal) {
    const auto line = cut_at(text, kLineEnd);
    assert(line);
    if (line->empty()) break;
    refusal = parse_field(*line, head, counts);
  }
  if (!refusal) refusal = check_host(head, counts);
  if (!refusal) refusal = check_body(head, counts);
  if (refusal) return *refusal;
  if (const auto connection = head.headers.find("connection"); connection != head.headers.end()) {
    if (has_list_element(connection->second, "close")) head.keeps_connection = false;
  }
  return head;
}

}  // namespace tailmeter
