// The sections of a rule file, each read in a .cc of its own: shape to rules, with reports for what has another shape.
#pragma once

#include <vector>

#include "rules/file/names.h"
#include "rules/file/rule_file.h"
#include "rules/file/value.h"

namespace tailmeter {

// Puts the sources' names into `names`.
[[nodiscard]] std::vector<SourceRule> read_sources(const Value& section, Names& names, const RuleFileLinks& links);
[[nodiscard]] std::vector<MetricRule> read_metrics(const Value& section, const Names& sources);
[[nodiscard]] std::vector<TestRule> read_tests(const Value& section, const Names& sources);

// A source's name, which must be one of `sources`.
[[nodiscard]] Text read_source_name(const Value& value, const Names& sources);

// labels: of a metric.
[[nodiscard]] std::vector<LabelRule> read_labels(const Value& labels);

struct MetricEntry {
  Value entry;  // where to report
  MetricRule rule;
};
// Entries with one name are one family and must agree about it; and no two families may write series of the same name.
void check_families(const std::vector<MetricEntry>& metrics);
// Warns of each name, of a metric or a label, that Prometheus' linter refuses.
void warn_of_names(const std::vector<MetricEntry>& metrics);

}  // namespace tailmeter
