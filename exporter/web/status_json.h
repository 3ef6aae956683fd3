// /api/v1/status: what the program's own metrics say, by source and by metric, as JSON.
//
// {"metrics":{"http_requests_total":{"series":4,"updates_total":3,...,
//                                    "worst_label":{"label":"uri","max_series":500,"values":4}},...},
//  "program":{"catching_up":0,"durable":1,...},
//  "ready":true,
//  "sources":{"nginx":{"bytes_total":12,"files":{"following":1,...},"lines_total":{"matched":3,...},...},...},
//  "version":"0.1.0"}
//
// The names are those of the metrics without "tailmeter_"; what has one label more is an object by its values. Keys are
// sorted.
//
// A pure function; any thread.
#pragma once

#include <string>
#include <vector>

#include <prometheus/metric_family.h>

#include "rules/series/worst_labels.h"

namespace tailmeter {

[[nodiscard]] std::string status_json(const std::string& version, bool is_ready,
                                      const std::vector<prometheus::MetricFamily>& own,
                                      const std::vector<WorstLabel>& labels);

}  // namespace tailmeter
