#include "rules/program/unmatchable.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "parsers/pattern.h"

namespace tailmeter {
namespace {

using Values = std::vector<std::string>;

// True if the line or an extract may give the field another value than its format says.
bool is_found_elsewhere(const SourceRule& source, std::string_view field) {
  const std::string group = fmt::format("<{}>", field);
  const auto names_it = [&](const Text& pattern) { return pattern.value.find(group) != std::string::npos; };
  return std::any_of(
             source.extracts.begin(), source.extracts.end(),
             [&](const ExtractRule& extract) { return names_it(extract.regex) || extract.country.value == field; }) ||
         std::any_of(source.formats.begin(), source.formats.end(), [&](const FormatRule& format) {
           return std::any_of(format.patterns.begin(), format.patterns.end(),
                              [&](const auto& alternative) { return names_it(alternative.pattern); });
         });
}

std::optional<Values> events_of(const SourceRule& source) {
  Values events;
  for (const FormatRule& format : source.formats) {
    if (format.kind != FormatRule::Kind::kRegex) return std::nullopt;
    for (const FormatRule::Alternative& alternative : format.patterns) {
      if (!alternative.event.value.empty()) events.push_back(alternative.event.value);
    }
  }
  return events;
}

// What a server may write for a status: three digits; -1 is HAProxy's and 0 Envoy's for none.
const Values& statuses() {
  static const Values kStatuses = [] {
    Values values{"-1", "0"};
    for (int status = 0; status < 1000; ++status) values.push_back(fmt::format("{:03}", status));
    return values;
  }();
  return kStatuses;
}

bool is_access_log(const FormatRule& format) {
  return format.kind == FormatRule::Kind::kLogFormat || format.kind == FormatRule::Kind::kHttpd ||
         (format.kind == FormatRule::Kind::kNamed &&
          (format.text.value == "combined" || format.text.value == "common"));
}

// All values that a field may have in the source's lines; nothing if they are not known.
std::optional<Values> values_of(const SourceRule& source, std::string_view field) {
  if (field == "source") return Values{source.name.value};
  if (is_found_elsewhere(source, field)) return std::nullopt;
  if (field == "event") return events_of(source);
  if (field == "status" && std::all_of(source.formats.begin(), source.formats.end(), is_access_log)) return statuses();
  return std::nullopt;
}

std::vector<const SourceRule*> sources_of(const MetricRule& metric, const RuleFile& file) {
  std::vector<const SourceRule*> sources;
  for (const SourceRule& source : file.sources) {
    const bool is_read =
        metric.sources.empty() || std::any_of(metric.sources.begin(), metric.sources.end(),
                                              [&](const Text& name) { return name.value == source.name.value; });
    if (is_read) sources.push_back(&source);
  }
  return sources;
}

class Search {
 public:
  Search(const RuleFile& file, const MetricRule& metric, std::string where, Diagnostics& diagnostics)
      : sources_(sources_of(metric, file)), where_(std::move(where)), diagnostics_(diagnostics) {}

  void look_at(std::string_view key, const std::vector<ConditionRule>& conditions) {
    for (const ConditionRule& condition : conditions) {
      const std::optional<Values> values = values_in_all(condition.field.value);
      if (!values) continue;
      for (const Text& pattern : condition.patterns) {
        if (!matches_any(pattern, *values)) warn(key, condition.field.value, pattern, *values);
      }
    }
  }

 private:
  [[nodiscard]] std::optional<Values> values_in_all(std::string_view field) const {
    Values values;
    for (const SourceRule* source : sources_) {
      const std::optional<Values> more = values_of(*source, field);
      if (!more) return std::nullopt;
      values.insert(values.end(), more->begin(), more->end());
    }
    return values;
  }

  static bool matches_any(const Text& text, const Values& values) {
    try {
      const Pattern pattern(text.value, PatternUse::kWhole);
      return std::any_of(values.begin(), values.end(),
                         [&](const std::string& value) { return pattern.matches(value); });
    } catch (const PatternError&) {
      return true;
    }
  }

  void warn(std::string_view key, const std::string& field, const Text& pattern, const Values& values) {
    std::string known;
    if (field == "status") {
      known = "a status is a number, and a pattern such as \"5..\" stands for all of it";
    } else {
      const std::set<std::string> different(values.begin(), values.end());
      for (const std::string& value : different) known += (known.empty() ? "there is " : ", ") + value;
      if (known.empty()) known = "there is none";
      known += did_you_mean(pattern.value, values);
    }
    diagnostics_.warning(pattern.place, fmt::format("{}: {}: no line can match, for no {} is {}: {}", where_, key,
                                                    field, quoted(pattern.value), known));
  }

  std::vector<const SourceRule*> sources_;
  std::string where_;
  Diagnostics& diagnostics_;
};

}  // namespace

void warn_of_unmatchable(const RuleFile& file, Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < file.metrics.size(); ++i) {
    const MetricRule& metric = file.metrics[i];
    Search search(file, metric, fmt::format("metrics[{}] \"{}\"", i, metric.name.value), diagnostics);
    search.look_at("when", metric.when);
    search.look_at("unless", metric.unless);
    search.look_at("start", metric.start);
    search.look_at("end", metric.end);
    search.look_at("hit", metric.hit);
  }
}

}  // namespace tailmeter
