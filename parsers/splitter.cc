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

Splitter::Step::Step(const Variable& variable)
    : is_selected(!variable.is_repeated),
      field(variable.field),
      literal(variable.literal),
      field_class(variable.field_class),
      guessed_class(field_class) {}

Splitter::Splitter(const LogFormat& format) : prefix_(format.prefix) {
  for (const Variable& variable : format.variables) {
    steps_.emplace_back(variable);
    names_.push_back(variable.name);
  }
  for (std::size_t i = 0; i < steps_.size(); i += steps_[i].step_count) {
    Step& step = steps_[i];
    const std::string& literal = step.literal.text();
    if (literal.empty() && i + 1 < steps_.size()) {
      if (!ends_before_next(i)) {
        throw FormatError(format.variables[i + 1].offset,
                          fmt::format("where ${} ends cannot be known: ${} stands directly behind it; put a blank or a "
                                      "quote between them, or use a regex",
                                      names_[i], names_[i + 1]));
      }
      step.way = Way::kLastUnits;
    } else if (literal.empty() || !step.field_class.holds(literal.front())) {
      step.way = step.field_class.is_list() ? Way::kElements : literal.empty() ? Way::kLastUnits : Way::kUnits;
    } else if (anchor(i)) {
      continue;
    } else if (step.field_class.is_list() && !step.field_class.elements_hold(literal.front())) {
      step.way = Way::kElements;
    } else {
      const std::string way_out = format.escaping == Escaping::kNone ? "write escape=default or escape=json"
                                  : format.directive == "LogFormat"  ? "put it in quotes"
                                                                    : fmt::format("write \"${}\" in quotes", names_[i]);
      throw FormatError(format.variables[i].offset,
                        fmt::format("where ${} ends cannot be known: the text behind it, {}, may be part of it; "
                                    "{} in the server's {}, or use a regex",
                                    names_[i], in_quotes(literal), way_out, format.directive));
    }
  }
}

bool Splitter::ends_before_next(std::size_t step) const {
  const FieldClass& field_class = steps_[step].field_class;
  const Step& next = steps_[step + 1];
  const std::string& behind = next.literal.text();
  const bool is_last = step + 2 == steps_.size();
  return !field_class.is_list() && next.field_class.first() && field_class.excludes(*next.field_class.first()) &&
         (behind.empty() ? is_last : !field_class.holds(behind.front()));
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
    step.guessed_class = step.field_class.without(step.literal.text().front());
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
    if (literal.empty()) return false;
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

inline void Splitter::Step::store(const char* begin, const char* field_end, bool has_escapes, Walk& walk) const {
  if (!is_selected) return;
  walk.values.set(field, {begin, static_cast<std::size_t>(field_end - begin)});
  walk.has_escapes |= has_escapes;
}

const char* Splitter::end_of_list(const Step& step, const char* begin, Walk& walk, bool& has_escapes) {
  const char* place = step.field_class.end_of_units(walk.line, begin, has_escapes);
  while (const std::size_t separator_size = list_separator_size(place, walk.line.end)) {
    walk.chose = walk.chose || (step.literal.size() > 0 && step.literal.is_at(place, walk.line.end));
    place = step.field_class.end_of_units(walk.line, place + separator_size, has_escapes);
  }
  return place;
}

const char* Splitter::pass_anchored(const Step& first, const char* begin, Walk& walk) {
  const Step& last = *(&first + first.step_count - 1);
  const char* const anchor =
      first.is_anchored_at_end ? walk.line.end : find_unescaped(begin, walk.line.end, first.anchor);
  if (anchor == nullptr || static_cast<std::size_t>(anchor - begin) < first.anchor_offset) return nullptr;
  const char* field_end = anchor - first.anchor_offset;
  if (!last.literal.is_at(field_end, walk.line.end)) return nullptr;
  const char* const next = field_end + last.literal.size();

  const auto store_field = [&walk](const Step& step, const char* field, const char* end) {
    bool has_escapes = false;
    if (!step.field_class.contains({field, end}, has_escapes)) return false;
    step.store(field, end, has_escapes, walk);
    return true;
  };
  for (const Step* step = &last; step != &first; --step) {
    const Literal& before = step[-1].literal;
    const char* const field = find_behind_last(begin, field_end, before.text().back());
    if (field == nullptr || !store_field(*step, field, field_end)) return nullptr;
    if (static_cast<std::size_t>(field - begin) < before.size()) return nullptr;
    field_end = field - before.size();
    if (!before.is_at(field_end, walk.line.end)) return nullptr;
  }
  return store_field(first, begin, field_end) ? next : nullptr;
}

// Most of a line's way is made here: a call would take longer than what it calls.
[[gnu::always_inline]] inline const char* Splitter::pass_units(const Step& step, const FieldClass& field_class,
                                                               const char* begin, Walk& walk) {
  if (field_class.first()) [[unlikely]]
    return pass_escapes(step, field_class, begin, begin, walk);
  // Where the literal is, no unit begins: (1).
  const char* const field_end = field_class.end_of_plain(walk.line, begin);
  if (!step.literal.is_at(field_end, walk.line.end)) return pass_escapes(step, field_class, begin, field_end, walk);
  step.store(begin, field_end, false, walk);
  return field_end + step.literal.size();
}

const char* Splitter::pass_escapes(const Step& step, const FieldClass& field_class, const char* begin,
                                   const char* plain_end, Walk& walk) {
  bool has_escapes = false;
  const char* const field_end = field_class.end_of_units(walk.line, plain_end, has_escapes);
  if (!step.literal.is_at(field_end, walk.line.end)) return nullptr;
  step.store(begin, field_end, has_escapes, walk);
  return field_end + step.literal.size();
}

const char* Splitter::pass_by_guess(const Step& first, const char* begin, Walk& walk) {
  const char* place = pass_units(first, first.guessed_class, begin, walk);
  for (const Step* step = &first + 1; place != nullptr && step != &first + first.step_count; ++step) {
    place = pass_units(*step, step->field_class, place, walk);
  }
  return first.is_anchored_at_end && place != walk.line.end ? nullptr : place;
}

inline const char* Splitter::pass(const Step& step, const char* begin, Walk& walk) {
  return step.way == Way::kUnits ? pass_units(step, step.field_class, begin, walk) : pass_other(step, begin, walk);
}

const char* Splitter::pass_other(const Step& step, const char* begin, Walk& walk) {
  if (step.way == Way::kAnchor) {
    const char* const next = pass_by_guess(step, begin, walk);
    return next != nullptr ? next : pass_anchored(step, begin, walk);
  }
  if (step.way == Way::kLastUnits) return pass_escapes(step, step.field_class, begin, begin, walk);
  bool has_escapes = false;
  const char* const field_end = end_of_list(step, begin, walk, has_escapes);
  if (!step.literal.is_at(field_end, walk.line.end)) return nullptr;
  step.store(begin, field_end, has_escapes, walk);
  return field_end + step.literal.size();
}

Splitter::Outcome Splitter::split(std::string_view line, FieldValues& values, bool& has_escapes) const {
  if (line.data() == nullptr) line = "";  // memchr() and its kin take no null, not even with size 0
  Walk walk{{line.data(), line.data() + line.size()}, values};
  if (!prefix_.is_at(walk.line.begin, walk.line.end)) return Outcome::kNoMatch;
  const char* place = walk.line.begin + prefix_.size();
  const Step* const behind_last = steps_.data() + steps_.size();
  for (const Step* step = steps_.data(); step != behind_last; step += step->step_count) {
    place = pass(*step, place, walk);
    if (place == nullptr) return walk.chose ? Outcome::kUnsure : Outcome::kNoMatch;
  }
  has_escapes = has_escapes || walk.has_escapes;
  if (place == walk.line.end) return Outcome::kMatch;
  return walk.chose ? Outcome::kUnsure : Outcome::kNoMatch;
}

Mismatch Splitter::diagnose(std::string_view line) const {
  if (line.data() == nullptr) line = "";
  FieldValues values(names_.size());
  Walk walk{{line.data(), line.data() + line.size()}, values};
  if (!prefix_.is_at(walk.line.begin, walk.line.end)) {
    return {0, fmt::format("expected {} at the beginning of the line", in_quotes(prefix_.text()))};
  }
  const char* place = walk.line.begin + prefix_.size();
  for (std::size_t i = 0; i < steps_.size(); i += steps_[i].step_count) {
    const char* const next = pass(steps_[i], place, walk);
    if (next == nullptr) return explain(i, place, walk);
    place = next;
  }
  return expected("", names_.size() - 1, static_cast<std::size_t>(place - walk.line.begin));
}

// Goes forward where pass_anchored() goes back, since that is how a reader compares a line with its format.
Mismatch Splitter::explain(std::size_t first, const char* begin, Walk& walk) const {
  for (std::size_t i = first; i < first + steps_[first].step_count; ++i) {
    const Step& step = steps_[i];
    bool has_escapes = false;
    const char* field_end = step.field_class.is_list() ? end_of_list(step, begin, walk, has_escapes)
                                                       : step.field_class.end_of_units(walk.line, begin, has_escapes);
    if (step.way == Way::kAnchor) {
      const std::string& literal = step.literal.text();
      field_end = std::min(field_end, std::search(begin, walk.line.end, literal.begin(), literal.end()));
    }
    if (!step.literal.is_at(field_end, walk.line.end)) {
      return expected(step.literal.text(), i, static_cast<std::size_t>(field_end - walk.line.begin));
    }
    begin = field_end + step.literal.size();
  }
  return expected("", first + steps_[first].step_count - 1, static_cast<std::size_t>(begin - walk.line.begin));
}

Mismatch Splitter::expected(std::string_view literal, std::size_t step, std::size_t offset) const {
  return {offset, fmt::format("expected {} after ${}", literal.empty() ? "the end of the line" : in_quotes(literal),
                              names_[step])};
}

}  // namespace tailmeter
