#include "exporter/web_metrics.h"

#include <cstddef>
#include <string>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>

namespace tailmeter {

WebMetrics::WebMetrics(const HttpCounts* counts) : counts_(counts) {
  if (counts == nullptr) return;
  const auto counter = [this](const char* name, const char* help) -> auto& {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry_);
  };
  const auto gauge = [this](const char* name, const char* help) {
    return &prometheus::BuildGauge().Name(name).Help(help).Register(registry_).Add({});
  };
  connections_ = gauge("tailmeter_http_open_connections", "Connections of the web server that are open.");
  web_config_ = gauge("tailmeter_web_config_last_reload_successful",
                      "1 if the web configuration was right when it was last read, or there is none; 0: the one before "
                      "is still in force.");
  counted_.push_back(
      {&counter("tailmeter_http_connections_total", "Connections that the web server has taken.").Add({}),
       &counts->connections});
  auto& closed = counter("tailmeter_http_connections_closed_total",
                         "Connections that the web server has closed before their clients did, by the reason.");
  const auto add_reason = [&](const char* reason, const HttpCounts::Count& count) {
    counted_.push_back({&closed.Add({{"reason", reason}}), &count});
  };
  add_reason("idle", counts->closed_idle);
  add_reason("deadline", counts->closed_by_deadline);
  add_reason("handshake", counts->closed_by_handshake);
  add_reason("room", counts->closed_for_room);
  add_reason("no_descriptors", counts->not_taken);
  auto& requests =
      counter("tailmeter_http_requests_total", "Requests that the web server has answered, by the status.");
  for (std::size_t i = 0; i < HttpCounts::kStatuses.size(); ++i) {
    counted_.push_back({&requests.Add({{"code", std::to_string(HttpCounts::kStatuses[i])}}), &counts->answers[i]});
  }
  counted_.push_back({&requests.Add({{"code", "other"}}), &counts->other_answers});
}

std::vector<prometheus::MetricFamily> WebMetrics::collect() const {
  if (counts_ == nullptr) return {};
  connections_->Set(static_cast<double>(counts_->open_connections));
  web_config_->Set(counts_->is_web_config_in_force ? 1 : 0);
  for (const Counted& counted : counted_) {
    counted.counter->Increment(static_cast<double>(*counted.count) - counted.counter->Value());
  }
  return registry_.Collect();
}

}  // namespace tailmeter
