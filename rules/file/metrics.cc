#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "parsers/number.h"
#include "rules/file/sections.h"

namespace tailmeter {
namespace {

const Choices<MetricKind> kKinds = {{"counter", MetricKind::kCounter},
                                    {"gauge", MetricKind::kGauge},
                                    {"histogram", MetricKind::kHistogram},
                                    {"duration", MetricKind::kDuration}};
const std::vector<std::string> kLaterKinds = {"topk", "distinct", "summary", "ratio"};
const Keys kMetricKeys = {{"counter", "gauge", "histogram", "duration", "help", "source", "when", "unless", "value",
                           "labels", "max_series", "buckets", "op", "start", "end", "key", "at", "max_open"},
                          {"topk", "distinct", "summary", "ratio", "native", "ttl", "init", "each", "unit", "k", "of",
                           "window", "quantiles", "hit"}};

const Keys kValueKeys = {{"from", "list", "unit"}, {}};
const Choices<ListPick> kListPicks = {{"last", ListPick::kLast},
                                      {"first", ListPick::kFirst},
                                      {"sum", ListPick::kSum},
                                      {"max", ListPick::kMax},
                                      {"each", ListPick::kEach}};
const Choices<Unit> kUnits = {{"s", Unit::kSeconds},      {"ms", Unit::kMilliseconds}, {"us", Unit::kMicroseconds},
                              {"ns", Unit::kNanoseconds}, {"go", Unit::kGoDuration},   {"bytes", Unit::kBytes},
                              {"si", Unit::kSi},          {"iec", Unit::kIec}};
const Choices<GaugeOperation> kOperations = {{"set", GaugeOperation::kSet},
                                             {"add", GaugeOperation::kAdd},
                                             {"max", GaugeOperation::kMax},
                                             {"min", GaugeOperation::kMin}};

// Seconds; the bounds that Prometheus' client libraries have.
std::vector<Decimal> latency_buckets() {
  std::vector<Decimal> bounds;
  for (const int milliseconds : {5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000}) {
    bounds.push_back(Decimal::from_nanos(Int128{milliseconds} * 1'000'000));
  }
  return bounds;
}

// 256 bytes to 4 GiB in steps of 4.
std::vector<Decimal> byte_buckets() {
  std::vector<Decimal> bounds;
  for (int shift = 8; shift <= 32; shift += 2) bounds.push_back(Decimal::from_integer(std::int64_t{1} << shift));
  return bounds;
}

bool is_infinity(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of("+."), text.size()));
  return text == "inf" || text == "Inf" || text == "INF";
}

std::vector<Decimal> read_bounds(const Value& list) {
  std::vector<Decimal> bounds;
  for (const Value& element : list.one_or_more()) {
    const Text text = element.text();
    if (text.value.empty()) continue;
    const Number number = parse_number(text.value);
    if (is_infinity(text.value)) {
      element.error("the bucket for everything, +Inf, is always there: leave it out");
    } else if (number.outcome != NumberOutcome::kNumber) {
      element.expected("a number");
    } else if (!bounds.empty() && number.value <= bounds.back()) {
      element.error(fmt::format("the bounds must rise, and {} is not above {}", text.value, to_string(bounds.back())));
    } else {
      bounds.push_back(number.value);
    }
  }
  if (bounds.size() > kMaxBuckets) list.error(fmt::format("more than {} buckets", kMaxBuckets));
  return bounds;
}

std::vector<Decimal> read_buckets(const Value& value) {
  if (value.is_list()) return read_bounds(value);
  if (value.is_text("latency")) return latency_buckets();
  if (value.is_text("bytes")) return byte_buckets();
  value.expected("a list of numbers, or one of latency, bytes");
  return {};
}

ValueRule read_value(const Value& value) {
  ValueRule rule;
  if (!value.is_mapping()) {
    rule.from = value.text();
    return rule;
  }
  if (value.has_only(kValueKeys)) value.require({"from"});
  if (const auto from = value.find("from")) rule.from = from->text();
  if (const auto list = value.find("list")) rule.list = list->choice(kListPicks, rule.list);
  if (const auto unit = value.find("unit")) rule.unit = unit->choice(kUnits, rule.unit);
  return rule;
}

std::string field_name(std::string_view text) {
  if (text.starts_with("${") && text.ends_with('}')) return std::string(text.substr(2, text.size() - 3));
  if (text.starts_with('$')) text.remove_prefix(1);
  return std::string(text);
}

std::vector<ConditionRule> read_conditions(const Value& conditions) {
  std::vector<ConditionRule> rules;
  for (const auto& [field, patterns] : conditions.entries()) {
    rules.push_back({{field_name(field.value), field.place}, patterns.texts()});
    if (rules.back().field.value.empty()) conditions.error(field.place, "expected the name of a field");
  }
  return rules;
}

void check_name(const Value& metric, MetricKind kind, const Text& name) {
  const auto refuse = [&](std::string_view why) { metric.error(name.place, why); };
  if (name.value.find(':') != std::string::npos) return refuse("colons are for the names of recording rules");
  if (!is_name(name.value)) return refuse("a metric's name has letters, digits and \"_\", and no digit in front");
  if (name.value.starts_with("tailmeter_"))
    return refuse("names that begin with \"tailmeter_\" are for the program's own metrics");
  constexpr std::string_view kSuffix = "_total";
  const bool has_suffix = name.value.ends_with(kSuffix) && name.value.size() > kSuffix.size();
  if (kind == MetricKind::kCounter && !has_suffix) refuse(fmt::format("a counter's name ends in \"{}\"", kSuffix));
}

void read_duration(const Value& metric, MetricRule& rule) {
  if (const auto place = metric.place_of_key("value"))
    metric.error(*place, "a duration has no \"value\": it is measured from the start to the end; \"at\" says by what");
  metric.require({"start", "end", "key"});
  if (const auto start = metric.find("start")) rule.start = read_conditions(*start);
  if (const auto end = metric.find("end")) rule.end = read_conditions(*end);
  if (const auto key = metric.find("key")) rule.key = key->text();
  if (const auto at = metric.find("at")) rule.value = read_value(*at);
  if (const auto max_open = metric.find("max_open"))
    rule.max_open = max_open->whole_number(1, kLargestMaxOpen).value_or(rule.max_open);
}

void refuse_keys_of_duration(const Value& metric) {
  for (const char* const key : {"start", "end", "key", "at", "max_open"}) {
    if (const auto place = metric.place_of_key(key))
      metric.error(*place, fmt::format("only a duration has {}", quoted(key)));
  }
}

void read_kind_keys(const Value& metric, MetricRule& rule) {
  if (rule.kind == MetricKind::kDuration) {
    read_duration(metric, rule);
  } else {
    refuse_keys_of_duration(metric);
  }
  const bool is_histogram = rule.kind == MetricKind::kHistogram || rule.kind == MetricKind::kDuration;
  const bool is_gauge = rule.kind == MetricKind::kGauge;
  const auto buckets = metric.find("buckets");
  if (is_histogram) rule.buckets = buckets ? read_buckets(*buckets) : latency_buckets();
  if (buckets && !is_histogram) metric.error(*metric.place_of_key("buckets"), "only a histogram has \"buckets\"");

  const auto operation = metric.find("op");
  if (operation && is_gauge) rule.operation = operation->choice(kOperations, rule.operation);
  if (operation && !is_gauge) metric.error(*metric.place_of_key("op"), "only a gauge has \"op\"");

  if (rule.kind == MetricKind::kHistogram && !rule.value) metric.error("a histogram needs a \"value\"");
  if (is_gauge && !rule.value && rule.operation != GaugeOperation::kAdd) {
    metric.error("a gauge needs a \"value\", except with op: add, which then adds 1");
  }
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
    if (!label.map.empty() || !label.allow.empty() || label.regex) continue;
    for (const std::string_view field : kSentByClients) {
      if (label.from.value != fmt::format("${}", field) && label.from.value != fmt::format("${{{}}}", field)) continue;
      metric.warning(
          label.from.place,
          fmt::format("labels.{}: {} takes as many values as clients send; bound it with allow, map or regex, "
                      "or say how many series are wanted with max_series",
                      label.name.value, label.from.value));
    }
  }
}

MetricRule read_metric(const Value& metric, MetricKind kind, Text name, const Names& sources) {
  MetricRule rule;
  rule.kind = kind;
  rule.name = std::move(name);
  if (!rule.name.value.empty()) check_name(metric, kind, rule.name);
  static_cast<void>(metric.has_only(kMetricKeys));
  if (const auto help = metric.find("help")) rule.help = help->text().value;
  if (const auto source = metric.find("source")) rule.sources = read_metric_sources(*source, sources);
  if (const auto labels = metric.find("labels")) rule.labels = read_labels(*labels);
  if (const auto when = metric.find("when")) rule.when = read_conditions(*when);
  if (const auto unless = metric.find("unless")) rule.unless = read_conditions(*unless);
  if (const auto value = metric.find("value")) rule.value = read_value(*value);
  if (const auto series = metric.find("max_series")) {
    rule.max_series = series->whole_number(1, kLargestMaxSeries).value_or(rule.max_series);
  } else {
    warn_of_unbounded(metric, rule.labels);
  }
  read_kind_keys(metric, rule);
  return rule;
}

// The kind's key, with the metric's name behind it. Reports an entry with no such key or with two.
const std::pair<std::string, MetricKind>* find_kind(const Value& entry) {
  const std::pair<std::string, MetricKind>* found = nullptr;
  for (const auto& kind : kKinds) {
    const auto place = entry.place_of_key(kind.first);
    if (!place) continue;
    if (found != nullptr) {
      entry.error(*place, fmt::format("a metric is one kind of thing, and this is a {} already", found->first));
      return nullptr;
    }
    found = &kind;
  }
  if (found != nullptr) return found;
  for (const std::string& later : kLaterKinds) {
    if (const auto place = entry.place_of_key(later)) {
      entry.named(entry.find(later)->text().value).error(*place, fmt::format("{} is not yet supported", quoted(later)));
      return nullptr;
    }
  }
  if (entry.has_only(kMetricKeys))
    entry.error("has no kind: one of counter, gauge, histogram, duration, with the metric's name behind it");
  return nullptr;
}

}  // namespace

std::vector<MetricRule> read_metrics(const Value& section, const Names& sources) {
  std::vector<MetricEntry> metrics;
  for (const Value& entry : section.elements()) {
    const auto* const kind = find_kind(entry);
    if (kind == nullptr) continue;
    Text name = entry.find(kind->first)->text();
    const Value metric = entry.named(name.value);
    metrics.push_back({metric, read_metric(metric, kind->second, std::move(name), sources)});
  }
  check_families(metrics);

  std::vector<MetricRule> rules;
  rules.reserve(metrics.size());
  for (MetricEntry& metric : metrics) rules.push_back(std::move(metric.rule));
  return rules;
}

const Choices<MetricKind>& metric_kinds() {
  return kKinds;
}

}  // namespace tailmeter
