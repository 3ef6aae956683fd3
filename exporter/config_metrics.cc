#include "exporter/config_metrics.h"

#include <prometheus/gauge.h>

#include "rules/series/wall_clock.h"

namespace tailmeter {

ConfigMetrics::ConfigMetrics() {
  const auto gauge = [this](const char* name, const char* help) {
    return &prometheus::BuildGauge().Name(name).Help(help).Register(registry_).Add({});
  };
  is_successful_ = gauge("tailmeter_config_last_reload_successful",
                         "1 if the rule file was right when it was last read; 0: the one before is still in force.");
  last_success_seconds_ =
      gauge("tailmeter_config_last_reload_success_timestamp_seconds", "When the rules in force were read, since 1970.");
  note_success();
}

void ConfigMetrics::note_success() {
  is_successful_->Set(1);
  last_success_seconds_->Set(seconds_now());
}

void ConfigMetrics::note_failure() {
  is_successful_->Set(0);
}

}  // namespace tailmeter
