#include "exporter/pipeline.h"

#include <cassert>
#include <cstring>

#include "rules/series/wall_clock.h"

namespace tailmeter {

LineEnds line_ends_of(const std::vector<Carrier>& carriers) {
  if (carriers.empty() || !brings_parts(carriers.front())) return {};
  return LineEnds([carrier = carriers.front()](std::string_view line, OpenStreams open) {
    return open_streams_behind(carrier, line, open);
  });
}

Pipeline::Pipeline(RuleSet& rules, UnmatchedListener on_unmatched, UnmatchedFilter is_wanted)
    : rules_(rules),
      on_unmatched_(std::move(on_unmatched)),
      is_wanted_(std::move(is_wanted)),
      counts_(rules.sources().size()) {
  for (const RuleSet::Source& source : rules.sources()) unwrappers_.emplace_back(source.rule.prefixes);
}

void Pipeline::take(const Batch& batch) {
  rules_.set_now(milliseconds_now());
  Unwrapper& unwrapper = unwrappers_[batch.source];
  const char* at = batch.bytes.data();
  const char* const end = at + batch.bytes.size();
  while (at != end) {
    const auto* const newline = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    assert(newline != nullptr);
    const std::string_view line(at, static_cast<std::size_t>(newline - at));
    at = newline + 1;
    if (const auto carried = unwrapper.unwrap(line, line.size() + 1)) take_carried(batch.source, batch.path, *carried);
  }
  while (const auto carried = unwrapper.take_unended()) take_carried(batch.source, batch.path, *carried);
  counts_[batch.source].last_line_seconds = seconds_now();
}

void Pipeline::take_carried(SourceIndex source, std::string_view path, const CarriedLine& carried) {
  SourceProgram& program = rules_.program(source);
  SourceCounts& counts = counts_[source];
  SourceCounts::Outcome* outcome = &counts.matched;
  if (carried.text.size() > rules_.sources()[source].rule.max_line_bytes) {
    outcome = &counts.oversize;
  } else if (carried.refusal != nullptr) {
    outcome = &counts.unmatched;
    if (is_heard(source)) on_unmatched_({carried.diverged, carried.refusal}, carried.text);
  } else if (!program.count(carried.text, path)) {
    outcome = &counts.unmatched;
    if (is_heard(source)) on_unmatched_(program.diagnose(carried.text), carried.text);
  }
  ++outcome->lines;
  outcome->bytes += carried.carried_bytes;
}

void Pipeline::take_oversize(SourceIndex source, std::uint64_t line_bytes) {
  ++counts_[source].oversize.lines;
  counts_[source].oversize.bytes += line_bytes;
}

}  // namespace tailmeter
