#include "exporter/state_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>

#include "exporter/scrape.h"
#include "rules/series/wall_clock.h"

namespace tailmeter {

StateMetrics::StateMetrics() {
  const auto gauge = [this](const char* name, const char* help) {
    return &prometheus::BuildGauge().Name(name).Help(help).Register(registry_).Add({});
  };
  const auto counter = [this](const char* name, const char* help) {
    return &prometheus::BuildCounter().Name(name).Help(help).Register(registry_).Add({});
  };
  durable_ =
      gauge(kDurableName, "1 if no scrape shows a value that a crash could take back; 0 without a state on disk.");
  lost_ = gauge("tailmeter_state_lost", "1 if there was a state on disk at the start and it could not be used.");
  checkpoints_ = counter("tailmeter_checkpoint_writes_total", "Records of the state written to the disk.");
  failures_ = counter("tailmeter_checkpoint_failures_total", "Records of the state that the disk did not take.");
  bytes_ = gauge("tailmeter_checkpoint_bytes", "Size of the newest record of the state.");
  last_success_seconds_ = gauge("tailmeter_checkpoint_last_success_timestamp_seconds",
                                "When a record of the state was last written; 0 if none was.");
}

void StateMetrics::set_lost() {
  lost_->Set(1);
}

void StateMetrics::count_checkpoint(std::error_code error, std::size_t record_bytes) {
  durable_->Set(error ? 0 : 1);
  if (error) {
    failures_->Increment();
    return;
  }
  checkpoints_->Increment();
  bytes_->Set(static_cast<double>(record_bytes));
  last_success_seconds_->Set(seconds_now());
}

}  // namespace tailmeter
