#include "parsers/escape.h"
#include "parsers/formats.h"
#include "parsers/naming_parser.h"

namespace tailmeter {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr const char* kNoPair = "there is no key=value";
constexpr const char* kNotClosed = "a quoted text has no closing quote";
constexpr const char* kNoBlank = "a blank is missing behind the closing quote";

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

std::size_t end_of_word(std::string_view line, std::size_t at) {
  while (at < line.size() && !is_blank(line[at])) ++at;
  return at;
}

// The quote that ends the text behind the one at `open`, or kNone.
std::size_t closing_quote(std::string_view line, std::size_t open, bool& has_escapes) {
  for (std::size_t at = open + 1; at < line.size(); ++at) {
    if (line[at] == '"') return at;
    if (line[at] != '\\') continue;
    has_escapes = true;
    ++at;
  }
  return kNone;
}

class LogfmtParser final : public NamingParser {
 public:
  [[nodiscard]] bool parse(std::string_view line, FieldValues& values) const override {
    return walk(line, &values).reason == nullptr;
  }

  [[nodiscard]] Mismatch diagnose(std::string_view line) const override {
    const Failure failure = walk(line, nullptr);
    return {failure.offset, failure.reason};
  }

 private:
  struct Failure {
    std::size_t offset = 0;
    const char* reason = nullptr;  // null: none
  };

  [[nodiscard]] Failure walk(std::string_view line, FieldValues* values) const {
    bool has_pair = false;
    for (std::size_t at = 0; at < line.size();) {
      if (is_blank(line[at])) {
        ++at;
        continue;
      }
      const std::size_t begin = at;
      bool has_escapes = false;
      if (line[at] == '"') {  // a message that no key stands in front of
        const std::size_t close = closing_quote(line, at, has_escapes);
        if (close == kNone) return {at, kNotClosed};
        at = end_of_word(line, close + 1);
        continue;
      }
      while (at < line.size() && !is_blank(line[at]) && line[at] != '=' && line[at] != '"') ++at;
      if (at == line.size() || line[at] != '=' || at == begin) {  // a word that is no pair
        at = end_of_word(line, at);
        continue;
      }
      has_pair = true;
      const std::string_view key = line.substr(begin, at - begin);
      std::string_view value;
      ++at;
      if (at < line.size() && line[at] == '"') {
        const std::size_t close = closing_quote(line, at, has_escapes);
        if (close == kNone) return {at, kNotClosed};
        value = line.substr(at + 1, close - at - 1);
        at = close + 1;
        if (at < line.size() && !is_blank(line[at])) return {at, kNoBlank};
      } else {
        const std::size_t end = end_of_word(line, at);
        value = line.substr(at, end - at);
        at = end;
      }
      if (values != nullptr) set(key, value, has_escapes, *values);
    }
    return has_pair ? Failure{} : Failure{0, kNoPair};
  }

  void set(std::string_view key, std::string_view value, bool has_escapes, FieldValues& values) const {
    const FieldIndex field = names().find(key);
    if (field == AskedNames::kNoField) return;
    if (has_escapes) {
      char* const undone = values.scratch(value.size());
      value = {undone, undo_escapes(Escaping::kGo, value, undone)};
    }
    values.set(field, value);
  }
};

}  // namespace

std::unique_ptr<Parser> make_logfmt_parser() {
  return std::make_unique<LogfmtParser>();
}

}  // namespace tailmeter
