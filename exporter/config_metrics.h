// What the program says about its rule file: tailmeter_config_*, as other Prometheus programs name it.
//
// Belongs to the loop thread.
#pragma once

#include <vector>

#include <prometheus/registry.h>

namespace tailmeter {

class ConfigMetrics {
 public:
  ConfigMetrics();  // the start is the first success

  void note_success();
  void note_failure();

  [[nodiscard]] std::vector<prometheus::MetricFamily> collect() const { return registry_.Collect(); }

 private:
  prometheus::Registry registry_;
  prometheus::Gauge* is_successful_;
  prometheus::Gauge* last_success_seconds_;
};

}  // namespace tailmeter
