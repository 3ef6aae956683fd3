// Where one source's lines and news go, and the account of its bytes.
//
// Every byte that is read ends in exactly one of the totals; together with the bytes of unended last lines they are all
// the bytes that the source's files had from where we began.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "exporter/lines/line_ends.h"
#include "exporter/tail/tail_observer.h"

namespace tailmeter {

struct ByteTotals {
  std::uint64_t line_bytes = 0;         // handed over in batches
  std::uint64_t oversize_bytes = 0;     // skipped, for the line did not fit
  std::uint64_t nul_bytes = 0;          // skipped at the start of a truncated file
  std::uint64_t lost_bytes = 0;         // proven to be gone unread
  std::uint64_t appended_newlines = 0;  // in line_bytes, but not in the files
  std::uint64_t taken_back_bytes = 0;   // counted above, and then taken back from the file by a crash of the machine
  std::uint64_t uncertain_bytes = 0;    // of what is behind such a place, the part that may be counted twice

  bool operator==(const ByteTotals&) const = default;
};

class Outlet {
 public:
  Outlet(SourceIndex source, LineEnds line_ends, LineSink& sink, TailObserver& observer)
      : source_(source), line_ends_(std::move(line_ends)), sink_(sink), observer_(observer) {}

  // How the source's files are cut into lines.
  [[nodiscard]] const LineEnds& line_ends() const { return line_ends_; }

  void take_lines(std::string_view path, std::string_view lines);
  // A last line that nobody will end, and that may lack its newline or only parts to come.
  void take_unended_line(std::string_view path, std::string line);
  void take_oversize(std::uint64_t line_bytes);
  void skip_nuls(std::uint64_t bytes) { totals_.nul_bytes += bytes; }

  // The file goes on from `bytes` before the place up to which it was read.
  void take_back(std::string_view path, std::uint64_t bytes, std::uint64_t uncertain_bytes);

  // No bytes are no news.
  void lose(std::string_view path, std::uint64_t bytes, LossReason reason);

  [[nodiscard]] SourceIndex source() const { return source_; }
  [[nodiscard]] TailObserver& observer() const { return observer_; }
  [[nodiscard]] const ByteTotals& totals() const { return totals_; }
  void restore(const ByteTotals& totals) { totals_ = totals; }

 private:
  SourceIndex source_;
  LineEnds line_ends_;
  LineSink& sink_;
  TailObserver& observer_;
  ByteTotals totals_;
};

}  // namespace tailmeter
