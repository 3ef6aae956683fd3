// The program's own metrics, which prometheus-cpp collects, as a snapshot like that of the series, so that each format
// is written in one way.
//
// A pure function; any thread.
#pragma once

#include <vector>

#include <prometheus/metric_family.h>

#include "rules/series/snapshot.h"

namespace tailmeter {

// Counters and gauges; others are none of ours. Values are rounded to billionths. When a series began is not known of
// them. Series are ordered by their labels: prometheus-cpp has them in the order of their hashes.
[[nodiscard]] Snapshot snapshot_of(const std::vector<prometheus::MetricFamily>& families);

}  // namespace tailmeter
