// The access logs of an nginx configuration as sources to follow, and those that cannot be followed.
//
// Logs of one format are one source, but for logs that one request is written to twice: these are two sources, so that
// the figures of each are right. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "parsers/nginx_conf/logs.h"

namespace tailmeter {

struct NginxLogFile {
  std::string path;                            // or a pattern; of an input its address, as "syslog:" has it
  std::vector<const NginxAccessLog*> logs;     // the directives that write to it
  std::vector<const NginxLogFormat*> formats;  // each once
  bool is_doubled = false;                     // one request is written to it more than once
  bool is_syslog = false;
};

struct NginxSource {
  std::string name;
  std::vector<NginxLogFile> files;   // all of the same formats; of syslog one
  std::vector<std::string> exclude;  // what their patterns match and other logs are
};

struct NginxLogLeftOut {
  const NginxAccessLog* log;
  std::string reason;  // a sentence's end, behind what the log is called, with the way out
};

// Refers to the NginxLogs that it is made of.
struct NginxSources {
  std::vector<NginxSource> sources;
  std::vector<NginxLogLeftOut> left_out;
  bool are_doubled = false;  // some request is in several sources, or twice in one
};

[[nodiscard]] NginxSources nginx_sources(const NginxLogs& logs);

// The names of the fields that lines of the source have.
[[nodiscard]] std::vector<std::string> field_names(const NginxSource& source);

}  // namespace tailmeter
