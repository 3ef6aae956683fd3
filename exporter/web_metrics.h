// What the program says about its web server: tailmeter_http_*, tailmeter_web_config_*.
//
// Read from what the server counts, once for each answer, so that all who share one see the same. Belongs to the loop
// thread.
#pragma once

#include <vector>

#include <prometheus/registry.h>

#include "exporter/web/http_counts.h"

namespace tailmeter {

class WebMetrics {
 public:
  // Null: there is no server, and nothing is said.
  explicit WebMetrics(const HttpCounts* counts);

  [[nodiscard]] std::vector<prometheus::MetricFamily> collect() const;

 private:
  struct Counted {
    prometheus::Counter* counter;
    const HttpCounts::Count* count;
  };

  const HttpCounts* const counts_;
  prometheus::Registry registry_;
  prometheus::Gauge* connections_ = nullptr;
  prometheus::Gauge* web_config_ = nullptr;
  std::vector<Counted> counted_;
};

}  // namespace tailmeter
