#include "exporter/cli/nginx_files.h"

#include <filesystem>
#include <stdexcept>

#include <glob.h>

#include "exporter/files/text_file.h"

namespace tailmeter {
namespace {

// As nginx does it, by glob(3) without flags: sorted, and silent about folders that cannot be read.
std::vector<std::string> expand(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> names;
  const int outcome = ::glob(pattern.c_str(), 0, nullptr, &found);
  if (outcome == 0) names.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return names;
}

}  // namespace

NginxLogs read_nginx_configuration(const std::string& path, const NginxBuild& build) {
  return read_nginx_logs(std::filesystem::absolute(path).lexically_normal(), {expand, read_text_file}, build);
}

}  // namespace tailmeter
