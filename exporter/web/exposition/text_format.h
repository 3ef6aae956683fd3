// The text formats: Prometheus' 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats) and OpenMetrics 1.0.0
// (github.com/prometheus/OpenMetrics), which is what 0.0.1 was, too.
//
// Written straight from the series' rendered labels; values are exact decimals. What a format has no place for is left
// out: native histograms in both, exemplars and units in 0.0.4. OpenMetrics calls a counter's family by its name
// without _total.
//
// Pure functions; any thread.
#pragma once

#include <string>

#include "rules/series/snapshot.h"

namespace tailmeter {

enum class TextDialect {
  kPrometheus,
  kOpenMetrics,
  kOpenMetricsCreated,  // with a sample that says since when each series counts
};

// Appends every family that has a series. OpenMetrics wants kOpenMetricsEnd behind the last.
void append_text(std::string& out, const Snapshot& snapshot, TextDialect dialect = TextDialect::kPrometheus);

inline constexpr const char* kOpenMetricsEnd = "# EOF\n";

}  // namespace tailmeter
