#include "parsers/lowered_pattern.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <iterator>
#include <utility>

namespace tailmeter {
namespace {

using Step = LoweredPattern::Step;
using Group = LoweredPattern::Group;
using Bytes = std::bitset<256>;

std::size_t index(char byte) {
  return static_cast<unsigned char>(byte);
}

Bytes range(char first, char last) {
  Bytes bytes;
  for (std::size_t i = index(first); i <= index(last); ++i) bytes.set(i);
  return bytes;
}

char first_of(const Bytes& bytes) {
  std::size_t i = 0;
  while (!bytes[i]) ++i;
  return static_cast<char>(i);
}

Bytes word_bytes() {
  return range('0', '9') | range('A', 'Z') | range('a', 'z') | range('_', '_');
}

// Reads a pattern's text. What it does not understand makes it give up, and what it has read until then is of no use.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool has_given_up() const { return has_given_up_; }
  [[nodiscard]] bool is_at_end() const { return rest_.empty(); }
  [[nodiscard]] std::vector<Step> take_steps() { return std::move(steps_); }
  [[nodiscard]] std::vector<Group> take_groups() { return std::move(groups_); }

  bool take(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  // Up to `$`, `|`, `)` or the end.
  void read_items() {
    while (!rest_.empty() && !is_one_of("$|)")) {
      if (take("(")) {
        read_group();
      } else {
        read_item();
      }
    }
  }

 private:
  void give_up() {
    has_given_up_ = true;
    rest_ = {};
  }

  [[nodiscard]] bool is_one_of(std::string_view bytes) const {
    return !rest_.empty() && bytes.find(rest_.front()) != std::string_view::npos;
  }

  void read_group() {
    const bool is_captured = !take("?:");
    if (take("?P<")) {
      rest_.remove_prefix(std::min(rest_.find('>'), rest_.size()));
      if (!take(">")) give_up();
    } else if (is_one_of("?")) {
      give_up();
    }
    const std::size_t group = groups_.size();
    if (is_captured) groups_.push_back({.begin = steps_.size()});
    read_alternatives();
    if (is_captured) groups_[group].end = steps_.size();
    boundary_ = steps_.size();
    if (!take(")") || is_one_of("*+?{")) give_up();
  }

  void read_alternatives() {
    const std::size_t group_count = groups_.size();
    const std::size_t first = boundary_ = steps_.size();
    read_items();
    if (!is_one_of("|")) return;
    Step step{.kind = Step::Kind::kTexts, .texts = {take_text(first)}};
    while (take("|")) {
      read_items();
      step.texts.push_back(take_text(first));
    }
    if (groups_.size() != group_count) give_up();
    steps_.push_back(std::move(step));
  }

  // Takes back the steps from the given one on: an alternative, which has to be plain text.
  std::string take_text(std::size_t first) {
    if (steps_.size() == first) return {};
    if (steps_.size() > first + 1 || !is_plain(steps_.back())) give_up();
    std::string text = has_given_up_ ? "" : std::move(steps_.back().texts[0]);
    steps_.resize(first);
    return text;
  }

  static bool is_plain(const Step& step) { return step.kind == Step::Kind::kTexts && step.texts.size() == 1; }

  void read_item() {
    const Bytes bytes = read_class();
    const bool is_run = is_one_of("*+");
    std::size_t count = 1;
    if (take("*")) {
      count = 0;
    } else if (!take("+") && take("{")) {
      count = read_count();
    }
    if (is_one_of("*+?{")) give_up();
    if (is_run || count != 1 || bytes.count() != 1) {
      steps_.push_back({.kind = is_run ? Step::Kind::kRun : Step::Kind::kBytes, .count = count, .bytes = bytes});
    } else if (steps_.size() > boundary_ && is_plain(steps_.back())) {
      steps_.back().texts[0] += first_of(bytes);
    } else {
      steps_.push_back({.kind = Step::Kind::kTexts, .texts = {std::string(1, first_of(bytes))}});
    }
  }

  // Behind `{`. To RE2, a brace that does not begin a count is plain text.
  std::size_t read_count() {
    std::size_t count = 0;
    if (!is_one_of("123456789")) {
      give_up();
      return count;
    }
    const char* const end = std::from_chars(rest_.data(), rest_.data() + rest_.size(), count).ptr;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    if (!take("}")) give_up();
    return count;
  }

  Bytes read_class() {
    if (is_one_of("*+?{^")) give_up();
    if (take(".")) return ~range('\n', '\n');
    if (take("[")) return read_brackets();
    if (const auto named = read_named_class()) return *named;
    const char byte = read_byte();
    return range(byte, byte);
  }

  Bytes read_brackets() {
    const bool is_negated = take("^");
    Bytes bytes;
    do {  // a "]" in front is a byte of the class
      if (rest_.starts_with("[:")) give_up();
      if (const auto named = read_named_class()) {
        bytes |= *named;
        continue;
      }
      const char first = read_byte();
      const bool is_range = rest_.starts_with("-") && !rest_.starts_with("-]") && take("-");
      bytes |= range(first, is_range ? read_byte() : first);
    } while (!has_given_up_ && !take("]"));
    return is_negated ? ~bytes : bytes;
  }

  std::optional<Bytes> read_named_class() {
    if (rest_.size() < 2 || rest_[0] != '\\') return std::nullopt;
    Bytes bytes;
    switch (rest_[1]) {
      case 'd':
      case 'D':
        bytes = range('0', '9');
        break;
      case 's':
      case 'S':
        for (const char blank : {'\t', '\n', '\f', '\r', ' '}) bytes.set(index(blank));
        break;
      case 'w':
      case 'W':
        bytes = word_bytes();
        break;
      default:
        return std::nullopt;
    }
    const bool is_negated = rest_[1] < 'a';
    rest_.remove_prefix(2);
    return is_negated ? ~bytes : bytes;
  }

  char read_byte() {
    const bool is_escaped = take("\\");
    if (rest_.empty()) {
      give_up();
      return 0;
    }
    const char byte = rest_.front();
    rest_.remove_prefix(1);
    if (!is_escaped) return byte;
    if (byte == 't') return '\t';
    if (byte == 'n') return '\n';
    if (!range(' ', '~')[index(byte)] || word_bytes()[index(byte)]) give_up();
    return byte;
  }

  std::string_view rest_;
  std::vector<Step> steps_;
  std::vector<Group> groups_;
  std::size_t boundary_ = 0;  // of a group: text before it and behind it is not one step
  bool has_given_up_ = false;
};

bool has_prefixes(const std::vector<std::string>& texts) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (std::size_t k = 0; k < texts.size(); ++k) {
      if (i != k && texts[i].starts_with(texts[k])) return true;
    }
  }
  return false;
}

// What follows a step, as far as the step has to know.
struct Rest {
  Bytes first{};      // of the texts that it matches
  Bytes passed{};     // by its runs of kind (2)
  bool may_be_empty;  // if is_anchored, only at the end of the text
  bool is_anchored;
  bool has_gap = false;
  bool has_ambiguous = false;

  [[nodiscard]] bool put_texts_in_front(Step& step) {
    step.is_ambiguous = has_prefixes(step.texts);
    if (step.is_ambiguous && std::exchange(has_ambiguous, true)) return false;
    const bool has_empty = std::find(step.texts.begin(), step.texts.end(), "") != step.texts.end();
    if (!has_empty) first.reset();
    may_be_empty = may_be_empty && has_empty;
    for (const std::string& text : step.texts) {
      if (!text.empty()) first.set(index(text.front()));
    }
    return true;
  }

  [[nodiscard]] bool put_run_in_front(Step& step) {
    if (step.bytes.count() == 255) step.only_other = first_of(~step.bytes);
    if (!may_be_empty || is_anchored) {  // else it is of kind (1)
      if ((step.bytes & first).none()) {
        passed |= step.bytes;
      } else {
        const bool is_gap = !may_be_empty && first.count() == 1 && (passed & first).none();
        if (!is_gap || std::exchange(has_gap, true)) return false;
        step.kind = Step::Kind::kGap;
        step.next = first_of(first);
      }
    }
    if (step.count > 0) first.reset();
    first |= step.bytes;
    may_be_empty = may_be_empty && step.count == 0;
    return true;
  }
};

// The end of the longest run of the step's class that begins at `begin`.
const char* end_of_run(const Step& step, const char* begin, const char* end) {
  if (step.only_other) {
    const std::string_view rest(begin, static_cast<std::size_t>(end - begin));
    return begin + std::min(rest.find(*step.only_other), rest.size());
  }
  return std::find_if_not(begin, end, [&step](char byte) { return step.bytes[index(byte)]; });
}

// The last `byte` in [begin, end), or null.
const char* find_last(const char* begin, const char* end, char byte) {
  return begin == end ? nullptr : static_cast<const char*>(memrchr(begin, byte, static_cast<std::size_t>(end - begin)));
}

bool is_at(const std::string& text, const char* place, const char* end) {
  return static_cast<std::size_t>(end - place) >= text.size() && std::memcmp(place, text.data(), text.size()) == 0;
}

// Behind the first of the step's texts that is at `place`, or null.
const char* behind_text(const Step& step, const char* place, const char* end) {
  for (const std::string& text : step.texts) {
    if (is_at(text, place, end)) return place + text.size();
  }
  return nullptr;
}

}  // namespace

std::optional<LoweredPattern> LoweredPattern::from(std::string_view text) {
  Reader reader(text);
  if (!reader.take("^")) return std::nullopt;
  reader.read_items();
  LoweredPattern pattern;
  pattern.is_anchored_at_end_ = reader.take("$");
  if (reader.has_given_up() || !reader.is_at_end()) return std::nullopt;
  pattern.steps_ = reader.take_steps();
  pattern.groups_ = reader.take_groups();
  if (pattern.steps_.size() > kMaxSteps || !pattern.lower()) return std::nullopt;
  return pattern;
}

bool LoweredPattern::lower() {
  Rest rest{.may_be_empty = true, .is_anchored = is_anchored_at_end_};
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
    switch (step->kind) {
      case Step::Kind::kTexts:
        if (!rest.put_texts_in_front(*step)) return false;
        break;
      case Step::Kind::kBytes:
        rest.first = step->bytes;
        rest.may_be_empty = false;
        break;
      case Step::Kind::kRun:
      case Step::Kind::kGap:
        if (!rest.put_run_in_front(*step)) return false;
        break;
    }
  }
  return true;
}

bool LoweredPattern::search(std::string_view text, std::span<std::string_view> groups) const {
  Search search;
  search.end = text.data() + text.size();
  if (!match_from(0, text.data(), search)) return false;
  const std::size_t wanted = std::min(groups.size(), groups_.size());
  for (std::size_t i = 0; i < wanted; ++i) {
    const char* const begin = search.places[groups_[i].begin];
    groups[i] = {begin, static_cast<std::size_t>(search.places[groups_[i].end] - begin)};
  }
  std::fill(groups.begin() + static_cast<std::ptrdiff_t>(wanted), groups.end(), std::string_view());
  return true;
}

bool LoweredPattern::match_from(std::size_t first, const char* place, Search& search) const {
  for (std::size_t i = first; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    search.places[i] = place;
    switch (step.kind) {
      case Step::Kind::kTexts:
        if (step.is_ambiguous) return match_ambiguous(i, place, search);
        place = behind_text(step, place, search.end);
        if (place == nullptr) return false;
        break;
      case Step::Kind::kBytes:
        if (static_cast<std::size_t>(search.end - place) < step.count) return false;
        if (end_of_run(step, place, place + step.count) != place + step.count) return false;
        place += step.count;
        break;
      case Step::Kind::kRun: {
        const char* const run_end = end_of_run(step, place, search.end);
        if (static_cast<std::size_t>(run_end - place) < step.count) return false;
        place = run_end;
        break;
      }
      case Step::Kind::kGap:
        return match_gap(i, place, search);
    }
  }
  search.places[steps_.size()] = place;
  return !is_anchored_at_end_ || place == search.end;
}

bool LoweredPattern::match_ambiguous(std::size_t index, const char* place, Search& search) const {
  for (const std::string& text : steps_[index].texts) {
    if (is_at(text, place, search.end) && match_from(index + 1, place + text.size(), search)) return true;
  }
  return false;
}

bool LoweredPattern::match_gap(std::size_t index, const char* place, Search& search) const {
  const Step& gap = steps_[index];
  const char* reach = end_of_run(gap, place, search.end);
  if (static_cast<std::size_t>(reach - place) < gap.count) return false;
  while (const char* const gap_end = find_last(place + gap.count, reach, gap.next)) {
    if (match_from(index + 1, gap_end, search)) return true;
    reach = gap_end;
  }
  return false;
}

}  // namespace tailmeter
