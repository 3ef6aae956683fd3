#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "rules/file/metric_kinds.h"
#include "rules/file/sections.h"

namespace tailmeter {
namespace {

std::set<std::string_view> label_names(const MetricRule& rule) {
  std::set<std::string_view> names;
  for (const LabelRule& label : rule.labels) names.insert(label.name.value);
  return names;
}

// What a family's lines may be called in one of the formats that are served: OpenMetrics calls the family of a_total a,
// and a client may ask for a_created.
std::vector<std::string> written_names(const MetricRule& rule) {
  const std::string& name = rule.name.value;
  switch (rule.kind) {
    case MetricKind::kCounter:
    case MetricKind::kDistinct: {
      if (rule.window_ms != 0) return {name};
      const std::string base = name.substr(0, name.rfind("_total"));
      return {name, base, base + "_created"};
    }
    case MetricKind::kGauge:
    case MetricKind::kRatio:
      return {name};
    case MetricKind::kTop:
      return {name, name + "_error"};
    case MetricKind::kSummary:
      return {name, name + "_sum", name + "_count", name + "_created"};
    case MetricKind::kHistogram:
    case MetricKind::kDuration:
      return {name, name + "_bucket", name + "_sum", name + "_count", name + "_created"};
  }
  return {};
}

// The first name that one of them has alone.
std::string label_of_one(const std::set<std::string_view>& left, const std::set<std::string_view>& right) {
  std::vector<std::string_view> names;
  std::set_symmetric_difference(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(names));
  return std::string(names.front());
}

bool is_histogram(const MetricRule& rule) {
  return rule.kind == MetricKind::kHistogram || rule.kind == MetricKind::kDuration;
}

std::string_view exemplar_label(const MetricRule& rule) {
  return rule.exemplar ? std::string_view(rule.exemplar->name.value) : std::string_view();
}

void check_same(const MetricEntry& metric, const MetricRule& first) {
  const MetricRule& rule = metric.rule;
  const auto refuse = [&](std::string_view what) {
    metric.entry.error(rule.name.place,
                       fmt::format("the entry in line {} has the same name, but {}", first.name.place.line, what));
  };
  // One tool says how long it took, of another the beginning and the end are known: both are observations.
  if (rule.kind != first.kind && !(is_histogram(rule) && is_histogram(first))) {
    refuse(fmt::format("is a {}", kind_name(first.kind)));
  } else if (label_names(rule) != label_names(first)) {
    const std::string name = label_of_one(label_names(rule), label_names(first));
    refuse(fmt::format("other labels; in the one that has no {}, say {}: ''", quoted(name), name));
  } else if (rule.buckets != first.buckets || rule.native != first.native) {
    refuse("other buckets");
  } else if (exemplar_label(rule) != exemplar_label(first)) {
    refuse("another label of its exemplars");
  } else if (rule.window_ms != first.window_ms) {
    refuse("another window");
  } else if (rule.quantiles != first.quantiles) {
    refuse("other quantiles");
  } else if (rule.shown != first.shown) {
    refuse("another k");
  } else if (rule.ttl_ms != first.ttl_ms) {
    refuse("another ttl");
  }
}

}  // namespace

void check_families(const std::vector<MetricEntry>& metrics) {
  std::map<std::string, const MetricRule*> families;
  std::map<std::string, const MetricRule*> helps;  // the first entry with a help text
  std::map<std::string, const MetricRule*> writers;
  for (const MetricEntry& metric : metrics) {
    const MetricRule& rule = metric.rule;
    const std::string& name = rule.name.value;
    if (!is_name(name)) continue;  // reported
    const auto [family, is_new] = families.emplace(name, &rule);
    if (!is_new) check_same(metric, *family->second);
    if (!rule.help.empty()) {
      const MetricRule& first = *helps.emplace(name, &rule).first->second;
      if (first.help != rule.help) {
        metric.entry.error(rule.name.place, fmt::format("the entry in line {} has the same name, but another help",
                                                        first.name.place.line));
      }
    }
    if (!is_new) continue;
    for (const std::string& written : written_names(rule)) {
      const auto [writer, is_free] = writers.emplace(written, &rule);
      if (is_free || writer->second == &rule) continue;
      const MetricRule& first = *writer->second;
      metric.entry.error(rule.name.place,
                         fmt::format("the {} {} in line {} writes {} too", kind_name(first.kind),
                                     quoted(first.name.value), first.name.place.line, quoted(written)));
      break;
    }
  }
}

}  // namespace tailmeter
