// What dry-run prints: the metrics in one of three forms, and a summary of the lines.
#pragma once

#include <string>

#include "exporter/cli/recognized_rules.h"
#include "exporter/cli/unmatched.h"
#include "exporter/pipeline.h"
#include "rules/series/snapshot.h"

namespace tailmeter {

struct DryRunSummary {
  std::uint64_t lines = 0;
  std::uint64_t matched = 0;
  std::uint64_t unmatched = 0;
  std::uint64_t oversize = 0;
  double seconds = 0;
  UnmatchedReasons reasons;
  RecognizedLogs recognized;

  void add(const SourceCounts& counts);
};

inline constexpr std::size_t kReasonsShown = 3;

void append_dry_run_text(std::string& out, const Snapshot& snapshot);
void append_dry_run_table(std::string& out, const Snapshot& snapshot);
// {"recognized":[{"log":…,"preset":…,"prefix":[…],"telling":…,"of":…}],"lines":…,"matched":…,"unmatched":…,
// "oversize":…,"unmatched_examples":[…],"metrics":[…]}; values are strings, because a JSON number is a double to most
// readers. "looked_at" says in which rotated log, if not in the log itself.
void append_dry_run_json(std::string& out, const Snapshot& snapshot, const DryRunSummary& summary);

[[nodiscard]] std::string summary_text(const DryRunSummary& summary);

}  // namespace tailmeter
