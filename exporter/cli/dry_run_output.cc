#include "exporter/cli/dry_run_output.h"

#include <algorithm>

#include <fmt/format.h>

#include "exporter/web/exposition/json_format.h"
#include "parsers/clean_text.h"
#include "rules/file/print.h"
#include "rules/series/sample_list.h"

namespace tailmeter {
namespace {

constexpr std::size_t kMaxShownBytes = 4096;  // of a path: PATH_MAX

std::string shown(const std::string& path) {
  return clean_text(path, kMaxShownBytes);
}

void append_recognized(std::string& out, const RecognizedLogs& logs) {
  const char* separator = "";
  for (const auto& [path, log] : logs) {
    const Recognition& found = log.recognition;
    std::vector<std::string> prefixes;
    for (const Carrier carrier : found.prefixes) prefixes.push_back(json_string(carrier_name(carrier)));
    out += fmt::format(R"({}{{"log":{},)", separator, json_string(shown(path)));
    if (log.looked_at != path) out += fmt::format(R"("looked_at":{},)", json_string(shown(log.looked_at)));
    out += fmt::format(R"("preset":{},"prefix":[{}],"telling":{},"of":{}}})", json_string(found.preset),
                       fmt::join(prefixes, ","), found.telling, found.lines);
    separator = ",";
  }
}

std::string rate_text(double lines_per_second) {
  if (lines_per_second >= 1e6) return fmt::format("{:.1f} million", lines_per_second / 1e6);
  return fmt::format("{:.0f}", lines_per_second);
}

}  // namespace

void DryRunSummary::add(const SourceCounts& counts) {
  lines += counts.lines();
  matched += counts.matched.lines;
  unmatched += counts.unmatched.lines;
  oversize += counts.oversize.lines;
}

void DryRunSummary::add_skipped(const RuleSet& rules) {
  for (const RuleSet::Metric& metric : rules.metrics()) {
    const MetricStatistics& statistics = *metric.statistics;
    const std::string value = fmt::format("{}", fmt::join(metric.value_texts, " or "));
    const auto add_reason = [&](const char* reason, std::string text, SkipReason skip) {
      const std::uint64_t count = statistics.skipped_lines[static_cast<std::size_t>(skip)];
      if (count > 0) skipped.push_back({metric.family->description().name, reason, std::move(text), count});
    };
    add_reason("no_value", "no " + value, SkipReason::kNoValue);
    add_reason("not_a_number", value + " that is no number", SkipReason::kNotANumber);
    add_reason("negative", value + " below 0", SkipReason::kNegative);
    add_reason("unpaired", "an end without a start, or a start that will have no end", SkipReason::kUnpaired);
  }
}

void append_dry_run_table(std::string& out, const Snapshot& snapshot) {
  std::vector<std::pair<std::string, std::string>> rows;
  std::size_t series_width = 0;
  std::size_t value_width = 0;
  for (const Sample& sample : samples_of(snapshot)) {
    rows.emplace_back(series_text(sample), to_string(sample.value));
    series_width = std::max(series_width, rows.back().first.size());
    value_width = std::max(value_width, rows.back().second.size());
  }
  for (const auto& [series, value] : rows)
    out += fmt::format("{:<{}}  {:>{}}\n", series, series_width, value, value_width);
}

void append_dry_run_json(std::string& out, const Snapshot& snapshot, const DryRunSummary& summary) {
  out += R"({"recognized":[)";
  append_recognized(out, summary.recognized);
  out += fmt::format(R"(],"lines":{},"matched":{},"unmatched":{},"oversize":{},"unmatched_examples":[)", summary.lines,
                     summary.matched, summary.unmatched, summary.oversize);
  const char* separator = "";
  for (const UnmatchedReasons::Reason& reason : summary.reasons.most_frequent(kReasonsShown)) {
    out += fmt::format(R"({}{{"reason":{},"lines":{},"byte":{},"example":{}}})", separator, json_string(reason.text),
                       reason.lines, reason.offset + 1, json_string(reason.example));
    separator = ",";
  }
  out += R"(],"skipped_updates":[)";
  separator = "";
  for (const SkippedUpdates& one : summary.skipped) {
    out += fmt::format(R"({}{{"metric":{},"reason":{},"text":{},"lines":{}}})", separator, json_string(one.metric),
                       json_string(one.reason), json_string(one.text), one.lines);
    separator = ",";
  }
  out += R"(],"metrics":)";
  append_json(out, snapshot);
  out += "}\n";
}

std::string summary_text(const DryRunSummary& summary) {
  std::string out;
  for (const auto& [path, log] : summary.recognized)
    out += fmt::format("{}: {}\n", path == "-" ? "standard input" : shown(path), recognition_text(path, log));
  out += fmt::format("{} lines: {} matched, {} unmatched, {} oversize", summary.lines, summary.matched,
                     summary.unmatched, summary.oversize);
  if (summary.seconds > 0)
    out += fmt::format("; {} lines/s", rate_text(static_cast<double>(summary.lines) / summary.seconds));
  out += '\n';
  for (const UnmatchedReasons::Reason& reason : summary.reasons.most_frequent(kReasonsShown)) {
    out += fmt::format("  {} × {}, such as (from byte {})\n      {}\n", reason.lines, reason.text, reason.offset + 1,
                       reason.example);
  }
  for (const SkippedUpdates& one : summary.skipped)
    out += fmt::format("  {}: {} {} had {}\n", one.metric, one.lines, one.lines == 1 ? "line" : "lines", one.text);
  return out;
}

}  // namespace tailmeter
