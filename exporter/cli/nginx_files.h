// The files of an nginx configuration on this host.
#pragma once

#include <string>

#include "parsers/nginx_conf/logs.h"

namespace tailmeter {

inline constexpr const char* kNginxConfPath = "/etc/nginx/nginx.conf";

// Reads the configuration at `path`, which may be relative; places in the result are absolute. Throws NginxConfError.
[[nodiscard]] NginxLogs read_nginx_configuration(const std::string& path, const NginxBuild& build = {});

}  // namespace tailmeter
