// The Prometheus text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).
//
// Written straight from the series' rendered labels; values are exact decimals. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/series/snapshot.h"

namespace prometheus {
struct MetricFamily;
}

namespace tailmeter {

inline constexpr std::string_view kTextContentType = "text/plain; version=0.0.4; charset=utf-8";

// Appends every family that has a series.
void append_text(std::string& out, const Snapshot& snapshot);

// Appends counters and gauges that prometheus-cpp collected.
void append_text(std::string& out, const std::vector<prometheus::MetricFamily>& families);

}  // namespace tailmeter
