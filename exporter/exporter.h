// The service: follows the sources of a rule set, counts their lines, and answers scrapes, until it is told to stop.
//
// The calling thread becomes the loop thread: it alone reads files and touches series. Web threads ask it through a
// RequestQueue.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "exporter/descriptors/descriptor.h"
#include "exporter/reload.h"
#include "exporter/web/http_server.h"
#include "exporter/web/listen_address.h"

namespace tailmeter {

struct ExporterSettings {
  RuleLoader load_rules;  // for a reload
  std::vector<ListenAddress> listen_addresses;
  std::vector<Descriptor> systemd_sockets{};  // that listen already
  std::size_t max_requests = HttpLimits{}.requests;
  std::string telemetry_path;
  bool with_created = false;    // in OpenMetrics: a sample that says since when each series counts
  std::string web_config_file;  // empty: everyone may read
  std::string state_directory;  // empty: none
};

// Returns after SIGTERM or SIGINT. Throws RuleFileError if the web configuration is wrong, std::system_error, with
// what() ready to print, if it cannot begin.
void run_exporter(LoadedRules rules, ExporterSettings settings);

}  // namespace tailmeter
