#include "parsers/pattern.h"

#include <array>
#include <cassert>
#include <charconv>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <re2/re2.h>

#include "parsers/hostile_text.h"
#include "parsers/lowered_pattern.h"
#include "parsers/pattern_start.h"

namespace tailmeter {
namespace {

constexpr std::int64_t kMaxMemoryBytes = 8 << 20;  // of one pattern's automata
constexpr int kMaxProgramSize = 2000;              // in RE2 instructions
constexpr std::size_t kMaxTries = 16;              // of places where a match may begin

RE2::Options options() {
  RE2::Options result(RE2::Latin1);
  result.set_log_errors(false);
  result.set_max_mem(kMaxMemoryBytes);
  return result;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_look_around(std::string_view text) {
  for (const std::string_view opening : {"(?=", "(?!", "(?<=", "(?<!"}) {
    if (text.find(opening) != std::string_view::npos) return true;
  }
  return false;
}

constexpr const char* kSlowPattern =
    "the pattern would be slow on lines that a client can choose: a repeat with a limit, such as {0,60}, may begin at "
    "many places at once; write * or + for it, or text in front that it cannot hold, or ^";

constexpr const char* kCrowdedPattern =
    "the pattern would be slow on lines that a client can choose: too many of its parts may stand at one place, as in "
    "(?:.*,){100}; write what a part cannot hold, such as [^,]* for .*";

// RE2's own words where they help, and what to write instead where another dialect was meant.
std::string explain(const RE2& re) {
  const std::string& argument = re.error_arg();
  switch (re.error_code()) {
    case RE2::ErrorBadPerlOp:
      if (is_look_around(re.pattern())) {
        return "look-ahead and look-behind are not supported; match more and use a group, or a second pattern";
      }
      if (argument == "(?<") return "(?<name>...) is not supported; write (?P<name>...)";
      return fmt::format("\"{}\" is not supported", argument);
    case RE2::ErrorBadEscape:
      if (argument.size() == 2 && is_digit(argument[1])) {
        return fmt::format("back-references such as {} are not supported", argument);
      }
      return re.error();
    case RE2::ErrorRepeatOp:
      if (argument.back() == '+') return fmt::format("possessive repeats such as {} are not supported", argument);
      return re.error();
    case RE2::ErrorPatternTooLarge:
      return "the pattern is too large; use smaller repeats or fewer alternatives";
    default:
      return re.error();
  }
}

// `N` bounds the array that RE2 fills, so that the usual few groups do not pay for clearing the most that are allowed.
template <std::size_t N>
bool match(const RE2& re, std::string_view text, RE2::Anchor anchor, std::span<std::string_view> groups) {
  std::array<re2::StringPiece, N + 1> found;
  // Asking for $0 alone would cost a search for its end; without groups a yes or no is enough.
  const int wanted = groups.empty() ? 0 : static_cast<int>(groups.size()) + 1;
  if (!re.Match({text.data(), text.size()}, 0, text.size(), anchor, found.data(), wanted)) return false;
  for (std::size_t i = 0; i < groups.size(); ++i) groups[i] = {found[i + 1].data(), found[i + 1].size()};
  return true;
}

bool match(const RE2& re, std::string_view text, RE2::Anchor anchor, std::span<std::string_view> groups) {
  constexpr std::size_t kFewGroups = 12;
  assert(groups.size() <= Pattern::kMaxGroups);
  return groups.size() <= kFewGroups ? match<kFewGroups>(re, text, anchor, groups)
                                     : match<Pattern::kMaxGroups>(re, text, anchor, groups);
}

// A piece of a replacement: text, or the name of a group.
struct ReplacementPart {
  bool is_group;
  std::string_view text;
};

// Takes the first part off `rest`, which is not empty.
ReplacementPart take_part(std::string_view& rest) {
  const auto take = [&rest](std::size_t skip, std::size_t size, std::size_t behind) {
    const std::string_view taken = rest.substr(skip, size);
    rest.remove_prefix(skip + size + behind);
    return taken;
  };
  if (rest.front() != '$') return {false, take(0, std::min(rest.find('$'), rest.size()), 0)};
  if (rest.substr(0, 2) == "$$") return {false, take(1, 1, 0)};
  const bool is_braced = rest.substr(0, 2) == "${";
  const std::size_t begin = is_braced ? 2 : 1;
  std::size_t end = begin;
  while (end < rest.size() && is_word(rest[end])) ++end;
  if (end == begin || (is_braced && (end == rest.size() || rest[end] != '}'))) {
    throw PatternError(fmt::format("\"{}\" names no group; write ${{name}} or ${{1}}, and $$ for a dollar sign", rest));
  }
  return {true, take(begin, end - begin, is_braced ? 1 : 0)};
}

}  // namespace

struct Pattern::Compiled {
  Compiled(std::string_view text, PatternUse whole_or_part)
      : re(re2::StringPiece(text.data(), text.size()), options()), use(whole_or_part) {}

  // The group that `name` stands for in a replacement.
  [[nodiscard]] std::optional<std::size_t> group(std::string_view name) const {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (end == name.data() + name.size() && error == std::errc()) {
      return number <= names.size() ? std::optional(number) : std::nullopt;
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] == name) return i + 1;
    }
    return std::nullopt;
  }

  // Finds the faster ways. The text is one that RE2 accepts.
  void prepare() {
    const std::string& text = re.pattern();
    const std::optional<PatternTree> tree = read_pattern_tree(text);
    if (!tree) return;
    if (find_hostile_text(*tree, use)) throw PatternError(kSlowPattern);
    if (re.NumberOfCapturingGroups() > 0 && find_crowding_text(*tree)) throw PatternError(kCrowdedPattern);
    lowered = LoweredPattern::from(*tree, use);
    if (lowered || use == PatternUse::kWhole) return;
    start = PatternStart::from(*tree);
    if (start) {
      rest.emplace_back("^" + text.substr(start->offset()));
    } else {
      required = required_text(*tree);
    }
  }

  // Tries the rest where a match may begin, and leaves to RE2 what is behind too many places where none did: a rest may
  // read far before it fails.
  [[nodiscard]] bool search_from_starts(std::string_view text, std::span<std::string_view> groups) const {
    std::size_t place = 0;
    for (std::size_t tries = 0; tries < kMaxTries; ++tries) {
      place = start->find(text, place);
      if (place == std::string_view::npos) return false;
      if (rest[0].search(text.substr(place), groups)) return true;
      ++place;
    }
    return match(re, text, RE2::UNANCHORED, groups);
  }

  // Apart from the call of the lowered pattern, which would pay for the registers that this needs.
  [[nodiscard, gnu::noinline]] bool search_by_re2(std::string_view text, std::span<std::string_view> groups) const {
    if (start) return search_from_starts(text, groups);
    if (!required.empty() && find_text(text, required, 0) == std::string_view::npos) return false;
    return match(re, text, RE2::UNANCHORED, groups);
  }

  RE2 re;
  PatternUse use;
  std::optional<LoweredPattern> lowered;
  std::optional<PatternStart> start;
  std::vector<Pattern> rest;  // with `start`: the pattern behind its guard, anchored
  std::string required;       // "": there is no such text, or no need to look for it
  std::vector<std::string> names;
};

Pattern::Pattern(std::string_view text, PatternUse use) : compiled_(std::make_unique<Compiled>(text, use)) {
  const RE2& re = compiled_->re;
  if (!re.ok()) throw PatternError(explain(re));
  if (re.ProgramSize() > kMaxProgramSize) {
    throw PatternError(
        fmt::format("the pattern is too large ({} instructions, at most {}); use smaller repeats or fewer alternatives",
                    re.ProgramSize(), kMaxProgramSize));
  }
  const auto groups = static_cast<std::size_t>(re.NumberOfCapturingGroups());
  if (groups > kMaxGroups) {
    throw PatternError(fmt::format("the pattern has {} groups, at most {}; write (?:...) where no value is needed",
                                   groups, kMaxGroups));
  }
  compiled_->names.resize(groups);
  std::set<std::string> seen;
  for (const auto& [index, name] : re.CapturingGroupNames()) {
    if (!seen.insert(name).second) throw PatternError(fmt::format("two groups are named \"{}\"; rename one", name));
    compiled_->names[static_cast<std::size_t>(index) - 1] = name;
  }
  compiled_->prepare();
}

Pattern::~Pattern() = default;
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;

const std::string& Pattern::text() const {
  return compiled_->re.pattern();
}

const std::vector<std::string>& Pattern::group_names() const {
  return compiled_->names;
}

bool Pattern::matches(std::string_view value) const {
  const Compiled& c = *compiled_;
  if (c.use == PatternUse::kWhole && c.lowered && c.lowered->is_for(value)) return c.lowered->search(value, {});
  return match(c.re, value, RE2::ANCHOR_BOTH, {});
}

bool Pattern::is_lowered() const {
  return compiled_->lowered.has_value();
}

std::string Pattern::engine() const {
  const Compiled& c = *compiled_;
  if (c.lowered) return "direct";
  if (c.start) return fmt::format("{} {}", c.rest[0].engine(), c.start->description());
  return c.required.empty() ? "RE2" : fmt::format("RE2 where there is \"{}\"", c.required);
}

bool Pattern::search(std::string_view text, std::span<std::string_view> groups) const {
  const Compiled& c = *compiled_;
  assert(c.use == PatternUse::kSearch);
  if (c.lowered && c.lowered->is_for(text)) return c.lowered->search(text, groups);
  return c.search_by_re2(text, groups);
}

void Pattern::check_replacement(std::string_view replacement) const {
  while (!replacement.empty()) {
    const ReplacementPart part = take_part(replacement);
    if (part.is_group && !compiled_->group(part.text)) {
      throw PatternError(fmt::format("the pattern has no group \"{}\"", part.text));
    }
  }
}

bool Pattern::replace(std::string_view value, std::string_view replacement, std::string& out) const {
  std::array<std::string_view, kMaxGroups> groups;
  if (!match(compiled_->re, value, RE2::ANCHOR_BOTH, std::span(groups).first(compiled_->names.size()))) return false;
  out.clear();
  while (!replacement.empty()) {
    const ReplacementPart part = take_part(replacement);
    if (!part.is_group) {
      out += part.text;
      continue;
    }
    const std::optional<std::size_t> group = compiled_->group(part.text);
    assert(group);
    out += *group == 0 ? value : groups[*group - 1];
  }
  return true;
}

std::string quote_pattern(std::string_view text) {
  return RE2::QuoteMeta({text.data(), text.size()});
}

}  // namespace tailmeter
