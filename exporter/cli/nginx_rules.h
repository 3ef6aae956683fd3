// The rule file that `init` writes, and `run` without a rule file uses: the access logs of an nginx, with the metrics
// that their formats allow. Pure.
#pragma once

#include <string>

#include "exporter/cli/nginx_sources.h"

namespace tailmeter {

// A rule file that is right. `conf_path` is the configuration, absolute; formats are read from there when the rule file
// is loaded. There is at least one source.
[[nodiscard]] std::string nginx_rules(const NginxSources& sources, const std::string& conf_path);

// What was found: a line for each source and for each log that is left out.
[[nodiscard]] std::string nginx_summary(const NginxSources& sources);

}  // namespace tailmeter
