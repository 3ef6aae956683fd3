#include "exporter/tail/surplus.h"

#include <algorithm>
#include <map>

namespace tailmeter {
namespace {

using Counts = std::map<std::string_view, std::size_t>;

// How many of each log there is room for; one at least.
std::size_t share_of_log(const Counts& counts, std::size_t of_log_max, std::size_t of_source_max) {
  for (std::size_t share = of_log_max; share > 1; --share) {
    std::size_t sum = 0;
    for (const auto& [log, count] : counts) sum += std::min(count, share);
    if (sum <= of_source_max) return share;
  }
  return std::min<std::size_t>(of_log_max, 1);
}

}  // namespace

std::vector<bool> find_surplus(const std::vector<std::string_view>& logs, std::size_t of_log_max,
                               std::size_t of_source_max) {
  std::vector<bool> surplus(logs.size());
  if (logs.size() <= std::min(of_log_max, of_source_max)) return surplus;
  Counts counts;
  for (const std::string_view log : logs) ++counts[log];
  const std::size_t share = share_of_log(counts, of_log_max, of_source_max);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    std::size_t& count = counts[logs[i]];
    surplus[i] = count > share;
    if (surplus[i]) --count;
    kept += surplus[i] ? 0 : 1;
  }
  for (std::size_t i = 0; kept > of_source_max; ++i) {  // more logs than there is room for
    if (surplus[i]) continue;
    surplus[i] = true;
    --kept;
  }
  return surplus;
}

}  // namespace tailmeter
