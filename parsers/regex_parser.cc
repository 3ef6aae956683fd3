#include <algorithm>
#include <array>
#include <cassert>

#include <fmt/format.h>

#include "parsers/formats.h"
#include "parsers/pattern.h"

namespace tailmeter {
namespace {

constexpr std::string_view kEventField = "event";
constexpr FieldIndex kEventIndex = 0;

struct Group {
  std::size_t index;
  FieldIndex field;
};

struct Alternative {
  std::string event;
  Pattern pattern;
  std::vector<Group> named;       // groups with a name
  std::vector<Group> used;        // those whose field is selected
  std::size_t wanted_groups = 0;  // up to the last one used
};

// The fields hold what the pattern's groups match, byte for byte: whether a backslash in the line is an escape is for
// the pattern's author to know.
class RegexParser final : public Parser {
 public:
  explicit RegexParser(const std::vector<RegexAlternative>& alternatives) {
    assert(!alternatives.empty());
    has_events_ = std::any_of(alternatives.begin(), alternatives.end(),
                              [](const auto& alternative) { return !alternative.event.empty(); });
    if (has_events_) add_field(kEventField);
    for (const RegexAlternative& alternative : alternatives) {
      try {
        add_alternative(alternative);
      } catch (const PatternError& error) {
        if (alternatives.size() == 1) throw;
        throw PatternError(fmt::format("alternative {}: {}", alternatives_.size() + 1, error.what()));
      }
    }
    select(std::vector<bool>(field_names_.size(), true));
  }

  [[nodiscard]] const std::vector<std::string>& field_names() const override { return field_names_; }

  void select(const std::vector<bool>& used) override {
    is_event_used_ = has_events_ && used[kEventIndex];
    for (Alternative& alternative : alternatives_) {
      alternative.used.clear();
      std::copy_if(alternative.named.begin(), alternative.named.end(), std::back_inserter(alternative.used),
                   [&used](const Group& group) { return used[group.field]; });
      alternative.wanted_groups = alternative.used.empty() ? 0 : alternative.used.back().index + 1;
    }
  }

  [[nodiscard]] bool parse(std::string_view line, FieldValues& values) const override {
    std::array<std::string_view, Pattern::kMaxGroups> groups;
    for (const Alternative& alternative : alternatives_) {
      if (!alternative.pattern.search(line, std::span(groups).first(alternative.wanted_groups))) continue;
      for (const Group& group : alternative.used) values.set(group.field, groups[group.index]);
      if (is_event_used_) values.set(kEventIndex, alternative.event);
      return true;
    }
    return false;
  }

  [[nodiscard]] Mismatch diagnose(std::string_view) const override {
    return {0, alternatives_.size() == 1 ? "the regex does not match" : "none of the regexes matches"};
  }

 private:
  FieldIndex add_field(std::string_view name) {
    const auto found = std::find(field_names_.begin(), field_names_.end(), name);
    const auto index = static_cast<FieldIndex>(found - field_names_.begin());
    if (found == field_names_.end()) field_names_.emplace_back(name);
    return index;
  }

  void add_alternative(const RegexAlternative& alternative) {
    Alternative added{alternative.event, Pattern(alternative.pattern), {}, {}};
    const std::vector<std::string>& names = added.pattern.group_names();
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i].empty()) continue;
      if (has_events_ && names[i] == kEventField) {
        throw PatternError("a group cannot be named \"event\" beside named patterns, whose names are the field $event");
      }
      added.named.push_back({i, add_field(names[i])});
    }
    alternatives_.push_back(std::move(added));
  }

  std::vector<std::string> field_names_;
  std::vector<Alternative> alternatives_;
  bool has_events_ = false;
  bool is_event_used_ = false;
};

}  // namespace

std::unique_ptr<Parser> make_regex_parser(const std::vector<RegexAlternative>& alternatives) {
  return std::make_unique<RegexParser>(alternatives);
}

}  // namespace tailmeter
