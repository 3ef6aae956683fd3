#include "exporter/tail/outlet.h"

namespace tailmeter {

void Outlet::take_lines(std::string_view path, std::string_view lines) {
  totals_.line_bytes += lines.size();
  sink_.take({source_, path, lines});
}

void Outlet::take_unended_line(std::string_view path, std::string line) {
  if (!line.ends_with('\n')) {
    line += '\n';
    ++totals_.appended_newlines;
  }
  take_lines(path, line);
}

void Outlet::take_oversize(std::uint64_t line_bytes) {
  totals_.oversize_bytes += line_bytes;
  sink_.take_oversize(source_, line_bytes);
}

void Outlet::take_back(std::string_view path, std::uint64_t bytes, std::uint64_t uncertain_bytes) {
  totals_.taken_back_bytes += bytes;
  totals_.uncertain_bytes += uncertain_bytes;
  observer_.on_rolled_back(source_, path, uncertain_bytes);
}

void Outlet::lose(std::string_view path, std::uint64_t bytes, LossReason reason) {
  if (bytes == 0) return;
  totals_.lost_bytes += bytes;
  observer_.on_lost(source_, path, bytes, reason);
}

}  // namespace tailmeter
