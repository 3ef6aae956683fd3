// What the program says about its state on the disk: tailmeter_durable, tailmeter_state_lost and
// tailmeter_checkpoint_*.
//
// Apart from SelfMetrics, whose values are those of a snapshot: these are of the record that made it durable. Belongs
// to the loop thread.
#pragma once

#include <cstddef>
#include <system_error>
#include <vector>

#include <prometheus/registry.h>

namespace tailmeter {

class StateMetrics {
 public:
  StateMetrics();

  // There was a state, and it could not be used.
  void set_lost();

  void count_checkpoint(std::error_code error, std::size_t record_bytes);

  [[nodiscard]] std::vector<prometheus::MetricFamily> collect() const { return registry_.Collect(); }

 private:
  prometheus::Registry registry_;
  prometheus::Gauge* durable_;
  prometheus::Gauge* lost_;
  prometheus::Counter* checkpoints_;
  prometheus::Counter* failures_;
  prometheus::Gauge* bytes_;
  prometheus::Gauge* last_success_seconds_;
};

}  // namespace tailmeter
