// What metrics of several kinds say: values, conditions, bounds, durations. Mistakes are reported where they are; what
// is returned then is incomplete.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "rules/file/rule_file.h"
#include "rules/file/value.h"

namespace tailmeter {

[[nodiscard]] ValueRule read_value(const Value& value);
[[nodiscard]] std::vector<ConditionRule> read_conditions(const Value& conditions);

// A list of rising bounds, or the name of one.
[[nodiscard]] std::vector<Decimal> read_buckets(const Value& value);
// Seconds; the bounds that Prometheus' client libraries have.
[[nodiscard]] std::vector<Decimal> latency_buckets();
[[nodiscard]] std::vector<Decimal> read_quantiles(const Value& list);

// 90s, 10m, 1h30m, 24h, 7d, 2w.
[[nodiscard]] std::optional<std::int64_t> read_milliseconds(const Value& value, std::chrono::seconds least,
                                                            std::chrono::seconds most);

}  // namespace tailmeter
