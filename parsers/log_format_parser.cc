#include <array>
#include <cstring>
#include <optional>

#include "parsers/escape.h"
#include "parsers/formats.h"
#include "parsers/httpd_format.h"
#include "parsers/log_format.h"
#include "parsers/pattern.h"
#include "parsers/splitter.h"

namespace tailmeter {
namespace {

class LogFormatParser final : public Parser {
 public:
  explicit LogFormatParser(LogFormat format)
      : format_(std::move(format)), splitter_(format_), is_selected_(format_.field_names.size(), true) {
    if (!splitter_.may_be_unsure()) return;
    try {
      pattern_.emplace(log_format_pattern(format_));
    } catch (const PatternError&) {
      throw FormatError(0, "the format is too long: its lists of upstreams need a pattern, which is too large");
    }
  }

  [[nodiscard]] const std::vector<std::string>& field_names() const override { return format_.field_names; }

  void select(const std::vector<bool>& used) override {
    is_selected_ = used;
    splitter_.select(used);
  }

  [[nodiscard]] bool parse(std::string_view line, FieldValues& values) const override {
    bool has_escapes = false;
    switch (splitter_.split(line, values, has_escapes)) {
      case Splitter::Outcome::kNoMatch:
        return false;
      case Splitter::Outcome::kUnsure:
        if (!match_pattern(line, values)) return false;
        has_escapes = line.find('\\') != std::string_view::npos;
        break;
      case Splitter::Outcome::kMatch:
        break;
    }
    if (has_escapes) undo_all_escapes(values);
    return true;
  }

  [[nodiscard]] Mismatch diagnose(std::string_view line) const override { return splitter_.diagnose(line); }

 private:
  bool match_pattern(std::string_view line, FieldValues& values) const {
    std::array<std::string_view, Pattern::kMaxGroups> groups;
    if (!pattern_->search(line, std::span(groups).first(format_.variables.size()))) return false;
    for (std::size_t i = 0; i < format_.variables.size(); ++i) {
      const Variable& variable = format_.variables[i];
      if (is_selected_[variable.field] && !variable.is_repeated) values.set(variable.field, groups[i]);
    }
    return true;
  }

  void undo_all_escapes(FieldValues& values) const {
    for (std::size_t i = 0; i < is_selected_.size(); ++i) {
      const auto field = static_cast<FieldIndex>(i);
      const std::string_view raw = values[field];
      if (!is_selected_[i] || raw.find('\\') == std::string_view::npos) continue;
      char* const undone = values.scratch(raw.size());
      values.set(field, {undone, undo_escapes(format_.escaping, raw, undone)});
    }
  }

  LogFormat format_;
  Splitter splitter_;
  std::vector<bool> is_selected_;   // by field
  std::optional<Pattern> pattern_;  // for what the splitter cannot decide
};

}  // namespace

std::unique_ptr<Parser> make_log_format_parser(std::string_view text, Escaping escaping) {
  return std::make_unique<LogFormatParser>(parse_log_format(text, escaping));
}

std::unique_ptr<Parser> make_httpd_format_parser(std::string_view text) {
  return std::make_unique<LogFormatParser>(parse_httpd_format(text));
}

}  // namespace tailmeter
