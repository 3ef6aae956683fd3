#include "parsers/splitter.h"

#include <algorithm>

#include <fmt/format.h>

#include "parsers/formats.h"

namespace tailmeter {
namespace {

// The first `byte` in [begin, end) that has no odd number of backslashes in front, or null.
const char* find_unescaped(const char* begin, const char* end, char byte) {
  const char* from = begin;
  for (;;) {
    const auto* const found = static_cast<const char*>(std::memchr(from, byte, static_cast<std::size_t>(end - from)));
    if (found == nullptr || found == begin || found[-1] != '\\') return found;
    const char* slashes = found - 1;
    while (slashes != begin && slashes[-1] == '\\') --slashes;
    if ((found - slashes) % 2 == 0) return found;
    from = found + 1;
  }
}

// Behind the last `byte` in [begin, end), or null.
const char* find_behind_last(const char* begin, const char* end, char byte) {
  const auto* const found = static_cast<const char*>(memrchr(begin, byte, static_cast<std::size_t>(end - begin)));
  return found == nullptr ? nullptr : found + 1;
}

std::string in_quotes(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '\t') {
      quoted += "\\t";
    } else {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace

Splitter::Literal::Literal(std::string text) : text_(std::move(text)) {
  const std::size_t head_size = std::min(text_.size(), sizeof head_);
  std::memcpy(&head_, text_.data(), head_size);
  std::memset(&mask_, 0xff, head_size);
}

bool Splitter::Literal::is_at_slowly(const char* place, const char* end) const {
  return static_cast<std::size_t>(end - place) >= text_.size() && std::memcmp(place, text_.data(), text_.size()) == 0;
}

Splitter::Step::Step(const Variable& variable)
    : is_selected(!variable.is_repeated),
      field(variable.field),
      literal(variable.literal),
      field_class(variable.field_class) {}

Splitter::Splitter(const LogFormat& format) : prefix_(format.prefix) {
  for (const Variable& variable : format.variables) {
    steps_.emplace_back(variable);
    names_.push_back(variable.name);
  }
  for (std::size_t i = 0; i < steps_.size(); i += steps_[i].step_count) {
    Step& step = steps_[i];
    const std::string& literal = step.literal.text();
    if (literal.empty() || !step.field_class.holds(literal.front())) {
      const bool is_quoted = step.field_class.kind() == FieldKind::kText && literal.starts_with('"');
      step.way = step.field_class.is_list() ? Way::kElements : is_quoted ? Way::kQuote : Way::kUnits;
    } else if (anchor(i)) {
      continue;
    } else if (step.field_class.is_list() && !step.field_class.elements_hold(literal.front())) {
      step.way = Way::kElements;
    } else {
      throw FormatError(format.variables[i].offset,
                        fmt::format("where ${0} ends cannot be known: the text behind it, {1}, may be part of it; "
                                    "write \"${0}\" in quotes in the server's log_format, or use a regex",
                                    names_[i], in_quotes(literal)));
    }
  }
}

bool Splitter::anchor(std::size_t first) {
  const auto is_held = [this, first](std::size_t last, char byte) {
    for (std::size_t i = first; i <= last; ++i) {
      if (steps_[i].field_class.holds(byte)) return true;
    }
    return false;
  };
  const auto anchor_at = [this, first](std::size_t last, std::size_t offset) {
    Step& step = steps_[first];
    const std::string& literal = steps_[last].literal.text();
    step.way = Way::kAnchor;
    step.step_count = static_cast<std::uint16_t>(last - first + 1);
    step.anchor_offset = offset;
    step.is_anchored_at_end = offset == literal.size();
    if (!step.is_anchored_at_end) step.anchor = literal[offset];
    return true;
  };
  for (std::size_t last = first;; ++last) {
    const std::string& literal = steps_[last].literal.text();
    for (std::size_t i = 0; i < literal.size(); ++i) {
      if (literal[i] == '\\') return false;
      if (!is_held(last, literal[i])) return anchor_at(last, i);
    }
    if (last + 1 == steps_.size()) return anchor_at(last, literal.size());
    if (!steps_[last + 1].field_class.excludes(literal.back())) return false;
  }
}

void Splitter::select(const std::vector<bool>& used) {
  for (Step& step : steps_) step.is_selected = step.is_selected && used[step.field];
}

bool Splitter::may_be_unsure() const {
  return std::any_of(steps_.begin(), steps_.end(), [](const Step& step) {
    return step.way == Way::kElements && !step.literal.text().empty() &&
           step.field_class.holds(step.literal.text().front());
  });
}

inline void Splitter::Step::store(const char* begin, const char* field_end, FieldValues& values) const {
  if (is_selected) values.set(field, {begin, static_cast<std::size_t>(field_end - begin)});
}

const char* Splitter::end_of_list(const Step& step, const char* begin, const char* end, bool& chose) {
  const char* place = step.field_class.end_of_units(begin, end);
  while (const std::size_t separator_size = list_separator_size(place, end)) {
    chose = chose || (step.literal.size() > 0 && step.literal.is_at(place, end));
    place = step.field_class.end_of_units(place + separator_size, end);
  }
  return place;
}

const char* Splitter::pass_anchored(const Step& first, const char* begin, const char* end, FieldValues& values) {
  const Step& last = *(&first + first.step_count - 1);
  const char* const anchor = first.is_anchored_at_end ? end : find_unescaped(begin, end, first.anchor);
  if (anchor == nullptr || static_cast<std::size_t>(anchor - begin) < first.anchor_offset) return nullptr;
  const char* field_end = anchor - first.anchor_offset;
  if (!last.literal.is_at(field_end, end)) return nullptr;
  const char* const next = field_end + last.literal.size();

  for (const Step* step = &last; step != &first; --step) {
    const Literal& before = step[-1].literal;
    const char* const field = find_behind_last(begin, field_end, before.text().back());
    if (field == nullptr || !step->field_class.contains(field, field_end)) return nullptr;
    step->store(field, field_end, values);
    if (static_cast<std::size_t>(field - begin) < before.size()) return nullptr;
    field_end = field - before.size();
    if (!before.is_at(field_end, end)) return nullptr;
  }
  if (!first.field_class.contains(begin, field_end)) return nullptr;
  first.store(begin, field_end, values);
  return next;
}

inline const char* Splitter::pass(const Step& step, const char* begin, const char* end, FieldValues& values,
                                  bool& chose) {
  const char* field_end = nullptr;
  switch (step.way) {
    case Way::kUnits:
      field_end = step.field_class.end_of_units(begin, end);
      break;
    case Way::kQuote:
      field_end = find_unescaped(begin, end, '"');
      if (field_end == nullptr) return nullptr;
      break;
    case Way::kElements:
      field_end = end_of_list(step, begin, end, chose);
      break;
    case Way::kAnchor:
      return pass_anchored(step, begin, end, values);
  }
  if (!step.literal.is_at(field_end, end)) return nullptr;
  step.store(begin, field_end, values);
  return field_end + step.literal.size();
}

Splitter::Outcome Splitter::split(std::string_view line, FieldValues& values) const {
  if (line.data() == nullptr) line = "";  // memchr() and its kin take no null, not even with size 0
  const char* place = line.data();
  const char* const end = place + line.size();
  if (!prefix_.is_at(place, end)) return Outcome::kNoMatch;
  place += prefix_.size();
  bool chose = false;
  const Step* const behind_last = steps_.data() + steps_.size();
  for (const Step* step = steps_.data(); step != behind_last; step += step->step_count) {
    place = pass(*step, place, end, values, chose);
    if (place == nullptr) return chose ? Outcome::kUnsure : Outcome::kNoMatch;
  }
  if (place == end) return Outcome::kMatch;
  return chose ? Outcome::kUnsure : Outcome::kNoMatch;
}

Mismatch Splitter::diagnose(std::string_view line) const {
  if (line.data() == nullptr) line = "";
  const char* const end = line.data() + line.size();
  if (!prefix_.is_at(line.data(), end)) {
    return {0, fmt::format("expected {} at the beginning of the line", in_quotes(prefix_.text()))};
  }
  const char* place = line.data() + prefix_.size();
  FieldValues values(names_.size());
  bool chose = false;
  for (std::size_t i = 0; i < steps_.size(); i += steps_[i].step_count) {
    const char* const next = pass(steps_[i], place, end, values, chose);
    if (next == nullptr) return explain(i, line, place);
    place = next;
  }
  return expected("", names_.size() - 1, static_cast<std::size_t>(place - line.data()));
}

// Goes forward where pass_anchored() goes back, since that is how a reader compares a line with its format.
Mismatch Splitter::explain(std::size_t first, std::string_view line, const char* begin) const {
  const char* const end = line.data() + line.size();
  for (std::size_t i = first; i < first + steps_[first].step_count; ++i) {
    const Step& step = steps_[i];
    bool chose = false;
    const char* field_end =
        step.field_class.is_list() ? end_of_list(step, begin, end, chose) : step.field_class.end_of_units(begin, end);
    if (step.way == Way::kAnchor) {
      const std::string& literal = step.literal.text();
      field_end = std::min(field_end, std::search(begin, end, literal.begin(), literal.end()));
    }
    if (!step.literal.is_at(field_end, end)) {
      return expected(step.literal.text(), i, static_cast<std::size_t>(field_end - line.data()));
    }
    begin = field_end + step.literal.size();
  }
  return expected("", first + steps_[first].step_count - 1, static_cast<std::size_t>(begin - line.data()));
}

Mismatch Splitter::expected(std::string_view literal, std::size_t step, std::size_t offset) const {
  return {offset, fmt::format("expected {} after ${}", literal.empty() ? "the end of the line" : in_quotes(literal),
                              names_[step])};
}

}  // namespace tailmeter
