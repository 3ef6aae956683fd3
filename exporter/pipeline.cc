#include "exporter/pipeline.h"

#include <cassert>
#include <chrono>
#include <cstring>

namespace tailmeter {

Pipeline::Pipeline(RuleSet& rules, UnmatchedListener on_unmatched)
    : rules_(rules), on_unmatched_(std::move(on_unmatched)), counts_(rules.sources().size()) {}

void Pipeline::take(const Batch& batch) {
  SourceCounts& counts = counts_[batch.source];
  SourceProgram& program = rules_.program(batch.source);
  const std::size_t max_line_bytes = rules_.sources()[batch.source].rule.max_line_bytes;
  const char* at = batch.bytes.data();
  const char* const end = at + batch.bytes.size();
  while (at != end) {
    const auto* const newline = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    assert(newline != nullptr);
    std::string_view line(at, static_cast<std::size_t>(newline - at));
    const std::size_t line_bytes = line.size() + 1;
    at = newline + 1;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    SourceCounts::Outcome* outcome = &counts.matched;
    if (line.size() > max_line_bytes) {
      outcome = &counts.oversize;
    } else if (!program.count(line, batch.path)) {
      outcome = &counts.unmatched;
      if (on_unmatched_) on_unmatched_(batch.source, line);
    }
    ++outcome->lines;
    outcome->bytes += line_bytes;
  }
  counts.last_line_seconds = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

void Pipeline::take_oversize(SourceIndex source, std::uint64_t line_bytes) {
  ++counts_[source].oversize.lines;
  counts_[source].oversize.bytes += line_bytes;
}

}  // namespace tailmeter
