#include "rules/file/metric_parts.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "parsers/number.h"

namespace tailmeter {
namespace {

const Keys kValueKeys = {{"from", "list", "unit"}, {}};
const Choices<ListPick> kListPicks = {{"last", ListPick::kLast},
                                      {"first", ListPick::kFirst},
                                      {"sum", ListPick::kSum},
                                      {"max", ListPick::kMax},
                                      {"each", ListPick::kEach}};
const Choices<Unit> kUnits = {{"s", Unit::kSeconds},      {"ms", Unit::kMilliseconds}, {"us", Unit::kMicroseconds},
                              {"ns", Unit::kNanoseconds}, {"go", Unit::kGoDuration},   {"bytes", Unit::kBytes},
                              {"si", Unit::kSi},          {"iec", Unit::kIec}};
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

std::string field_name(std::string_view text) {
  if (text.starts_with("${") && text.ends_with('}')) return std::string(text.substr(2, text.size() - 3));
  if (text.starts_with('$')) text.remove_prefix(1);
  return std::string(text);
}

// The letters that Go's durations lack.
std::int64_t seconds_of(char unit) {
  return unit == 'd' ? 86'400 : unit == 'w' ? 7 * 86'400 : 0;
}

}  // namespace

std::vector<Decimal> latency_buckets() {
  std::vector<Decimal> bounds;
  for (const int milliseconds : {5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000}) {
    bounds.push_back(Decimal::from_nanos(Int128{milliseconds} * 1'000'000));
  }
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

std::vector<ConditionRule> read_conditions(const Value& conditions) {
  std::vector<ConditionRule> rules;
  for (const auto& [field, patterns] : conditions.entries()) {
    rules.push_back({{field_name(field.value), field.place}, patterns.texts()});
    if (rules.back().field.value.empty()) conditions.error(field.place, "expected the name of a field");
  }
  return rules;
}

std::optional<std::int64_t> read_milliseconds(const Value& value, std::chrono::seconds least,
                                              std::chrono::seconds most) {
  std::string text = value.text().value;
  if (text.empty()) return std::nullopt;
  const std::int64_t unit_seconds = seconds_of(text.back());
  if (unit_seconds != 0) text.pop_back();
  const bool has_unit = unit_seconds != 0 || text.find_first_not_of("0123456789.") != std::string::npos;
  const Number number = parse_number(text, unit_seconds != 0 ? Unit::kNone : Unit::kGoDuration);
  if (number.outcome != NumberOutcome::kNumber || !has_unit) {
    value.expected("a duration such as 90s, 10m, 24h or 7d");
    return std::nullopt;
  }
  const Int128 nanos = number.value.nanos() * std::max<std::int64_t>(unit_seconds, 1);
  if (nanos < Int128{least.count()} * Decimal::kUnit || nanos > Int128{most.count()} * Decimal::kUnit) {
    value.error(fmt::format("expected a duration from {} s to {} s", least.count(), most.count()));
    return std::nullopt;
  }
  return static_cast<std::int64_t>(nanos / 1'000'000);
}

std::vector<Decimal> read_quantiles(const Value& list) {
  std::vector<Decimal> quantiles;
  for (const Value& element : list.one_or_more()) {
    const Text text = element.text();
    if (text.value.empty()) continue;
    const Number number = parse_number(text.value);
    const bool is_quantile = number.outcome == NumberOutcome::kNumber && !number.value.is_negative() &&
                             number.value <= Decimal::from_integer(1);
    if (!is_quantile) {
      element.expected("a number from 0 to 1");
    } else if (!quantiles.empty() && number.value <= quantiles.back()) {
      element.error(
          fmt::format("the quantiles must rise, and {} is not above {}", text.value, to_string(quantiles.back())));
    } else {
      quantiles.push_back(number.value);
    }
  }
  if (quantiles.size() > kMaxQuantiles) list.error(fmt::format("more than {} quantiles", kMaxQuantiles));
  return quantiles;
}

}  // namespace tailmeter
