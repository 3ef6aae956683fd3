// The service: follows the sources of a rule set, counts their lines, and answers scrapes, until it is told to stop.
//
// The calling thread becomes the loop thread: it alone reads files and touches series. Web threads ask it through a
// RequestQueue.
#pragma once

#include <string>
#include <vector>

#include "exporter/reload.h"
#include "exporter/web/http_server.h"
#include "exporter/web/listen_address.h"

namespace tailmeter {

struct ExporterSettings {
  RuleLoader load_rules;  // for a reload
  std::vector<ListenAddress> listen_addresses;
  std::string telemetry_path;
  std::string state_directory;  // empty: none
};

// Returns after SIGTERM or SIGINT. Throws std::system_error, with what() ready to print, if it cannot begin.
void run_exporter(LoadedRules rules, const ExporterSettings& settings);

}  // namespace tailmeter
