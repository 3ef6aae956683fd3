// The names that the linter of Prometheus 2.42 refuses (promtool check metrics), as far as they are not refused here.
#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "rules/file/metric_kinds.h"
#include "rules/file/sections.h"

namespace tailmeter {
namespace {

using UnitName = std::pair<std::string_view, std::string_view>;  // and the base unit for it

constexpr UnitName kAbbreviations[] = {{"s", "seconds"},   {"ms", "seconds"}, {"us", "seconds"}, {"ns", "seconds"},
                                       {"sec", "seconds"}, {"m", "seconds"},  {"h", "seconds"},  {"d", "seconds"},
                                       {"b", "bytes"},     {"kb", "bytes"},   {"mb", "bytes"},   {"gb", "bytes"},
                                       {"tb", "bytes"},    {"pb", "bytes"}};
constexpr UnitName kUnits[] = {
    {"amperes", "amperes"}, {"bytes", "bytes"},     {"celsius", "celsius"}, {"grams", "grams"},
    {"joules", "joules"},   {"kelvin", "kelvin"},   {"meters", "meters"},   {"metres", "metres"},
    {"seconds", "seconds"}, {"volts", "volts"},     {"minutes", "seconds"}, {"hours", "seconds"},
    {"days", "seconds"},    {"weeks", "seconds"},   {"kelvins", "kelvin"},  {"fahrenheit", "celsius"},
    {"rankine", "celsius"}, {"inches", "meters"},   {"yards", "meters"},    {"miles", "meters"},
    {"bits", "bytes"},      {"calories", "joules"}, {"pounds", "grams"},    {"ounces", "grams"}};
constexpr std::string_view kPrefixes[] = {"pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo",
                                          "kibi", "mega", "mibi",  "giga",  "gibi",  "tera", "tebi", "peta",  "pebi"};
constexpr std::string_view kTypes[] = {"counter", "gauge", "summary", "histogram"};

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char byte) { return static_cast<char>(std::tolower(byte)); });
  return result;
}

std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  for (const char byte : name) {
    if (byte == '_') {
      words.emplace_back();
    } else {
      words.back() += byte;
    }
  }
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string name;
  for (std::size_t i = 0; i < words.size(); ++i) name += (i == 0 ? "" : "_") + words[i];
  return name;
}

std::string snake_case(std::string_view name) {
  std::string result;
  for (const char byte : name) {
    const bool is_hump = std::isupper(static_cast<unsigned char>(byte)) != 0 && !result.empty() &&
                         std::islower(static_cast<unsigned char>(result.back())) != 0;
    if (is_hump) result += '_';
    result += byte;
  }
  return lower(result);
}

bool has_camel_case(std::string_view name) {
  const auto is_hump = [](unsigned char left, unsigned char right) {
    return std::islower(left) && std::isupper(right);
  };
  return std::adjacent_find(name.begin(), name.end(), is_hump) != name.end();
}

// What to say instead of a word that is a unit, but not a base unit.
std::optional<std::string_view> base_unit(std::string_view word) {
  for (const auto& [unit, base] : kUnits) {
    if (!word.ends_with(unit)) continue;
    const std::string_view prefix = word.substr(0, word.size() - unit.size());
    if (prefix.empty()) return unit == base ? std::nullopt : std::optional(base);
    if (std::find(std::begin(kPrefixes), std::end(kPrefixes), prefix) != std::end(kPrefixes)) return base;
  }
  return std::nullopt;
}

// The words as the linter wants them, and the one that it refuses first.
struct Mended {
  std::vector<std::string> words;
  std::string refused{};
};

Mended with_base_units(std::string_view name) {
  Mended mended{words_of(name)};
  for (std::size_t i = 0; i < mended.words.size(); ++i) {
    std::string& word = mended.words[i];
    std::optional<std::string_view> base = base_unit(word);
    const auto* const short_unit =
        std::find_if(std::begin(kAbbreviations), std::end(kAbbreviations),
                     [&](const UnitName& abbreviation) { return i > 0 && abbreviation.first == lower(word); });
    if (short_unit != std::end(kAbbreviations)) base = short_unit->second;
    if (!base) continue;
    if (mended.refused.empty()) mended.refused = word;
    word = *base;
  }
  return mended;
}

Mended without_types(std::string_view name) {
  Mended mended{words_of(name)};
  for (std::size_t i = mended.words.size(); i-- > 1;) {
    if (std::find(std::begin(kTypes), std::end(kTypes), lower(mended.words[i])) == std::end(kTypes)) continue;
    mended.refused = mended.words[i];
    mended.words.erase(mended.words.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return mended;
}

// An end of the name that is for other kinds, and for which.
std::optional<std::pair<std::string_view, std::string_view>> end_of_others(const MetricRule& rule) {
  const std::string& name = rule.name.value;
  const bool is_counter =
      rule.kind == MetricKind::kCounter || (rule.kind == MetricKind::kDistinct && rule.window_ms == 0);
  const bool is_histogram = rule.kind == MetricKind::kHistogram || rule.kind == MetricKind::kDuration;
  const bool is_sum = is_histogram || rule.kind == MetricKind::kSummary;
  if (!is_counter && name.ends_with("_total")) return std::pair("_total", "counters");
  if (!is_histogram && name.ends_with("_bucket")) return std::pair("_bucket", "histograms");
  if (!is_sum && name.ends_with("_count")) return std::pair("_count", "histograms and summaries");
  if (!is_sum && name.ends_with("_sum")) return std::pair("_sum", "histograms and summaries");
  return std::nullopt;
}

void warn_of_name(const MetricEntry& metric) {
  const std::string& name = metric.rule.name.value;
  const auto warn = [&](std::string_view what) {
    metric.entry.warning(metric.rule.name.place, fmt::format("promtool check metrics will refuse {}", what));
  };
  if (const auto end = end_of_others(metric.rule)) {
    warn(fmt::format("{} at the end of a {}'s name, for it is for {}: call it {}", quoted(end->first),
                     kind_name(metric.rule.kind), end->second,
                     quoted(name.substr(0, name.size() - end->first.size()))));
  }
  if (const Mended mended = with_base_units(name); !mended.refused.empty()) {
    warn(fmt::format("{}, for it is no base unit, or not its whole name: call it {}, and give it values in that unit",
                     quoted(mended.refused), quoted(joined(mended.words))));
  }
  if (const Mended mended = without_types(name); !mended.refused.empty()) {
    warn(fmt::format("{} in a name, for the type is told beside it: call it {}", quoted(mended.refused),
                     quoted(joined(mended.words))));
  }
  if (has_camel_case(name)) warn(fmt::format("camelCase: call it {}", quoted(snake_case(name))));
  for (const LabelRule& label : metric.rule.labels) {
    if (!has_camel_case(label.name.value)) continue;
    metric.entry.warning(label.name.place,
                         fmt::format("labels.{}: promtool check metrics will refuse camelCase: call it {}",
                                     label.name.value, quoted(snake_case(label.name.value))));
  }
}

}  // namespace

void warn_of_names(const std::vector<MetricEntry>& metrics) {
  std::set<std::string_view> seen;
  for (const MetricEntry& metric : metrics) {
    const std::string& name = metric.rule.name.value;
    if (is_name(name) && seen.insert(name).second) warn_of_name(metric);
  }
}

}  // namespace tailmeter
