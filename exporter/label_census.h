// Which label of each metric has the most values, for the pages that show it.
//
// Worked out every ten seconds at most, whoever asks: it goes through all labels, a tenth of a second for 100,000
// series. Any thread; others wait meanwhile.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <vector>

#include "rules/series/snapshot.h"
#include "rules/series/worst_labels.h"

namespace tailmeter {

class LabelCensus {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kInterval{10};

  // Of this snapshot, or of one that was asked about less than kInterval ago.
  [[nodiscard]] std::vector<WorstLabel> worst_labels(const Snapshot& snapshot, Clock::time_point now = Clock::now()) {
    const std::lock_guard lock(mutex_);
    if (!taken_at_ || now - *taken_at_ >= kInterval) {
      labels_ = tailmeter::worst_labels(snapshot);
      taken_at_ = now;
    }
    return labels_;
  }

 private:
  std::mutex mutex_;
  std::optional<Clock::time_point> taken_at_;
  std::vector<WorstLabel> labels_;
};

}  // namespace tailmeter
