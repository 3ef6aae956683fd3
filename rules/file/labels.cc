#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/file/names.h"
#include "rules/file/sections.h"

namespace tailmeter {
namespace {

const Keys kLabelKeys = {{"from", "map", "default", "regex", "replace", "lower", "path", "max_length", "allow"}, {}};
const Choices<bool> kBoolean = {{"true", true}, {"false", false}};

void check_label_name(const Value& value, const Text& name) {
  const auto refuse = [&](std::string_view why) { value.error(name.place, why); };
  if (!is_name(name.value)) refuse("a label's name has letters, digits and \"_\", and no digit in front");
  if (name.value.starts_with("__")) refuse("labels that begin with \"__\" are Prometheus's own");
  if (name.value == "le") refuse("the label \"le\" holds the bounds of a histogram's buckets");
  if (name.value == "quantile") refuse("the label \"quantile\" holds the quantiles of a summary");
}

void check_regex(const Value& value) {
  const auto regex = value.place_of_key("regex");
  const auto replace = value.place_of_key("replace");
  if (regex && !replace) value.error(*regex, "\"regex\" needs \"replace\": what to put for what it matches");
  if (replace && !regex) value.error(*replace, "\"replace\" needs \"regex\": what to replace");
}

std::vector<Text> read_path(const Value& value) {
  std::vector<Text> path = value.texts();
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    if (path[i].value == kAutomaticPath) value.error(path[i].place, "\"auto\" takes every path: put it last");
  }
  return path;
}

void read_steps(const Value& value, LabelRule& label) {
  if (value.has_only(kLabelKeys)) {
    value.require({"from"});
    check_regex(value);
  }
  if (const auto from = value.find("from")) label.from = from->text();
  if (const auto map = value.find("map")) {
    for (const auto& [pattern, replacement] : map->entries())
      label.map.push_back({pattern, replacement.text_or_empty()});
    if (map->is_mapping() && label.map.empty()) map->error("the mapping is empty");
  }
  if (const auto fallback = value.find("default")) label.fallback = fallback->text_or_empty();
  if (const auto regex = value.find("regex")) label.regex = regex->text();
  if (const auto replace = value.find("replace")) label.replace = replace->text_or_empty();
  if (const auto lower = value.find("lower")) label.lower = lower->choice(kBoolean, false);
  if (const auto path = value.find("path")) label.path = read_path(*path);
  if (const auto length = value.find("max_length")) {
    label.max_length = length->whole_number(1, kLargestMaxLabelBytes);
  }
  if (const auto allow = value.find("allow")) label.allow = allow->texts();
}

}  // namespace

std::vector<LabelRule> read_labels(const Value& labels) {
  std::vector<LabelRule> rules;
  for (const auto& [name, value] : labels.entries()) {
    check_label_name(value, name);
    LabelRule label;
    label.name = name;
    if (value.is_mapping()) {
      read_steps(value, label);
    } else {
      label.from = value.text_or_empty();
    }
    rules.push_back(std::move(label));
  }
  return rules;
}

}  // namespace tailmeter
