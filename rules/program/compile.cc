#include "rules/program/compile.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>

#include "rules/file/print.h"
#include "rules/program/source_compiler.h"
#include "rules/series/label_text.h"

namespace tailmeter {
namespace {

SeriesKind series_kind(MetricKind kind) {
  switch (kind) {
    case MetricKind::kCounter:
      return SeriesKind::kCounter;
    case MetricKind::kGauge:
      return SeriesKind::kGauge;
    case MetricKind::kSummary:
      return SeriesKind::kSummary;
    case MetricKind::kTop:
      return SeriesKind::kTop;
    case MetricKind::kDistinct:
      return SeriesKind::kDistinct;
    case MetricKind::kRatio:
      return SeriesKind::kRatio;
    case MetricKind::kHistogram:
    case MetricKind::kDuration:
      break;
  }
  return SeriesKind::kHistogram;
}

// What the entries of each metric count; entries that count alike, of other sources, are one.
std::map<std::string, std::set<std::string>> meanings_of(const std::vector<MetricRule>& metrics) {
  std::map<std::string, std::set<std::string>> meanings;
  for (const MetricRule& metric : metrics) meanings[metric.name.value].insert(print_meaning(metric));
  return meanings;
}

FamilyDescription describe(const MetricRule& metric, const std::set<std::string>& meanings) {
  FamilyDescription description;
  description.name = metric.name.value;
  for (const std::string& meaning : meanings) description.meaning += meaning;
  description.help = metric.help;
  description.unit = metric.unit;
  description.kind = series_kind(metric.kind);
  for (const LabelRule& label : metric.labels) description.label_names.push_back(label.name.value);
  description.bounds = metric.buckets;
  description.max_series = metric.max_series;
  if (metric.native) description.native = {metric.native->schema, metric.native->max_buckets};
  if (metric.exemplar) description.exemplar_label = metric.exemplar->name.value;
  description.quantiles = metric.quantiles;
  description.window_ms = metric.window_ms;
  description.ttl_ms = metric.ttl_ms;
  if (metric.kind == MetricKind::kTop) description.shown = metric.shown;
  return description;
}

// The loader saw to it that entries of one name have the same labels, in whatever order.
std::vector<std::size_t> label_order(const MetricRule& metric, const Family& family) {
  std::vector<std::size_t> order;
  for (const std::string& name : family.description().label_names) {
    const auto found = std::find_if(metric.labels.begin(), metric.labels.end(),
                                    [&](const LabelRule& label) { return label.name.value == name; });
    if (found != metric.labels.end()) order.push_back(static_cast<std::size_t>(found - metric.labels.begin()));
  }
  return order;
}

// Tells the jobs of an entry from those of the metric's others.
std::string scope_of(const MetricRule& rule, const std::vector<std::unique_ptr<OpenJobs>>& others) {
  const std::string meaning = print_meaning(rule);
  std::size_t alike = 0;
  std::string scope = meaning;
  const auto has_scope = [&](const std::unique_ptr<OpenJobs>& other) { return other->scope() == scope; };
  while (std::any_of(others.begin(), others.end(), has_scope)) scope = fmt::format("{}{}", meaning, ++alike);
  return scope;
}

void add_once(std::vector<std::string>& texts, const std::string& text) {
  if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
}

// Series are small, but those with sketches are not, least of all one for each slice of a window.
void check_memory(const MetricRule& rule, const FamilyDescription& family, const std::string& where,
                  Diagnostics& diagnostics) {
  if (family.kind == SeriesKind::kTop || family.label_names.empty()) return;
  const std::size_t series_bytes = CellLayout(family).size * sizeof(std::uint64_t);
  const std::size_t series_max = kMaxFamilyBytes / series_bytes;
  if (rule.max_series <= series_max) return;
  diagnostics.error(
      rule.name.place,
      fmt::format("{}: {} series of {} KiB each are more than the {} MiB that one metric may take: say "
                  "max_series: {} or less",
                  where, rule.max_series, series_bytes / 1024, kMaxFamilyBytes / 1024 / 1024, series_max));
}

// Counts are worth showing before the first line: an alert on a series that does not exist yet never fires.
void show_from_the_start(const MetricRule& rule, Family& family) {
  const bool has_labels = std::any_of(rule.labels.begin(), rule.labels.end(),
                                      [](const LabelRule& label) { return !label.from.value.empty(); });
  const SeriesKind kind = family.description().kind;
  const bool has_start = kind != SeriesKind::kGauge && kind != SeriesKind::kRatio && kind != SeriesKind::kTop;
  if (has_start && !has_labels) family.declare(std::vector<std::string>(family.description().label_names.size()));
  for (const InitRule& set : rule.init) {
    std::vector<std::string> values;
    for (const std::string& name : family.description().label_names) {
      const auto label = std::find_if(set.labels.begin(), set.labels.end(),
                                      [&](const auto& given) { return given.first.value == name; });
      values.push_back(label != set.labels.end() ? clean_label_value(label->second.value) : std::string());
    }
    family.declare(values);
  }
}

}  // namespace

std::unique_ptr<RuleSet> compile_rules(RuleFile file, Diagnostics& diagnostics) {
  std::vector<SourceCompiler> compilers;
  compilers.reserve(file.sources.size());
  for (std::size_t i = 0; i < file.sources.size(); ++i) {
    compilers.emplace_back(file.sources[i], fmt::format("sources[{}] \"{}\"", i, file.sources[i].name.value),
                           file.country_of, diagnostics);
  }
  auto budget = std::make_unique<SeriesBudget>(SeriesBudget{static_cast<std::int64_t>(file.max_series)});
  std::vector<RuleSet::Metric> metrics;
  std::map<std::string, std::size_t> metric_by_name;
  std::map<std::string, std::size_t> most_series;  // of the entries of one name
  for (const MetricRule& rule : file.metrics) {
    std::size_t& most = most_series[rule.name.value];
    most = std::max(most, rule.max_series);
  }
  const std::map<std::string, std::set<std::string>> meanings = meanings_of(file.metrics);
  for (std::size_t i = 0; i < file.metrics.size(); ++i) {
    MetricRule& rule = file.metrics[i];
    rule.max_series = most_series.at(rule.name.value);
    const auto [known, is_new] = metric_by_name.emplace(rule.name.value, metrics.size());
    if (is_new) {
      metrics.push_back({std::make_unique<Family>(describe(rule, meanings.at(rule.name.value)), budget.get()),
                         std::make_unique<MetricStatistics>()});
      check_memory(rule, metrics.back().family->description(), fmt::format("metrics[{}] \"{}\"", i, rule.name.value),
                   diagnostics);
    }
    RuleSet::Metric& metric = metrics[known->second];
    show_from_the_start(rule, *metric.family);
    if (rule.value) add_once(metric.value_texts, rule.value->from.value);
    if (rule.kind == MetricKind::kDuration) add_once(metric.value_texts, rule.key.value);
    if (rule.kind == MetricKind::kDistinct) add_once(metric.value_texts, rule.of.value);
    for (const Text& list : rule.each) add_once(metric.value_texts, list.value);
    for (const LabelRule& label : rule.labels) {
      if (rule.kind == MetricKind::kTop) add_once(metric.value_texts, label.from.value);
    }
    if (rule.kind == MetricKind::kDuration)
      metric.jobs.push_back(std::make_unique<OpenJobs>(scope_of(rule, metric.jobs), rule.max_open));
    const SourceCompiler::Target target{
        .family = *metric.family,
        .statistics = *metric.statistics,
        .learners = metric.learners,
        .label_order = label_order(rule, *metric.family),
        .jobs = metric.jobs.empty() ? nullptr : metric.jobs.back().get(),
    };
    const std::string where = fmt::format("metrics[{}] \"{}\"", i, rule.name.value);
    for (std::size_t source = 0; source < file.sources.size(); ++source) {
      const bool is_read = rule.sources.empty() ||
                           std::any_of(rule.sources.begin(), rule.sources.end(),
                                       [&](const Text& name) { return name.value == file.sources[source].name.value; });
      if (is_read) compilers[source].add(rule, where, target);
    }
  }
  std::vector<RuleSet::Source> sources;
  for (std::size_t i = 0; i < file.sources.size(); ++i)
    sources.push_back({file.sources[i], compilers[i].finish(), compilers[i].notes()});
  return std::make_unique<RuleSet>(std::move(sources), std::move(metrics), std::move(budget), std::move(file.tests));
}

std::unique_ptr<RuleSet> read_rules(const std::string& name, const std::string& text, const RuleFileLinks& links) {
  Diagnostics diagnostics(name, text);
  RuleFile file = load_rule_file(text, diagnostics, {}, links);
  diagnostics.throw_if_errors();
  std::unique_ptr<RuleSet> rules = compile_rules(std::move(file), diagnostics);
  diagnostics.throw_if_errors();
  return rules;
}

}  // namespace tailmeter
