// web.yml read as a whole, with the certificates that it names.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exporter/files/file_stamp.h"
#include "exporter/web/access/web_config.h"

struct ssl_ctx_st;

namespace tailmeter {

struct WebSettings {
  WebConfig config;
  std::shared_ptr<ssl_ctx_st> tls_context;  // null without TLS
  std::string warnings;                     // several lines, or ""
};

// Files that were looked at, each as it was before it was read.
using FileStamps = std::vector<std::pair<std::string, FileStamp>>;

// What `path` says. `stamps` gets the files, also when this throws: RuleFileError if something is wrong in them,
// std::system_error, with what() ready to print, if `path` itself cannot be read.
[[nodiscard]] WebSettings read_web_settings(const std::string& path, FileStamps& stamps);

}  // namespace tailmeter
