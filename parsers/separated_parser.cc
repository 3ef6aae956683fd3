#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "parsers/formats.h"

namespace tailmeter {
namespace {

constexpr char kQuote = '"';

class SeparatedParser final : public Parser {
 public:
  explicit SeparatedParser(SeparatedFormat format)
      : separator_(format.separator), column_count_(format.columns.size()), names_(std::move(format.columns)) {
    for (std::size_t i = 0; i < column_count_; ++i) targets_.push_back({i, static_cast<FieldIndex>(i)});
  }

  [[nodiscard]] const std::vector<std::string>& field_names() const override { return names_; }

  bool ask_for(std::string_view name) override {
    const std::size_t position = position_of(name);
    if (position == 0 || position > kMaxSeparatedFields || (column_count_ > 0 && position > column_count_))
      return false;
    if (std::find(names_.begin(), names_.end(), name) == names_.end()) {
      const Target target{position - 1, static_cast<FieldIndex>(names_.size())};
      const auto after = std::find_if(targets_.begin(), targets_.end(),
                                      [&](const Target& other) { return other.position > target.position; });
      targets_.insert(after, target);
      names_.emplace_back(name);
    }
    return true;
  }

  void select(const std::vector<bool>& used) override {
    std::erase_if(targets_, [&used](const Target& target) { return !used[target.field]; });
  }

  [[nodiscard]] bool parse(std::string_view line, FieldValues& values) const override {
    auto target = targets_.begin();
    return walk(line, [&](std::size_t position, std::string_view value, std::size_t doubled_quotes) {
             if (target == targets_.end() || target->position != position) return;
             if (doubled_quotes > 0) value = undo_doubling(value, values.scratch(value.size() - doubled_quotes));
             for (; target != targets_.end() && target->position == position; ++target)
               values.set(target->field, value);
           }).reason == nullptr;
  }

  [[nodiscard]] Mismatch diagnose(std::string_view line) const override {
    const Failure failure = walk(line, [](std::size_t, std::string_view, std::size_t) {});
    return {failure.offset, failure.reason};
  }

 private:
  // A field that is asked for, by the position in the line, from 0.
  struct Target {
    std::size_t position;
    FieldIndex field;
  };
  struct Failure {
    std::size_t offset = 0;
    const char* reason = nullptr;  // null: none
  };

  // 0 for what is no number, or not written as one is.
  static std::size_t position_of(std::string_view name) {
    std::size_t position = 0;
    const char* const end = name.data() + name.size();
    const auto [stop, failure] = std::from_chars(name.data(), end, position);
    return failure == std::errc() && stop == end && !name.starts_with('0') ? position : 0;
  }

  // Calls visit(position, value, doubled quotes in it) for the fields of the line up to where it is wrong.
  template <typename Visit>
  [[nodiscard]] Failure walk(std::string_view line, Visit visit) const {
    if (line.empty()) return {0, "the line is empty"};
    std::size_t at = 0;
    for (std::size_t position = 0;; ++position) {
      if (position == column_count_ && column_count_ > 0) return {at, "there are more fields than columns"};
      std::size_t doubled_quotes = 0;
      std::size_t end = 0;
      if (at < line.size() && line[at] == kQuote) {
        const std::size_t close = closing_quote(line, at, doubled_quotes);
        if (close == line.size())
          return {at, "a quoted field is not closed; one that goes on in the next line cannot be read"};
        end = close + 1;
        if (end < line.size() && line[end] != separator_)
          return {end, "there is text between a closing quote and the separator"};
        visit(position, line.substr(at + 1, close - at - 1), doubled_quotes);
      } else {
        end = std::min(line.find(separator_, at), line.size());
        visit(position, line.substr(at, end - at), 0);
      }
      if (end == line.size()) {
        if (position + 1 < column_count_) return {end, "there are fewer fields than columns"};
        return {};
      }
      at = end + 1;
    }
  }

  // The quote that ends the field which the one at `open` begins, or the line's end. Two quotes are one in the field.
  static std::size_t closing_quote(std::string_view line, std::size_t open, std::size_t& doubled_quotes) {
    for (std::size_t at = open + 1;; at += 2, ++doubled_quotes) {
      at = std::min(line.find(kQuote, at), line.size());
      if (at + 1 >= line.size() || line[at + 1] != kQuote) return at;
    }
  }

  static std::string_view undo_doubling(std::string_view text, char* out) {
    char* end = out;
    for (std::size_t at = 0; at < text.size(); ++at) {
      *end++ = text[at];
      if (text[at] == kQuote) ++at;
    }
    return {out, static_cast<std::size_t>(end - out)};
  }

  char separator_;
  std::size_t column_count_;  // 0: any number
  std::vector<std::string> names_;
  std::vector<Target> targets_;  // in the order of the line
};

}  // namespace

std::unique_ptr<Parser> make_separated_parser(SeparatedFormat format) {
  return std::make_unique<SeparatedParser>(std::move(format));
}

}  // namespace tailmeter
