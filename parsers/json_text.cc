#include "parsers/json_text.h"

#include <algorithm>
#include <cctype>

#include "parsers/byte_order_mark.h"

namespace tailmeter {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Takes the digits in front; false if there are none.
bool take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const bool has_some = end != text.begin();
  text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
  return has_some;
}

bool take(std::string_view& text, std::string_view choices) {
  if (text.empty() || choices.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

bool is_number(std::string_view text) {
  take(text, "-");
  if (!take(text, "0") && !take_digits(text)) return false;
  if (take(text, ".") && !take_digits(text)) return false;
  if (take(text, "eE")) {
    take(text, "+-");
    if (!take_digits(text)) return false;
  }
  return text.empty();
}

// Reads a line until it is no JSON.
class Diagnosis {
 public:
  explicit Diagnosis(std::string_view line) : line_(line) {}

  Mismatch result() {
    if (line_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
    skip_blanks();
    if (peek() != '{') {
      fail(at_, "no JSON object begins here");
    } else if (container(0)) {
      skip_blanks();
      if (at_ < line_.size()) fail(at_, "something stands behind the JSON object");
    }
    return mismatch_;
  }

 private:
  [[nodiscard]] char peek() const { return at_ < line_.size() ? line_[at_] : '\0'; }
  void skip_blanks() {
    while (at_ < line_.size() && is_blank(line_[at_])) ++at_;
  }

  bool fail(std::size_t offset, const char* reason) {
    if (offset >= line_.size()) {
      mismatch_ = {line_.size(), "the JSON object is cut off"};
    } else {
      mismatch_ = {offset, reason};
    }
    return false;
  }

  bool string() {
    const std::size_t open = at_++;
    for (; at_ < line_.size(); ++at_) {
      const auto byte = static_cast<unsigned char>(line_[at_]);
      if (byte == '"') return check_escapes(line_.substr(open + 1, at_++ - open - 1), open + 1);
      if (byte < 0x20) return fail(at_, "a control character in a string is not escaped");
      // What is escaped is not looked at, unless it is a control character.
      if (byte == '\\' && at_ + 1 < line_.size() && static_cast<unsigned char>(line_[at_ + 1]) >= 0x20) ++at_;
    }
    mismatch_ = {open, "a string has no closing quote: the line is cut off"};
    return false;
  }

  bool check_escapes(std::string_view text, std::size_t offset) {
    const std::size_t wrong = find_wrong_json_escape(text);
    if (wrong == std::string_view::npos) return true;
    return fail(offset + wrong, text.substr(wrong).starts_with("\\x")
                                    ? "\\x is no escape of JSON: nginx's log_format needs escape=json"
                                    : "a backslash begins no escape of JSON");
  }

  bool value(std::size_t depth) {
    skip_blanks();
    const char first = peek();
    if (first == '{' || first == '[') return container(depth);
    if (first == '"') return string();
    const std::size_t begin = at_;
    at_ = std::min(line_.find_first_of(" \t\r\n,:[]{}\"", at_), line_.size());
    if (at_ == begin) return fail(at_, "a value is missing");
    return is_json_literal(line_.substr(begin, at_ - begin)) ||
           fail(begin, "neither a number, true, false, null nor in quotes");
  }

  bool member(std::size_t depth) {
    skip_blanks();
    if (peek() != '"') return fail(at_, "a name in quotes is missing");
    if (!string()) return false;
    skip_blanks();
    if (peek() != ':') return fail(at_, "a colon is missing");
    ++at_;
    return value(depth);
  }

  bool container(std::size_t depth) {
    if (depth == kMaxJsonDepth) return fail(at_, "objects and lists are nested too deeply");
    const bool is_object = line_[at_++] == '{';
    const char close = is_object ? '}' : ']';
    skip_blanks();
    if (peek() == close) return ++at_ > 0;
    for (;;) {
      if (!(is_object ? member(depth + 1) : value(depth + 1))) return false;
      skip_blanks();
      if (peek() == close) return ++at_ > 0;
      if (peek() != ',') return fail(at_, "a comma or a closing bracket is missing");
      ++at_;
    }
  }

  std::string_view line_;
  std::size_t at_ = 0;
  Mismatch mismatch_;
};

}  // namespace

bool is_json_literal(std::string_view text) {
  return is_number(text) || text == "true" || text == "false" || text == "null";
}

std::size_t find_wrong_json_escape(std::string_view text) {
  const auto is_hex_digit = [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; };
  for (std::size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at)) {
    const std::string_view escape = text.substr(at);
    if (escape.size() < 2) return at;
    if (escape[1] == 'u') {
      if (escape.size() < 6 || !std::all_of(escape.begin() + 2, escape.begin() + 6, is_hex_digit)) return at;
      at += 6;
    } else {
      if (std::string_view("\"\\/bfnrt").find(escape[1]) == std::string_view::npos) return at;
      at += 2;
    }
  }
  return std::string_view::npos;
}

std::size_t find_json_string_end(std::string_view text, std::size_t begin) {
  for (std::size_t at = begin;; at += 2) {
    at = text.find_first_of("\"\\", at);
    if (at == std::string_view::npos || text[at] == '"') return at;
  }
}

Mismatch diagnose_json(std::string_view line) {
  return Diagnosis(line).result();
}

}  // namespace tailmeter
