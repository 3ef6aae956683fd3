#include "exporter/open_files.h"

#include <algorithm>

#include <sys/resource.h>

#include "exporter/web/http_limits.h"

namespace tailmeter {
namespace {

// For the state, the listing of directories, and what listens.
constexpr std::size_t kKeptBack = 64;

constexpr std::size_t kPartOfConnections = 16;  // a sixteenth

}  // namespace

OpenFiles take_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) limit = {1024, 1024};
  const rlimit raised{limit.rlim_max, limit.rlim_max};
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;  // a filter of system calls may forbid it
  const std::size_t all = limit.rlim_cur;
  const std::size_t connections = std::clamp<std::size_t>(all / kPartOfConnections, 1, HttpLimits{}.connections);
  return {all - std::min(kKeptBack + connections, all / 2), connections};
}

}  // namespace tailmeter
