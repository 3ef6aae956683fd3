// From bytes to updates: cuts batches into lines, takes off what carried them, and counts each by its source's rules.
//
// run, dry-run and test all go through here, so that the same bytes give the same numbers. Belongs to the loop thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "exporter/lines/line_ends.h"
#include "exporter/lines/line_sink.h"
#include "parsers/carrier.h"
#include "parsers/parser.h"
#include "rules/program/rule_set.h"

namespace tailmeter {

// What became of one source's lines. Bytes include line ends, so that the three add up to the bytes taken.
struct SourceCounts {
  struct Outcome {
    std::uint64_t lines = 0;
    std::uint64_t bytes = 0;
  };
  Outcome matched;
  Outcome unmatched;
  Outcome oversize;
  double last_line_seconds = 0;  // wall clock when lines last arrived; 0: never

  [[nodiscard]] std::uint64_t lines() const { return matched.lines + unmatched.lines + oversize.lines; }
  [[nodiscard]] std::uint64_t bytes() const { return matched.bytes + unmatched.bytes + oversize.bytes; }
};

// How the files of a source with such carriers are cut, so that all parts of a line come in one batch.
[[nodiscard]] LineEnds line_ends_of(const std::vector<Carrier>& carriers);

class Pipeline final : public LineSink {
 public:
  using UnmatchedListener = std::function<void(const Mismatch& mismatch, std::string_view line)>;
  // Whether the listener is to hear the next unmatched line of `source`: to find out why takes longer than to count.
  using UnmatchedFilter = std::function<bool(SourceIndex source)>;

  // `rules` outlives the pipeline. The listener, if any, hears each line that a carrier or all formats refused, and
  // why; with a filter, only those that it was asked about just before and wants.
  explicit Pipeline(RuleSet& rules, UnmatchedListener on_unmatched = {}, UnmatchedFilter is_wanted = {});

  void take(const Batch& batch) override;
  void take_oversize(SourceIndex source, std::uint64_t line_bytes) override;

  [[nodiscard]] const SourceCounts& counts(SourceIndex source) const { return counts_[source]; }
  void restore(SourceIndex source, const SourceCounts& counts) { counts_[source] = counts; }

 private:
  [[nodiscard]] bool is_heard(SourceIndex source) const { return on_unmatched_ && (!is_wanted_ || is_wanted_(source)); }
  void take_carried(SourceIndex source, std::string_view path, const CarriedLine& carried);

  RuleSet& rules_;
  UnmatchedListener on_unmatched_;
  UnmatchedFilter is_wanted_;
  std::vector<SourceCounts> counts_;
  std::vector<Unwrapper> unwrappers_;
};

}  // namespace tailmeter
