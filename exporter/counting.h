// All that stands between the files and the series of one rule set. Other rules get another one as a whole.
//
// Belongs to the loop thread.
#pragma once

#include <memory>
#include <vector>

#include "exporter/input/inputs.h"
#include "exporter/pipeline.h"
#include "exporter/removed.h"
#include "exporter/self_metrics.h"
#include "exporter/tail/tail.h"
#include "exporter/tail_reporter.h"
#include "exporter/unmatched_reporter.h"
#include "rules/program/rule_set.h"

namespace tailmeter {

// A rule set, and where its sources' lines come from.
struct LoadedRules {
  std::unique_ptr<RuleSet> rules;
  std::vector<FollowedSource> sources;  // by the rule set's
  std::vector<InputPlace> inputs;
};

struct Counting {
  // `files` outlives it. `inputs` are those of the rules, and none of its own: they outlive a reload.
  Counting(LoadedRules loaded, FileSystem& files, const Inputs& inputs, const Limits& limits)
      : rules(std::move(loaded.rules)),
        sources(std::move(loaded.sources)),
        metrics(*rules, inputs),
        reporter(*rules, metrics),
        unmatched(*rules),
        pipeline(
            *rules, [this](const Mismatch& mismatch, std::string_view line) { unmatched.report(mismatch, line); },
            [this](SourceIndex source) { return unmatched.wants(source); }),
        tail(files, sources, pipeline, reporter, limits) {}
  Counting(const Counting&) = delete;
  Counting& operator=(const Counting&) = delete;

  const std::unique_ptr<RuleSet> rules;
  const std::vector<FollowedSource> sources;
  SelfMetrics metrics;
  TailReporter reporter;
  UnmatchedReporter unmatched;
  Pipeline pipeline;
  Tail tail;
  RemovedFamilies removed_families;
  RemovedSources removed_sources;  // and files of sources that they no longer follow
};

}  // namespace tailmeter
