#include <stdexcept>

#include "rules/file/document.h"
#include "rules/file/preset_expansion.h"
#include "rules/file/rule_file.h"
#include "rules/file/sections.h"
#include "rules/file/value.h"

namespace tailmeter {
namespace {

const Keys kFileKeys = {{"sources", "metrics", "tests", "max_series", "geoip"}, {}};

void read_geoip(const Value& value, const RuleFileLinks& links, RuleFile& rules) {
  rules.geoip = value.text();
  if (rules.geoip->value.empty()) return;
  try {
    if (!links.geoip) throw std::runtime_error("no file is read here");
    rules.country_of = links.geoip(rules.geoip->value);
  } catch (const std::runtime_error& error) {
    value.error(error.what());
  }
}

}  // namespace

RuleFile load_rule_file(const std::string& text, Diagnostics& diagnostics, const RuleFileLimits& limits,
                        const RuleFileLinks& links) {
  RuleFile rules;
  auto document = read_document(text, diagnostics, limits);
  if (!document) return rules;
  expand_presets(*document, diagnostics);
  const Value file(*document, "", diagnostics);
  if (!file.is_mapping()) {
    file.expected("a mapping with sources, metrics and tests");
    return rules;
  }
  if (file.has_only(kFileKeys)) file.require({"sources"});
  Names sources;
  if (const auto section = file.find("sources")) rules.sources = read_sources(*section, sources, links);
  if (const auto section = file.find("metrics")) rules.metrics = read_metrics(*section, sources);
  if (const auto section = file.find("tests")) rules.tests = read_tests(*section, sources);
  if (const auto series = file.find("max_series"))
    rules.max_series = series->whole_number(1, kLargestMaxSeriesInAll).value_or(rules.max_series);
  if (const auto geoip = file.find("geoip")) read_geoip(*geoip, links, rules);
  return rules;
}

}  // namespace tailmeter
