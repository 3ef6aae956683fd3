#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "rules/file/metric_kinds.h"
#include "rules/file/metric_parts.h"
#include "rules/file/sections.h"

namespace tailmeter {
namespace {

// Those of all kinds; metric_kinds.h has the others.
const std::vector<std::string> kCommonKeys = {"help",  "unit",   "source", "each",       "when", "unless",
                                              "value", "labels", "ttl",    "max_series", "init"};

constexpr std::chrono::seconds kShortestTtl{10};
constexpr std::chrono::seconds kLongestTtl{366 * 86'400};

void check_name(const Value& metric, MetricKind kind, const Text& name) {
  const auto refuse = [&](std::string_view why) { metric.error(name.place, why); };
  if (name.value.find(':') != std::string::npos) return refuse("colons are for the names of recording rules");
  if (!is_name(name.value)) return refuse("a metric's name has letters, digits and \"_\", and no digit in front");
  if (name.value.starts_with("tailmeter_"))
    return refuse("names that begin with \"tailmeter_\" are for the program's own metrics");
  if (name.value.starts_with("process_"))
    return refuse("names that begin with \"process_\" are for what every exporter says of its own process");
  constexpr std::string_view kSuffix = "_total";
  const bool has_suffix = name.value.ends_with(kSuffix) && name.value.size() > kSuffix.size();
  if (kind == MetricKind::kCounter && !has_suffix) refuse(fmt::format("a counter's name ends in \"{}\"", kSuffix));
}

// What OpenMetrics calls the unit is part of the name.
std::string read_unit(const Value& value, std::string_view name) {
  constexpr std::string_view kTotal = "_total";
  std::string unit = value.text().value;
  if (name.ends_with(kTotal)) name.remove_suffix(kTotal.size());
  if (!unit.empty() && !name.ends_with("_" + unit)) {
    value.error(
        fmt::format("a metric's name ends in its unit, and {} does not end in {}", quoted(name), quoted("_" + unit)));
  }
  return unit;
}

Keys metric_keys() {
  Keys keys{kCommonKeys, {}};
  for (const auto& [name, kind] : metric_kinds()) keys.known.push_back(name);
  for (std::string& key : keys_of_kinds()) keys.known.push_back(std::move(key));
  return keys;
}

std::vector<Text> read_metric_sources(const Value& value, const Names& sources) {
  std::vector<Text> names;
  Names seen;
  for (const Value& element : value.one_or_more()) {
    names.push_back(read_source_name(element, sources));
    seen.add(names.back(), element);
  }
  return names;
}

// Labels that take whatever clients send, with nothing that bounds them.
void warn_of_unbounded(const Value& metric, const std::vector<LabelRule>& labels) {
  static constexpr std::string_view kSentByClients[] = {
      "args",        "http_host", "http_referer", "http_user_agent", "query_string", "remote_addr",
      "remote_user", "request",   "request_id",   "request_uri",     "uri",          "host"};
  for (const LabelRule& label : labels) {
    if (!label.map.empty() || !label.allow.empty() || !label.path.empty() || label.regex) continue;
    for (const std::string_view field : kSentByClients) {
      if (label.from.value != fmt::format("${}", field) && label.from.value != fmt::format("${{{}}}", field)) continue;
      metric.warning(
          label.from.place,
          fmt::format("labels.{}: {} takes as many values as clients send; bound it with path, allow, map or regex, "
                      "or say how many series are wanted with max_series",
                      label.name.value, label.from.value));
    }
  }
}

// Label sets, each with a value for every label of the metric.
std::vector<InitRule> read_init(const Value& value, const std::vector<LabelRule>& labels) {
  std::vector<InitRule> sets;
  for (const Value& element : value.one_or_more()) {
    InitRule& set = sets.emplace_back();
    Names names;
    for (const auto& entry : element.entries()) {
      const Text& name = entry.first;
      names.add(name, element);
      set.labels.emplace_back(name, entry.second.text_or_empty());
      const bool is_known = std::any_of(labels.begin(), labels.end(),
                                        [&](const LabelRule& rule) { return rule.name.value == name.value; });
      if (!is_known) element.error(name.place, fmt::format("the metric has no label {}", quoted(name.value)));
    }
    for (const LabelRule& label : labels) {
      if (element.is_mapping() && !names.contains(label.name.value))
        element.error(fmt::format("has no value for the label {}", quoted(label.name.value)));
    }
  }
  return sets;
}

// Why none of the metric's series is let go of; "" if they may be.
std::string_view why_no_ttl(const MetricRule& rule) {
  if (rule.kind == MetricKind::kTop) return "a topk has no \"ttl\": what comes seldom makes room by itself";
  if (rule.kind == MetricKind::kDistinct && rule.window_ms == 0)
    return "a distinct without a \"window\" has no \"ttl\": what two series have seen counts once when one "
           "is let go of, so that their sum would fall";
  if (rule.labels.empty())
    return "a metric without \"labels\" has no \"ttl\": its one series stays, however long nothing comes; leave it out";
  return "";
}

MetricRule read_metric(const Value& metric, MetricKind kind, Text name, const Names& sources, const Keys& keys) {
  MetricRule rule;
  rule.kind = kind;
  rule.name = std::move(name);
  if (!rule.name.value.empty()) check_name(metric, kind, rule.name);
  static_cast<void>(metric.has_only(keys));
  if (const auto help = metric.find("help")) rule.help = help->text().value;
  if (const auto unit = metric.find("unit")) rule.unit = read_unit(*unit, rule.name.value);
  if (const auto source = metric.find("source")) rule.sources = read_metric_sources(*source, sources);
  if (const auto each = metric.find("each")) {
    for (const Value& list : each->one_or_more()) rule.each.push_back(list.text());
  }
  if (const auto labels = metric.find("labels")) rule.labels = read_labels(*labels);
  if (const auto when = metric.find("when")) rule.when = read_conditions(*when);
  if (const auto unless = metric.find("unless")) rule.unless = read_conditions(*unless);
  if (const auto value = metric.find("value")) rule.value = read_value(*value);
  if (const auto series = metric.find("max_series")) {
    rule.max_series = series->whole_number(1, kLargestMaxSeries).value_or(rule.max_series);
  } else if (kind != MetricKind::kTop) {  // which is for just that
    warn_of_unbounded(metric, rule.labels);
  }
  if (const auto ttl = metric.find("ttl"))
    rule.ttl_ms = read_milliseconds(*ttl, kShortestTtl, kLongestTtl).value_or(rule.ttl_ms);
  if (const auto init = metric.find("init")) {
    rule.init = read_init(*init, rule.labels);
    if (kind == MetricKind::kGauge || kind == MetricKind::kRatio || kind == MetricKind::kTop)
      metric.error(
          *metric.place_of_key("init"),
          fmt::format("a {} has no value before its first line: init is for what counts from 0", kind_name(kind)));
    if (rule.init.size() > rule.max_series)
      metric.error(*metric.place_of_key("init"),
                   fmt::format("{} label sets, and max_series is {}", rule.init.size(), rule.max_series));
  }
  read_kind_keys(metric, rule);
  const auto ttl = metric.place_of_key("ttl");
  if (const std::string_view why = why_no_ttl(rule); ttl && !why.empty()) metric.error(*ttl, why);
  return rule;
}

// The kind's key, with the metric's name behind it. Reports an entry with no such key or with two.
const std::pair<std::string, MetricKind>* find_kind(const Value& entry, const Keys& keys) {
  const std::pair<std::string, MetricKind>* found = nullptr;
  for (const auto& kind : metric_kinds()) {
    const auto place = entry.place_of_key(kind.first);
    if (!place) continue;
    if (found != nullptr) {
      entry.error(*place, fmt::format("a metric is one kind of thing, and this is a {} already", found->first));
      return nullptr;
    }
    found = &kind;
  }
  if (found != nullptr || !entry.has_only(keys)) return found;
  std::string names;
  for (const auto& [name, kind] : metric_kinds()) names += (names.empty() ? "" : ", ") + name;
  entry.error(fmt::format("has no kind: one of {}, with the metric's name behind it", names));
  return nullptr;
}

}  // namespace

std::vector<MetricRule> read_metrics(const Value& section, const Names& sources) {
  const Keys keys = metric_keys();
  std::vector<MetricEntry> metrics;
  for (const Value& entry : section.elements()) {
    const auto* const kind = find_kind(entry, keys);
    if (kind == nullptr) continue;
    Text name = entry.find(kind->first)->text();
    const Value metric = entry.named(name.value);
    metrics.push_back({metric, read_metric(metric, kind->second, std::move(name), sources, keys)});
  }
  check_families(metrics);
  warn_of_names(metrics);

  std::vector<MetricRule> rules;
  rules.reserve(metrics.size());
  for (MetricEntry& metric : metrics) rules.push_back(std::move(metric.rule));
  return rules;
}

}  // namespace tailmeter
