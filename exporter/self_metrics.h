// What the program says about itself: tailmeter_* and process_*.
//
// Kept in a prometheus-cpp registry. Belongs to the loop thread; what collect() returns may go anywhere.
#pragma once

#include <array>
#include <string>
#include <vector>

#include <prometheus/registry.h>

#include "exporter/input/inputs.h"
#include "exporter/pipeline.h"
#include "exporter/tail/tail.h"
#include "rules/program/rule_set.h"

namespace tailmeter {

class SelfMetrics {
 public:
  SelfMetrics(const RuleSet& rules, const Inputs& inputs);

  void count_rotation(SourceIndex source, Rotation kind);
  void count_lost_bytes(SourceIndex source, std::uint64_t bytes, LossReason reason);

  // By Rotation and LossReason.
  [[nodiscard]] std::array<std::uint64_t, 3> rotations(SourceIndex source) const;
  [[nodiscard]] std::array<std::uint64_t, 3> lost_bytes(SourceIndex source) const;
  void restore(SourceIndex source, const std::array<std::uint64_t, 3>& rotations,
               const std::array<std::uint64_t, 3>& lost_bytes);

  // Takes over what the parts have counted by themselves.
  void update(const RuleSet& rules, const Pipeline& pipeline, const Tail& tail, const Inputs& inputs,
              bool is_catching_up);

  [[nodiscard]] std::vector<prometheus::MetricFamily> collect() const;

 private:
  using Counter = prometheus::Counter;
  using Gauge = prometheus::Gauge;

  struct Source {
    Counter* matched;
    Counter* unmatched;
    Counter* oversize;
    Counter* bytes;
    Counter* rolled_back_bytes;
    Counter* uncertain_bytes;
    Counter* dropped_datagrams;  // null: it takes none
    Gauge* lag_bytes;
    Gauge* last_line_timestamp;
    Gauge* following;
    Gauge* draining;
    Gauge* unreadable;
    std::array<Counter*, 3> rotations;  // by Rotation
    std::array<Counter*, 3> lost;       // by LossReason
  };
  struct Metric {
    Counter* updates;
    Counter* no_value;
    Counter* not_a_number;
    Counter* negative;
    Counter* unpaired;  // duration; else null
    Gauge* open_jobs;   // likewise
    Counter* overflowed;
    Counter* seconds;
    Gauge* series;
  };
  struct Process {
    Counter* cpu_seconds;
    Gauge* open_fds;
    Gauge* max_fds;
    Gauge* virtual_memory_bytes;
    Gauge* virtual_memory_max_bytes;
    Gauge* resident_memory_bytes;
    Gauge* start_time_seconds;
    Counter* network_receive_bytes;
    Counter* network_transmit_bytes;
  };

  void add_sources(const RuleSet& rules, const Inputs& inputs);
  void add_metrics(const RuleSet& rules);
  void add_process();

  prometheus::Registry registry_;
  std::vector<Source> sources_;
  std::vector<Metric> metrics_;
  Process process_{};
  Gauge* catching_up_ = nullptr;
  Gauge* polling_ = nullptr;
};

}  // namespace tailmeter
