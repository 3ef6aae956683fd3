#include "rules/file/print.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "rules/file/metric_kinds.h"

namespace tailmeter {
namespace {

// The size of the control character that `text` begins with, or 0: U+0080 to U+009F have two bytes in UTF-8.
std::size_t control_size(std::string_view text) {
  const auto byte = static_cast<unsigned char>(text.front());
  if (byte < 0x20 || byte == 0x7F) return 1;
  return byte == 0xC2 && text.size() > 1 && static_cast<unsigned char>(text[1]) < 0xA0 ? 2 : 0;
}

std::string in_double_quotes(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t size = control_size(text);
    if (size > 0) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[size - 1]));
    if (text.front() == '"' || text.front() == '\\') out += '\\';
    if (size == 0) out += text.front();
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out + '"';
}

std::string list_of(const std::vector<Text>& texts) {
  std::string out = "[";
  for (const Text& text : texts) out += (out.size() > 1 ? ", " : "") + yaml_text(text.value);
  return out + ']';
}

void print_separated_format(std::string& out, const FormatRule& format) {
  out += fmt::format("      - {}:\n", format.text.value);
  if (format.text.value == "csv")
    out += fmt::format("          separator: {}\n", yaml_text(std::string(1, format.separator)));
  if (!format.columns.empty()) out += fmt::format("          columns: {}\n", list_of(format.columns));
}

void print_format(std::string& out, const FormatRule& format) {
  if (format.kind == FormatRule::Kind::kSeparated) return print_separated_format(out, format);
  if (format.kind == FormatRule::Kind::kHttpd) {
    out += fmt::format("      - apache: {}\n", yaml_text(format.text.value));
  } else if (format.escaping != Escaping::kDefault) {
    out += fmt::format("      - nginx: {}\n        escape: {}\n", yaml_text(format.text.value),
                       format.escaping == Escaping::kJson ? "json" : "none");
  } else if (format.kind != FormatRule::Kind::kRegex) {
    out += fmt::format("      - {}\n", yaml_text(format.text.value));
  } else if (format.patterns.size() == 1 && format.patterns[0].event.value.empty()) {
    out += fmt::format("      - regex: {}\n", yaml_text(format.patterns[0].pattern.value));
  } else {
    out += "      - regex:\n";
    for (const FormatRule::Alternative& alternative : format.patterns) {
      out +=
          fmt::format("          {}: {}\n", yaml_text(alternative.event.value), yaml_text(alternative.pattern.value));
    }
  }
}

void print_source(std::string& out, const SourceRule& source) {
  out += fmt::format("  - name: {}\n", yaml_text(source.name.value));
  if (source.syslog) out += fmt::format("    syslog: {}\n", yaml_text(source.syslog->text.value));
  if (source.fifo) out += fmt::format("    fifo: {}\n", yaml_text(source.fifo->value));
  if (source.is_standard_input) out += "    stdin: true\n";
  if (!source.files.empty()) {
    out += fmt::format("    files: {}\n", list_of(source.files));
    if (!source.exclude.empty()) out += fmt::format("    exclude: {}\n", list_of(source.exclude));
    out += fmt::format("    start_at: {}\n", source.start_at == StartRule::kEnd ? "end" : "beginning");
  }
  out += fmt::format("    max_line_bytes: {}\n", source.max_line_bytes);
  if (!source.prefixes.empty()) out += fmt::format("    prefix: {}\n", prefixes_text(source.prefixes));
  out += "    format:\n";
  for (const FormatRule& format : source.formats) print_format(out, format);
  if (source.extracts.empty()) return;
  out += "    extract:\n";
  for (const ExtractRule& extract : source.extracts) {
    const bool is_country = !extract.country.value.empty();
    out += fmt::format("      - from: {}\n        {}: {}\n", yaml_text(extract.from.value),
                       is_country ? "country" : "regex",
                       yaml_text(is_country ? extract.country.value : extract.regex.value));
  }
}

void print_conditions(std::string& out, const char* key, const std::vector<ConditionRule>& conditions) {
  if (conditions.empty()) return;
  out += fmt::format("    {}:\n", key);
  for (const ConditionRule& condition : conditions) {
    out += fmt::format("      {}: {}\n", yaml_text(condition.field.value), list_of(condition.patterns));
  }
}

void print_label(std::string& out, const LabelRule& label) {
  if (label.from.value.empty()) {
    out += fmt::format("      {}: ''\n", yaml_text(label.name.value));
    return;
  }
  out += fmt::format("      {}:\n        from: {}\n", yaml_text(label.name.value), yaml_text(label.from.value));
  if (label.regex) out += fmt::format("        regex: {}\n", yaml_text(label.regex->value));
  if (label.replace) out += fmt::format("        replace: {}\n", yaml_text(label.replace->value));
  if (label.lower) out += "        lower: true\n";
  if (!label.path.empty()) out += fmt::format("        path: {}\n", list_of(label.path));
  if (!label.map.empty()) out += "        map:\n";
  for (const LabelRule::Mapping& mapping : label.map) {
    out += fmt::format("          {}: {}\n", yaml_text(mapping.pattern.value), yaml_text(mapping.value.value));
  }
  if (!label.allow.empty()) out += fmt::format("        allow: {}\n", list_of(label.allow));
  if (label.fallback) out += fmt::format("        default: {}\n", yaml_text(label.fallback->value));
  if (label.max_length) out += fmt::format("        max_length: {}\n", *label.max_length);
}

constexpr const char* kOperationNames[] = {"set", "add", "max", "min"};
constexpr const char* kListNames[] = {"", "first", "last", "sum", "max", "each"};
constexpr const char* kUnitNames[] = {"", "s", "ms", "us", "ns", "go", "bytes", "si", "iec"};

void print_value(std::string& out, const char* key, const ValueRule& value) {
  out += fmt::format("    {}:\n      from: {}\n", key, yaml_text(value.from.value));
  if (value.list != ListPick::kWhole) out += fmt::format("      list: {}\n", kListNames[static_cast<int>(value.list)]);
  if (value.unit != Unit::kNone) out += fmt::format("      unit: {}\n", kUnitNames[static_cast<int>(value.unit)]);
}

void print_duration(std::string& out, const MetricRule& metric) {
  print_conditions(out, "start", metric.start);
  print_conditions(out, "end", metric.end);
  out += fmt::format("    key: {}\n    max_open: {}\n", yaml_text(metric.key.value), metric.max_open);
}

std::string list_of(const std::vector<Decimal>& numbers) {
  std::string out = "[";
  for (const Decimal number : numbers) out += (out.size() > 1 ? ", " : "") + to_string(number);
  return out + ']';
}

std::string seconds_text(std::int64_t milliseconds) {
  return to_string(Decimal::from_nanos(Int128{milliseconds} * 1'000'000)) + 's';
}

void print_histogram(std::string& out, const MetricRule& metric) {
  out += fmt::format("    buckets: {}\n", list_of(metric.buckets));
  if (metric.native) {
    out +=
        fmt::format("    native: {{schema: {}, max_buckets: {}}}\n", metric.native->schema, metric.native->max_buckets);
  }
  if (!metric.exemplar) return;
  out += "    exemplar:\n";
  print_label(out, *metric.exemplar);
}

void print_kind(std::string& out, const MetricRule& metric) {
  switch (metric.kind) {
    case MetricKind::kCounter:
      return;
    case MetricKind::kGauge:
      out += fmt::format("    op: {}\n", kOperationNames[static_cast<int>(metric.operation)]);
      return;
    case MetricKind::kHistogram:
    case MetricKind::kDuration:
      return print_histogram(out, metric);
    case MetricKind::kSummary:
      out += fmt::format("    quantiles: {}\n", list_of(metric.quantiles));
      break;
    case MetricKind::kTop:
      out += fmt::format("    k: {}\n", metric.shown);
      break;
    case MetricKind::kDistinct:
      out += fmt::format("    of: {}\n", yaml_text(metric.of.value));
      break;
    case MetricKind::kRatio:
      print_conditions(out, "hit", metric.hit);
      break;
  }
  if (metric.window_ms != 0) out += fmt::format("    window: {}\n", seconds_text(metric.window_ms));
}

void print_init(std::string& out, const std::vector<InitRule>& sets) {
  if (!sets.empty()) out += "    init:\n";
  for (const InitRule& set : sets) {
    out += "      - {";
    for (const auto& [name, value] : set.labels)
      out += fmt::format("{}{}: {}", out.back() == '{' ? "" : ", ", yaml_text(name.value), yaml_text(value.value));
    out += "}\n";
  }
}

void print_metric(std::string& out, const MetricRule& metric) {
  out += fmt::format("  - {}: {}\n", kind_name(metric.kind), yaml_text(metric.name.value));
  if (!metric.help.empty()) out += fmt::format("    help: {}\n", yaml_text(metric.help));
  if (!metric.unit.empty()) out += fmt::format("    unit: {}\n", yaml_text(metric.unit));
  if (!metric.sources.empty()) out += fmt::format("    source: {}\n", list_of(metric.sources));
  if (!metric.each.empty()) out += fmt::format("    each: {}\n", list_of(metric.each));
  print_conditions(out, "when", metric.when);
  print_conditions(out, "unless", metric.unless);
  const bool is_duration = metric.kind == MetricKind::kDuration;
  if (is_duration) print_duration(out, metric);
  if (metric.value) print_value(out, is_duration ? "at" : "value", *metric.value);
  print_kind(out, metric);
  if (!metric.labels.empty()) out += "    labels:\n";
  for (const LabelRule& label : metric.labels) print_label(out, label);
  print_init(out, metric.init);
  out += fmt::format("    max_series: {}\n", metric.max_series);
  if (metric.ttl_ms != 0) out += fmt::format("    ttl: {}\n", seconds_text(metric.ttl_ms));
}

void print_test(std::string& out, const TestRule& test) {
  out += fmt::format("  - name: {}\n", yaml_text(test.name.value));
  if (!test.source.value.empty()) out += fmt::format("    source: {}\n", yaml_text(test.source.value));
  out += fmt::format("    lines: {}\n    expect: {}\n", yaml_text(test.lines.value), yaml_text(test.expect.value));
}

}  // namespace

std::string_view carrier_name(Carrier carrier) {
  constexpr std::string_view kNames[] = {"syslog", "docker", "cri", "compose", "ansi"};
  return kNames[static_cast<std::size_t>(carrier)];
}

std::string prefixes_text(const std::vector<Carrier>& prefixes) {
  std::string out = "[";
  for (const Carrier carrier : prefixes) out += (out.size() > 1 ? ", " : "") + std::string(carrier_name(carrier));
  return out + ']';
}

// Single-quoted YAML has one escape, the doubled quote; it cannot hold line ends or control characters, double-quoted
// can.
std::string yaml_text(std::string_view text) {
  std::string out = "'";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (control_size(text.substr(i)) > 0) return in_double_quotes(text);
    if (text[i] == '\'') out += '\'';
    out += text[i];
  }
  return out + '\'';
}

std::string print_meaning(MetricRule metric) {
  metric.name.value.clear();
  metric.help.clear();
  metric.unit.clear();
  metric.sources.clear();
  metric.quantiles.clear();
  metric.shown = 0;
  metric.init.clear();
  metric.ttl_ms = 0;
  // How many a topk watches decides what its counts may be off by.
  if (metric.kind != MetricKind::kTop) metric.max_series = 0;
  metric.max_open = 0;
  std::string out;
  print_metric(out, metric);
  return out;
}

std::string print_rule_file(const RuleFile& file) {
  std::string out = "sources:\n";
  for (const SourceRule& source : file.sources) print_source(out, source);
  if (!file.metrics.empty()) out += "\nmetrics:\n";
  for (const MetricRule& metric : file.metrics) print_metric(out, metric);
  if (file.max_series != kDefaultMaxSeriesInAll) out += fmt::format("\nmax_series: {}\n", file.max_series);
  if (file.geoip) out += fmt::format("\ngeoip: {}\n", yaml_text(file.geoip->value));
  if (!file.tests.empty()) out += "\ntests:\n";
  for (const TestRule& test : file.tests) print_test(out, test);
  return out;
}

}  // namespace tailmeter
