// The logs of an nginx configuration: which formats there are, and which access logs are written in them.
//
// Sources: ngx_http_log_module.html, ngx_http_log_module.c.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/escape.h"
#include "parsers/nginx_conf/directives.h"

namespace tailmeter {

// What is built into an nginx; `nginx -V` prints it. The defaults are those of Debian's package.
struct NginxBuild {
  std::string prefix = "/usr/share/nginx";               // --prefix=; the official container image has /etc/nginx
  std::string access_log = "/var/log/nginx/access.log";  // --http-log-path=
  std::string error_log = "/var/log/nginx/error.log";    // --error-log-path=
};

struct NginxLogFormat {
  struct Piece {
    std::size_t offset = 0;  // of its text in the format's
    int line = 0;
  };

  std::string name;
  std::string text;  // of all its pieces, as parse_log_format() takes it
  Escaping escaping = Escaping::kDefault;
  bool is_of_stream = false;
  NginxPlace place;
  std::vector<Piece> pieces;

  // Where the byte `offset` of the text is written.
  [[nodiscard]] NginxPlace place_of(std::size_t offset) const;
};

// One access_log directive, or the log that nginx writes without one.
struct NginxAccessLog {
  enum class Target { kFile, kSyslog, kOff };

  Target target = Target::kFile;
  std::string path;       // kFile: absolute, a pattern if has_variables; kSyslog: its parameters, "server=..."
  std::string format;     // a name; "" with kOff
  std::string condition;  // if=, such as "$loggable"; "" when every request is logged
  std::string buffer;     // buffer=, or "64k" when gzip sets it; "" when each line is written at once
  std::string flush;      // flush=
  bool is_compressed = false;
  bool has_variables = false;
  bool is_of_stream = false;
  bool is_used = false;                   // some request comes to where it holds; if not, it stays empty
  NginxPlace place;                       // file "" for the log without a directive
  std::vector<std::string> server_names;  // of the servers where it holds, the first 20
};

struct NginxLogs {
  std::vector<NginxLogFormat> formats;             // "combined" first
  std::vector<NginxAccessLog> logs;                // in the order of the configuration
  std::vector<std::string> error_logs;             // the files, with the one built in
  std::vector<std::vector<std::size_t>> together;  // logs that one request is written to, where there are several

  // A format of http or, if it has none of this name, of stream. Null if there is none.
  [[nodiscard]] const NginxLogFormat* find_format(std::string_view name) const;
};

// Throws NginxConfError.
[[nodiscard]] NginxLogs read_nginx_logs(const std::string& file, const NginxFiles& files, const NginxBuild& build = {},
                                        const NginxConfLimits& limits = {});

}  // namespace tailmeter
