// What dry-run prints besides the expositions that are served, too: tables and JSON, and a summary of the lines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "exporter/cli/recognized_rules.h"
#include "exporter/cli/unmatched.h"
#include "exporter/pipeline.h"
#include "rules/program/rule_set.h"
#include "rules/series/snapshot.h"

namespace tailmeter {

// Updates of one metric that lines should have made and did not, for one reason.
struct SkippedUpdates {
  std::string metric;
  std::string reason;  // as tailmeter_updates_skipped_total has it
  std::string text;    // what the lines had not: "no $request_time"
  std::uint64_t lines = 0;
};

struct DryRunSummary {
  std::uint64_t lines = 0;
  std::uint64_t matched = 0;
  std::uint64_t unmatched = 0;
  std::uint64_t oversize = 0;
  double seconds = 0;
  UnmatchedReasons reasons;
  RecognizedLogs recognized;
  std::vector<SkippedUpdates> skipped;

  void add(const SourceCounts& counts);
  void add_skipped(const RuleSet& rules);
};

inline constexpr std::size_t kReasonsShown = 3;

void append_dry_run_table(std::string& out, const Snapshot& snapshot);
// {"recognized":[{"log":…,"preset":…,"prefix":[…],"telling":…,"of":…}],"lines":…,"matched":…,"unmatched":…,
// "oversize":…,"unmatched_examples":[…],"skipped_updates":[…],"metrics":[…]}; values are strings, because a JSON number
// is a double to most readers. "looked_at" says in which rotated log, if not in the log itself.
void append_dry_run_json(std::string& out, const Snapshot& snapshot, const DryRunSummary& summary);

[[nodiscard]] std::string summary_text(const DryRunSummary& summary);

}  // namespace tailmeter
