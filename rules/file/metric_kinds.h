// The kinds of metrics: how they are called, which keys they have besides those of all metrics, and what these say.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/file/rule_file.h"
#include "rules/file/value.h"

namespace tailmeter {

// The keys that say of which kind a metric is; its name is behind them.
[[nodiscard]] const Choices<MetricKind>& metric_kinds();
[[nodiscard]] std::string_view kind_name(MetricKind kind);

// The keys that not all kinds have.
[[nodiscard]] std::vector<std::string> keys_of_kinds();

// Reads them for the kind that `rule` has, and reports those that it does not have, and needs.
void read_kind_keys(const Value& metric, MetricRule& rule);

}  // namespace tailmeter
