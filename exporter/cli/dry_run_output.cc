#include "exporter/cli/dry_run_output.h"

#include <algorithm>

#include <fmt/format.h>

#include "exporter/cli/samples.h"
#include "exporter/web/text_format.h"

namespace tailmeter {
namespace {

// `text` is valid UTF-8 without control characters but for newlines.
std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
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

void append_dry_run_text(std::string& out, const Snapshot& snapshot) {
  append_text(out, snapshot);
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
  out += fmt::format(R"({{"lines":{},"matched":{},"unmatched":{},"oversize":{},"unmatched_examples":[)", summary.lines,
                     summary.matched, summary.unmatched, summary.oversize);
  const char* separator = "";
  for (const UnmatchedReasons::Reason& reason : summary.reasons.most_frequent(kReasonsShown)) {
    out += fmt::format(R"({}{{"reason":{},"lines":{},"offset":{},"example":{}}})", separator, json_string(reason.text),
                       reason.lines, reason.offset, json_string(reason.example));
    separator = ",";
  }
  out += R"(],"metrics":[)";
  separator = "";
  for (const Sample& sample : samples_of(snapshot)) {
    out += fmt::format(R"({}{{"name":{},"labels":{{)", separator, json_string(sample.name));
    separator = "";
    for (const auto& [name, value] : sample.labels) {
      out += fmt::format("{}{}:{}", separator, json_string(name), json_string(value));
      separator = ",";
    }
    out += fmt::format(R"(}},"value":"{}"}})", to_string(sample.value));
    separator = ",";
  }
  out += "]}\n";
}

std::string summary_text(const DryRunSummary& summary) {
  std::string out = fmt::format("{} lines: {} matched, {} unmatched, {} oversize", summary.lines, summary.matched,
                                summary.unmatched, summary.oversize);
  if (summary.seconds > 0)
    out += fmt::format("; {} lines/s", rate_text(static_cast<double>(summary.lines) / summary.seconds));
  out += '\n';
  for (const UnmatchedReasons::Reason& reason : summary.reasons.most_frequent(kReasonsShown)) {
    out += fmt::format("  {} × {}, such as (from byte {})\n      {}\n", reason.lines, reason.text, reason.offset,
                       reason.example);
  }
  return out;
}

}  // namespace tailmeter
