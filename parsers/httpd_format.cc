#include "parsers/httpd_format.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "parsers/formats.h"

namespace tailmeter {
namespace {

struct NamedText {
  std::string_view name;
  std::string_view text;
};
constexpr NamedText kNamedTexts[] = {
    {"common", R"(%h %l %u %t "%r" %>s %b)"},
    {"combined", R"(%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i")"},
    {"vhost_combined", R"(%v:%p %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i")"},
};

struct Directive {
  std::string_view letters;
  std::string_view argument;  // between braces, in front of the letters; any: below
  std::string_view field;     // with kAnyArgument: what the argument's name is put behind
  FieldKind kind;
};
constexpr std::string_view kAnyArgument = "*";

// Numbers may be "-", so FieldKind::kNumber holds one.
constexpr Directive kDirectives[] = {
    {"a", "", "remote_addr", FieldKind::kWord},
    {"a", "c", "realip_remote_addr", FieldKind::kWord},
    {"A", "", "server_addr", FieldKind::kWord},
    {"b", "", "body_bytes_sent", FieldKind::kNumber},
    {"B", "", "body_bytes_sent", FieldKind::kNumber},
    {"C", kAnyArgument, "cookie_", FieldKind::kText},
    {"D", "", "request_time_us", FieldKind::kNumber},
    {"e", kAnyArgument, "env_", FieldKind::kText},
    {"f", "", "request_filename", FieldKind::kText},
    {"h", "", "remote_addr", FieldKind::kWord},
    {"h", "c", "realip_remote_addr", FieldKind::kWord},
    {"H", "", "server_protocol", FieldKind::kToken},
    {"i", kAnyArgument, "http_", FieldKind::kText},
    {"I", "", "request_length", FieldKind::kNumber},
    {"k", "", "connection_requests", FieldKind::kNumber},
    {"l", "", "remote_logname", FieldKind::kToken},
    {"L", "", "request_id", FieldKind::kToken},
    {"m", "", "request_method", FieldKind::kToken},
    {"n", kAnyArgument, "note_", FieldKind::kText},
    {"o", kAnyArgument, "sent_http_", FieldKind::kText},
    {"O", "", "bytes_sent", FieldKind::kNumber},
    {"p", "", "server_port", FieldKind::kNumber},
    {"p", "canonical", "server_port", FieldKind::kNumber},
    {"p", "local", "server_port", FieldKind::kNumber},
    {"p", "remote", "remote_port", FieldKind::kNumber},
    {"P", "", "pid", FieldKind::kNumber},
    {"P", "pid", "pid", FieldKind::kNumber},
    {"P", "tid", "tid", FieldKind::kNumber},
    {"P", "hextid", "tid", FieldKind::kWord},
    {"q", "", "query_string", FieldKind::kText},
    {"r", "", "request", FieldKind::kText},
    {"R", "", "handler", FieldKind::kToken},
    {"s", "", "status", FieldKind::kNumber},
    {"S", "", "bytes_transferred", FieldKind::kNumber},
    {"t", "sec", "time_s", FieldKind::kNumber},
    {"t", "msec", "time_ms", FieldKind::kNumber},
    {"t", "usec", "time_us", FieldKind::kNumber},
    {"t", "msec_frac", "fraction", FieldKind::kNumber},
    {"t", "usec_frac", "fraction", FieldKind::kNumber},
    {"T", "", "request_time", FieldKind::kNumber},
    {"T", "s", "request_time", FieldKind::kNumber},
    {"T", "ms", "request_time_ms", FieldKind::kNumber},
    {"T", "us", "request_time_us", FieldKind::kNumber},
    {"u", "", "remote_user", FieldKind::kText},
    {"U", "", "uri", FieldKind::kText},
    {"v", "", "server_name", FieldKind::kToken},
    {"V", "", "host", FieldKind::kToken},
    {"x", kAnyArgument, "", FieldKind::kText},
    {"X", "", "connection_status", FieldKind::kWord},
    {"^FB", "", "first_byte_time_us", FieldKind::kNumber},
    {"^ti", kAnyArgument, "trailer_", FieldKind::kText},
    {"^to", kAnyArgument, "sent_trailer_", FieldKind::kText},
};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// User-Agent: user_agent.
std::string name_of(std::string_view argument) {
  std::string name(argument);
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
    return is_letter(c) || is_digit(c) ? c : '_';
  });
  return name;
}

class HttpdFormatReader {
 public:
  explicit HttpdFormatReader(std::string_view text) : text_(text) {}

  [[nodiscard]] std::vector<FormatPiece> read() {
    while (at_ < text_.size()) {
      if (text_[at_] == '%') {
        take_directive();
      } else {
        take_character();
      }
    }
    return std::move(pieces_);
  }

 private:
  void add_literal(std::size_t offset, std::string_view text) {
    if (pieces_.empty() || pieces_.back().is_variable) pieces_.push_back({offset, ""});
    pieces_.back().text += text;
  }

  // True if what was read last is the variable `name`, and `literal` behind it.
  [[nodiscard]] bool ends_with(std::string_view name, std::string_view literal) const {
    const std::size_t behind = literal.empty() ? 0 : 1;
    if (pieces_.size() <= behind || (behind > 0 && pieces_.back().text != literal)) return false;
    const FormatPiece& piece = pieces_[pieces_.size() - 1 - behind];
    return piece.is_variable && piece.text == name;
  }

  // True if what was read last is a time, perhaps with what may stand within a time stamp behind it.
  [[nodiscard]] bool is_within_time() const {
    const bool has_literal = !pieces_.empty() && !pieces_.back().is_variable;
    return ends_with("time", has_literal ? pieces_.back().text : "") &&
           (!has_literal || pieces_.back().text.find_first_not_of(" .,:-/T") == std::string::npos);
  }

  // Two pairs are one value each, and so are the parts of a time stamp.
  void add_variable(std::size_t offset, std::string name, FieldKind kind) {
    if (name == "query_string" && ends_with("uri", "")) {
      pieces_.back().text = "request_uri";
    } else if (name == "fraction" && ends_with("time_s", ".")) {
      pieces_.pop_back();
    } else if ((name == "fraction" || name == "time") && is_within_time()) {
      if (!pieces_.back().is_variable) pieces_.pop_back();
    } else {
      pieces_.push_back({offset, std::move(name), true, kind});
    }
  }

  // A character that stands for itself, or one that the configuration writes with a backslash.
  void take_character() {
    const std::size_t begin = at_++;
    char c = text_[begin];
    if (c == '\\' && at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\\' || text_[at_] == 't')) {
      c = text_[at_] == 't' ? '\t' : text_[at_];
      ++at_;
    } else if (c == '\n' || (c == '\\' && text_.substr(at_, 1) == "n")) {
      throw FormatError(begin, "the format holds a newline, which no line does: write it on one line, in quotes");
    }
    add_literal(begin, std::string_view(&c, 1));
  }

  // %>s, %{Referer}i, %!200,304{User-Agent}i, %^FB.
  void take_directive() {
    const std::size_t begin = at_++;
    if (text_.substr(at_, 1) == "%") {
      ++at_;
      return add_literal(begin, "%");
    }
    std::string_view argument;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '{') {
        const std::size_t close = text_.find('}', at_);
        if (close == std::string_view::npos) throw FormatError(at_, "this \"{\" has no \"}\"");
        argument = text_.substr(at_ + 1, close - at_ - 1);
        at_ = close + 1;
      } else if (c == '<' || c == '>' || c == '!' || c == ',' || is_digit(c)) {
        ++at_;
      } else {
        break;
      }
    }
    std::string_view letters = text_.substr(at_, 1);
    if (letters == "^") letters = text_.substr(at_, 3);
    at_ += letters.size();
    translate(begin, letters, argument);
  }

  void translate(std::size_t begin, std::string_view letters, std::string_view argument) {
    if (letters == "t") {
      for (const std::string_view moment : {"begin:", "end:"}) {
        if (argument.starts_with(moment)) argument.remove_prefix(moment.size());
      }
      if (argument.empty()) {
        add_literal(begin, "[");
        add_variable(begin, "time_local", FieldKind::kTime);
        return add_literal(begin, "]");
      }
    }
    const auto* const found =
        std::find_if(std::begin(kDirectives), std::end(kDirectives), [&](const Directive& directive) {
          return directive.letters == letters &&
                 (directive.argument == kAnyArgument ? !argument.empty() : directive.argument == argument);
        });
    if (found != std::end(kDirectives)) {
      const bool is_named = found->argument == kAnyArgument;
      std::string name(found->field);
      if (is_named) name += name_of(argument);
      const FieldKind kind = is_named ? variable_kind(name) : found->kind;
      return add_variable(begin, std::move(name), kind);
    }
    if (letters == "t") return add_variable(begin, "time", FieldKind::kText);  // as strftime() writes it
    refuse(begin, letters, argument);
  }

  [[noreturn]] static void refuse(std::size_t begin, std::string_view letters, std::string_view argument) {
    std::vector<std::string> forms;  // of the same letters
    for (const Directive& directive : kDirectives) {
      if (directive.letters != letters) continue;
      const bool is_any = directive.argument == kAnyArgument;
      const std::string braces =
          directive.argument.empty() ? "" : fmt::format("{{{}}}", is_any ? "NAME" : directive.argument);
      forms.push_back(fmt::format("%{}{}", braces, letters));
    }
    const std::string written = argument.empty() ? fmt::format("%{}", letters) : fmt::format("%{{...}}{}", letters);
    if (!forms.empty()) {
      throw FormatError(begin, fmt::format("\"{}\" is not read; there are {}", written, fmt::join(forms, ", ")));
    }
    throw FormatError(begin, fmt::format("httpd's LogFormat has no \"{}\"; write %% for a percent sign",
                                         letters.empty() ? "%" : written));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<FormatPiece> pieces_;
};

}  // namespace

LogFormat parse_httpd_format(std::string_view text) {
  if (text.find('%') == std::string_view::npos) {
    const auto* const named = std::find_if(std::begin(kNamedTexts), std::end(kNamedTexts),
                                           [&](const NamedText& known) { return known.name == text; });
    if (named == std::end(kNamedTexts)) {
      throw FormatError(0,
                        "the format has no directive such as %h; the names that are known are common, combined and "
                        "vhost_combined");
    }
    text = named->text;
  }
  LogFormat format = assemble_log_format(HttpdFormatReader(text).read(), Escaping::kDefault);
  format.directive = "LogFormat";
  return format;
}

}  // namespace tailmeter
