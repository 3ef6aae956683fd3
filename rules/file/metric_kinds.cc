#include "rules/file/metric_kinds.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "rules/file/metric_parts.h"
#include "rules/file/sections.h"

namespace tailmeter {
namespace {

constexpr std::chrono::seconds kShortestWindow{10};
constexpr std::chrono::seconds kLongestWindow{31 * 86'400};

const Choices<MetricKind> kKinds = {
    {"counter", MetricKind::kCounter}, {"gauge", MetricKind::kGauge},      {"histogram", MetricKind::kHistogram},
    {"summary", MetricKind::kSummary}, {"topk", MetricKind::kTop},         {"distinct", MetricKind::kDistinct},
    {"ratio", MetricKind::kRatio},     {"duration", MetricKind::kDuration}};

struct KindKey {
  const char* key;
  std::vector<MetricKind> kinds;
};
const std::vector<KindKey> kKindKeys = {{"buckets", {MetricKind::kHistogram, MetricKind::kDuration}},
                                        {"native", {MetricKind::kHistogram, MetricKind::kDuration}},
                                        {"exemplar", {MetricKind::kHistogram, MetricKind::kDuration}},
                                        {"op", {MetricKind::kGauge}},
                                        {"quantiles", {MetricKind::kSummary}},
                                        {"window", {MetricKind::kSummary, MetricKind::kDistinct, MetricKind::kRatio}},
                                        {"k", {MetricKind::kTop}},
                                        {"of", {MetricKind::kDistinct}},
                                        {"hit", {MetricKind::kRatio}},
                                        {"start", {MetricKind::kDuration}},
                                        {"end", {MetricKind::kDuration}},
                                        {"key", {MetricKind::kDuration}},
                                        {"at", {MetricKind::kDuration}},
                                        {"max_open", {MetricKind::kDuration}}};

const Choices<bool> kBoolean = {{"true", true}, {"false", false}};
const Keys kNativeKeys = {{"schema", "max_buckets"}, {}};
const Choices<GaugeOperation> kOperations = {{"set", GaugeOperation::kSet},
                                             {"add", GaugeOperation::kAdd},
                                             {"max", GaugeOperation::kMax},
                                             {"min", GaugeOperation::kMin}};

void refuse_keys_of_others(const Value& metric, MetricKind kind) {
  for (const auto& [key, kinds] : kKindKeys) {
    const auto place = metric.place_of_key(key);
    if (!place || std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) continue;
    std::string owners;
    for (const MetricKind owner : kinds) {
      if (!owners.empty()) owners += owner == kinds.back() ? " or " : ", ";
      owners += fmt::format("a {}", kind_name(owner));
    }
    metric.error(*place, fmt::format("only {} has {}", owners, quoted(key)));
  }
}

void refuse_value(const Value& metric, std::string_view why) {
  if (const auto place = metric.place_of_key("value")) metric.error(*place, why);
}

void read_window(const Value& metric, MetricRule& rule) {
  if (const auto window = metric.find("window"))
    rule.window_ms = read_milliseconds(*window, kShortestWindow, kLongestWindow).value_or(rule.window_ms);
}

std::optional<NativeRule> read_native(const Value& value) {
  NativeRule native;
  if (!value.is_mapping()) return value.choice(kBoolean, false) ? std::optional(native) : std::nullopt;
  static_cast<void>(value.has_only(kNativeKeys));
  if (const auto schema = value.find("schema"))
    native.schema = static_cast<int>(schema->whole_number(0, 8).value_or(3));
  if (const auto buckets = value.find("max_buckets"))
    native.max_buckets = buckets->whole_number(kLeastNativeBuckets, kMostNativeBuckets).value_or(native.max_buckets);
  return native;
}

std::optional<LabelRule> read_exemplar(const Value& value) {
  std::vector<LabelRule> labels = read_labels(value);
  const bool is_one = labels.size() == 1 && !labels.front().from.value.empty();
  if (is_one && labels.front().name.value.size() <= kMaxExemplarNameBytes) return std::move(labels.front());
  if (is_one) {
    value.error(labels.front().name.place,
                fmt::format("an exemplar's label has at most {} bytes", kMaxExemplarNameBytes));
  } else if (value.is_mapping()) {
    value.error("an exemplar has one label, such as {request_id: $request_id}");
  }
  return std::nullopt;
}

void read_histogram(const Value& metric, MetricRule& rule) {
  const auto native = metric.find("native");
  if (native) rule.native = read_native(*native);
  if (const auto exemplar = metric.find("exemplar")) rule.exemplar = read_exemplar(*exemplar);
  const auto buckets = metric.find("buckets");
  const bool is_native_alone = rule.native && buckets && buckets->is_list() && buckets->elements().empty();
  if (!is_native_alone) rule.buckets = buckets ? read_buckets(*buckets) : latency_buckets();
}

void read_gauge(const Value& metric, MetricRule& rule) {
  if (const auto operation = metric.find("op")) rule.operation = operation->choice(kOperations, rule.operation);
  if (!rule.value && rule.operation != GaugeOperation::kAdd)
    metric.error("a gauge needs a \"value\", except with op: add, which then adds 1");
}

void read_summary(const Value& metric, MetricRule& rule) {
  rule.window_ms = kDefaultSummaryWindowMs;
  read_window(metric, rule);
  const auto quantiles = metric.find("quantiles");
  if (quantiles) {
    rule.quantiles = read_quantiles(*quantiles);
  } else {
    for (const int hundredths : {50, 90, 99})
      rule.quantiles.push_back(Decimal::from_nanos(Int128{hundredths} * Decimal::kUnit / 100));
  }
  if (!rule.value) metric.error("a summary needs a \"value\"");
}

void read_top(const Value& metric, MetricRule& rule) {
  if (!metric.find("max_series")) rule.max_series = kDefaultWatched;
  if (const auto k = metric.find("k")) rule.shown = k->whole_number(1, kMostShown).value_or(rule.shown);
  if (rule.labels.empty()) metric.error("a topk needs \"labels\": what to count the most of");
  if (rule.max_series >= rule.shown) return;
  metric.error(
      *metric.place_of_key("max_series"),
      fmt::format("max_series is how many are watched for the {} that are shown: it cannot be less", rule.shown));
}

void read_distinct(const Value& metric, MetricRule& rule) {
  read_window(metric, rule);
  metric.require({"of"});
  if (const auto of = metric.find("of")) rule.of = of->text();
  if (rule.window_ms == 0 && !rule.name.value.ends_with("_total"))
    metric.error(rule.name.place, "a distinct without a \"window\" is a counter, and its name ends in \"_total\"");
  refuse_value(metric, "a distinct has no \"value\": it counts the different values of \"of\"");
}

void read_ratio(const Value& metric, MetricRule& rule) {
  rule.window_ms = kDefaultRatioWindowMs;
  read_window(metric, rule);
  metric.require({"hit"});
  if (const auto hit = metric.find("hit")) rule.hit = read_conditions(*hit);
}

void read_duration(const Value& metric, MetricRule& rule) {
  refuse_value(metric, "a duration has no \"value\": it is measured from the start to the end; \"at\" says by what");
  metric.require({"start", "end", "key"});
  if (const auto start = metric.find("start")) rule.start = read_conditions(*start);
  if (const auto end = metric.find("end")) rule.end = read_conditions(*end);
  if (const auto key = metric.find("key")) rule.key = key->text();
  if (const auto at = metric.find("at")) rule.value = read_value(*at);
  if (const auto max_open = metric.find("max_open"))
    rule.max_open = max_open->whole_number(1, kLargestMaxOpen).value_or(rule.max_open);
}

}  // namespace

const Choices<MetricKind>& metric_kinds() {
  return kKinds;
}

std::string_view kind_name(MetricKind kind) {
  return std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& entry) { return entry.second == kind; })->first;
}

std::vector<std::string> keys_of_kinds() {
  std::vector<std::string> keys;
  for (const KindKey& kind_key : kKindKeys) keys.emplace_back(kind_key.key);
  return keys;
}

void read_kind_keys(const Value& metric, MetricRule& rule) {
  refuse_keys_of_others(metric, rule.kind);
  switch (rule.kind) {
    case MetricKind::kCounter:
      return;
    case MetricKind::kGauge:
      return read_gauge(metric, rule);
    case MetricKind::kHistogram:
      if (!rule.value) metric.error("a histogram needs a \"value\"");
      return read_histogram(metric, rule);
    case MetricKind::kSummary:
      return read_summary(metric, rule);
    case MetricKind::kTop:
      return read_top(metric, rule);
    case MetricKind::kDistinct:
      return read_distinct(metric, rule);
    case MetricKind::kRatio:
      return read_ratio(metric, rule);
    case MetricKind::kDuration:
      read_duration(metric, rule);
      return read_histogram(metric, rule);
  }
}

}  // namespace tailmeter
