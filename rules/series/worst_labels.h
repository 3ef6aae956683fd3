// For each metric with labels, the label that has the most values: where there are too many series, it is to blame.
//
// A pure function; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "rules/series/snapshot.h"

namespace tailmeter {

struct WorstLabel {
  std::string metric;
  std::size_t series = 0;
  std::size_t max_series = 0;
  std::string label{};
  std::size_t values = 0;  // different ones

  bool operator==(const WorstLabel&) const = default;
};

// The metrics with the most series first.
[[nodiscard]] std::vector<WorstLabel> worst_labels(const Snapshot& snapshot);

}  // namespace tailmeter
