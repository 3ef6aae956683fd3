// What a rule file says, as it is understood.
#include "rules/file/rule_file.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "test/rules/file/loaded.h"
#include "test/rules/file/mirror_rules.h"

namespace tailmeter {
namespace {

std::string joined(const std::vector<Text>& texts) {
  std::string out;
  for (const Text& text : texts) out += fmt::format(" <{}>", text.value);
  return out;
}

std::string show(const SourceRule& source) {
  std::string out = fmt::format("source <{}> files{}", source.name.value, joined(source.files));
  if (!source.exclude.empty()) out += " exclude" + joined(source.exclude);
  if (source.start_at == StartRule::kBeginning) out += " from its beginning";
  if (source.max_line_bytes != kDefaultMaxLineBytes) out += fmt::format(" lines of {}", source.max_line_bytes);
  for (const Carrier carrier : source.prefixes) out += fmt::format(" carrier {}", static_cast<int>(carrier));
  out += '\n';
  for (const FormatRule& format : source.formats) {
    if (format.kind == FormatRule::Kind::kNamed) out += fmt::format("  named <{}>\n", format.text.value);
    if (format.kind == FormatRule::Kind::kHttpd) out += fmt::format("  apache <{}>\n", format.text.value);
    if (format.kind == FormatRule::Kind::kLogFormat) {
      static const std::vector<std::string> kEscapings = {"", " escape json", " escape none"};
      out += fmt::format("  log_format <{}>{}\n", format.text.value,
                         kEscapings.at(static_cast<std::size_t>(format.escaping)));
    }
    for (const auto& [event, pattern] : format.patterns) {
      out += fmt::format("  regex <{}> <{}>\n", event.value, pattern.value);
    }
  }
  for (const ExtractRule& extract : source.extracts) {
    out += fmt::format("  extract <{}> <{}>\n", extract.from.value, extract.regex.value);
  }
  return out;
}

std::string show(const LabelRule& label) {
  std::string out = fmt::format("  label {} <{}>", label.name.value, label.from.value);
  for (const auto& [pattern, value] : label.map) out += fmt::format(" map <{}> <{}>", pattern.value, value.value);
  if (label.fallback) out += fmt::format(" default <{}>", label.fallback->value);
  if (label.regex) out += fmt::format(" regex <{}>", label.regex->value);
  if (label.replace) out += fmt::format(" replace <{}>", label.replace->value);
  if (label.lower) out += " lower";
  if (label.max_length) out += fmt::format(" max_length {}", *label.max_length);
  if (!label.allow.empty()) out += " allow" + joined(label.allow);
  return out + '\n';
}

void show_conditions(std::string& out, const char* key, const std::vector<ConditionRule>& conditions) {
  for (const ConditionRule& condition : conditions)
    out += fmt::format("  {} {}{}\n", key, condition.field.value, joined(condition.patterns));
}

void show_numbers(std::string& out, const char* key, const std::vector<Decimal>& numbers) {
  if (numbers.empty()) return;
  out += fmt::format("  {}", key);
  for (const Decimal number : numbers) out += " " + to_string(number);
  out += '\n';
}

void show_kind(std::string& out, const MetricRule& metric) {
  show_conditions(out, "hit", metric.hit);
  if (metric.exemplar) out += "  exemplar\n" + show(*metric.exemplar);
  if (!metric.unit.empty()) out += fmt::format("  unit {}\n", metric.unit);
  if (metric.native) out += fmt::format("  native {} {}\n", metric.native->schema, metric.native->max_buckets);
  show_numbers(out, "quantiles", metric.quantiles);
  if (metric.window_ms != 0) out += fmt::format("  window {}\n", metric.window_ms);
  if (metric.kind == MetricKind::kTop) out += fmt::format("  k {}\n", metric.shown);
  if (metric.kind == MetricKind::kDistinct) out += fmt::format("  of <{}>\n", metric.of.value);
}

std::string show(const MetricRule& metric) {
  static const std::vector<std::string> kKinds = {"counter", "gauge",    "histogram", "summary",
                                                  "topk",    "distinct", "ratio"};
  static const std::vector<std::string> kPicks = {"whole", "first", "last", "sum", "max", "each"};
  static const std::vector<std::string> kUnits = {"none", "s", "ms", "us", "ns", "go", "bytes", "si", "iec"};
  static const std::vector<std::string> kOperations = {"set", "add", "max", "min"};
  std::string out = fmt::format("{} {}", kKinds.at(static_cast<std::size_t>(metric.kind)), metric.name.value);
  if (metric.operation != GaugeOperation::kSet) {
    out += " " + kOperations.at(static_cast<std::size_t>(metric.operation));
  }
  if (!metric.help.empty()) out += fmt::format(" help <{}>", metric.help);
  if (!metric.sources.empty()) out += " source" + joined(metric.sources);
  if (metric.max_series != kDefaultMaxSeries) out += fmt::format(" max_series {}", metric.max_series);
  out += '\n';
  if (metric.ttl_ms != 0) out += fmt::format("  ttl {}\n", metric.ttl_ms);
  for (const InitRule& set : metric.init) {
    out += "  init";
    for (const auto& [name, value] : set.labels) out += fmt::format(" <{}> <{}>", name.value, value.value);
    out += '\n';
  }
  for (const Text& list : metric.each) out += fmt::format("  each <{}>\n", list.value);
  show_conditions(out, "when", metric.when);
  show_conditions(out, "unless", metric.unless);
  if (metric.value) {
    out += fmt::format("  value <{}> {} {}\n", metric.value->from.value,
                       kPicks.at(static_cast<std::size_t>(metric.value->list)),
                       kUnits.at(static_cast<std::size_t>(metric.value->unit)));
  }
  for (const LabelRule& label : metric.labels) out += show(label);
  show_numbers(out, "buckets", metric.buckets);
  show_kind(out, metric);
  return out;
}

std::string show(const RuleFile& rules) {
  std::string out;
  for (const SourceRule& source : rules.sources) out += show(source);
  for (const MetricRule& metric : rules.metrics) out += show(metric);
  for (const TestRule& test : rules.tests) {
    out += fmt::format("test <{}> source <{}> lines <{}> expect <{}>\n", test.name.value, test.source.value,
                       test.lines.value, test.expect.value);
  }
  return out;
}

TEST_CASE("the rules of a mirror are understood", "[file]") {
  const Loaded loaded = load(kMirrorRules);
  CHECK(loaded.errors.empty());
  CHECK(show(loaded.rules) == without_first_newline(R"(
source <registry> files </var/log/nginx/registry.log> </var/log/nginx/*/registry.log>
  log_format <$remote_addr [$time_local] "$request" $status $body_bytes_sent "$http_user_agent" took=$request_time cache=$upstream_cache_status>
  extract <$request_uri> <^/v2/(?P<image>[^?]+)/(?P<object>manifests|blobs)/(?P<reference>[^/?]+)>
source <sync> files </var/log/sync.log>
  regex <success> <^(?P<time>\S+) DONE (?P<image>\S+) in (?P<duration>[0-9.]+)s$>
  regex <failed> <^(?P<time>\S+) FAILED (?P<image>\S+)( .*)?$>
counter requests_total help <Requests answered.> source <registry>
  label method <$request_method>
  label status <$status>
counter errors_total help <Requests answered with a server error.> source <registry>
  when status <5..>
histogram request_seconds help <Time to answer.> source <registry>
  value <$request_time> whole none
  buckets 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10
counter pulled_bytes_total source <registry> max_series 500
  when object <blobs>
  when request_method <GET>
  when status <200|206>
  unless http_user_agent <.*Probe.*>
  value <$body_bytes_sent> whole none
  label image <$image>
gauge sync_last_success_timestamp_seconds source <sync>
  when event <success>
  value <$time> whole none
  label image <$image>
test <a pulled blob counts its bytes> source <registry> lines <192.0.2.7 [21/Nov/2026:18:49:31 +0000] "GET /v2/library/redis/blobs/sha256:ab HTTP/1.1" 200 512 "containerd/1.7" took=0.012 cache=HIT
> expect <pulled_bytes_total{image="library/redis"} 512
requests_total{method="GET",status="200"} 1
>
)"));
}

TEST_CASE("the kinds that keep more than a number are understood", "[file]") {
  const Loaded loaded = load(mirror_rules_with_all_kinds());
  CHECK(loaded.errors.empty());
  const std::string shown = show(loaded.rules);
  const std::size_t begin = shown.find("histogram request_seconds");
  CHECK(shown.substr(begin, shown.find("test <") - begin) == without_first_newline(R"(
histogram request_seconds help <Time to answer.> source <registry>
  value <$request_time> whole none
  buckets 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10
  native 3 160
counter pulled_bytes_total source <registry> max_series 500
  ttl 86400000
  when object <blobs>
  when request_method <GET>
  when status <200|206>
  unless http_user_agent <.*Probe.*>
  value <$body_bytes_sent> whole none
  label image <$image>
gauge sync_last_success_timestamp_seconds source <sync>
  when event <success>
  value <$time> whole none
  label image <$image>
topk top_images source <registry> max_series 1000
  label image <$image>
  k 20
distinct clients_total source <registry>
  of <$remote_addr>
ratio cache_hit_ratio source <registry>
  when upstream_cache_status <.+>
  hit upstream_cache_status <HIT|STALE>
  window 300000
summary answer_seconds source <registry>
  value <$request_time> whole none
  quantiles 0.5 0.99
  window 600000
)"));
}

TEST_CASE("each text knows its place", "[file]") {
  const RuleFile rules = load(kMirrorRules).rules;
  const auto at = [](const Text& text) { return fmt::format("{}:{}", text.place.line, text.place.column); };
  CHECK(at(rules.sources[0].name) == "2:11");
  CHECK(at(rules.sources[0].files[1]) == "3:42");
  CHECK(at(rules.sources[0].formats[0].text) == "4:13");
  CHECK(at(rules.sources[1].formats[0].patterns[1].event) == "14:9");
  CHECK(at(rules.sources[1].formats[0].patterns[1].pattern) == "14:18");
  CHECK(at(rules.metrics[0].name) == "17:14");
  CHECK(at(rules.metrics[0].labels[1].name) == "20:39");
  CHECK(at(rules.metrics[0].labels[1].from) == "20:47");
  CHECK(at(rules.metrics[1].when[0].field) == "24:12");
  CHECK(at(rules.metrics[1].when[0].patterns[0]) == "24:20");
  CHECK(at(rules.tests[0].lines) == "42:12");
}

// A metric behind one source "web".
std::string shown_metric(const std::string& metric) {
  const Loaded loaded = load("sources: [{name: web, files: a.log, format: common}]\nmetrics: [" + metric + "]\n");
  return loaded.errors + (loaded.rules.metrics.empty() ? "" : show(loaded.rules.metrics.front()));
}

TEST_CASE("a source's keys are understood", "[file]") {
  struct Row {
    std::string keys;
    std::string expected;
  };
  const auto row = GENERATE(values<Row>({
      {"files: a.log, format: combined", "source <web> files <a.log>\n  named <combined>\n"},
      {"files: [a.log, 'b*.log'], exclude: '*.gz', format: common",
       "source <web> files <a.log> <b*.log> exclude <*.gz>\n  named <common>\n"},
      {"files: a.log, start_at: beginning, max_line_bytes: 4096, format: common",
       "source <web> files <a.log> from its beginning lines of 4096\n  named <common>\n"},
      {"files: a.log, start_at: end, max_line_bytes: '262144', format: common",
       "source <web> files <a.log> lines of 262144\n  named <common>\n"},
      {"files: a.log, prefix: syslog, format: common", "source <web> files <a.log> carrier 0\n  named <common>\n"},
      {"files: a.log, prefix: [docker, syslog, ansi], format: common",
       "source <web> files <a.log> carrier 1 carrier 0 carrier 4\n  named <common>\n"},
      {"files: a.log, format: $status", "source <web> files <a.log>\n  log_format <$status>\n"},
      {"files: a.log, format: [{nginx: $a}, {nginx: $b, escape: default}, {escape: json, nginx: $c}]",
       "source <web> files <a.log>\n  log_format <$a>\n  log_format <$b>\n  log_format <$c> escape json\n"},
      {"files: a.log, format: {nginx: $d, escape: none}",
       "source <web> files <a.log>\n  log_format <$d> escape none\n"},
      {"files: a.log, format: {regex: '^(?P<a>.*)$'}", "source <web> files <a.log>\n  regex <> <^(?P<a>.*)$>\n"},
      {"files: a.log, format: {regex: {b: x, a: y}}", "source <web> files <a.log>\n  regex <b> <x>\n  regex <a> <y>\n"},
      {"files: a.log, format: [combined, '$status $uri', {regex: x}]",
       "source <web> files <a.log>\n  named <combined>\n  log_format <$status $uri>\n  regex <> <x>\n"},
      {"files: a.log, format: common, extract: []", "source <web> files <a.log>\n  named <common>\n"},
  }));
  CAPTURE(row.keys);
  const Loaded loaded = load("sources: [{name: web, " + row.keys + "}]\n");
  CHECK(loaded.errors + show(loaded.rules) == row.expected);
}

TEST_CASE("a label that takes what clients send is warned of, unless something bounds it", "[file]") {
  const auto warnings = [](const std::string& metric) {
    const std::string text = "metrics:\n  - {counter: a_total, " + metric + "}\n";
    Diagnostics diagnostics("t.yml", text);
    static_cast<void>(load_rule_file(text, diagnostics));
    return diagnostics.warnings();
  };
  CHECK(warnings("labels: {path: $uri}") ==
        "t.yml:2:39: warning: metrics[0] \"a_total\": labels.path: $uri takes as many values as clients send; bound it "
        "with "
        "path, allow, map or regex, or say how many series are wanted with max_series\n"
        "    2 |   - {counter: a_total, labels: {path: $uri}}\n"
        "      |                                       ^");
  CHECK(warnings("labels: {path: {from: '${http_user_agent}'}}") != "");
  for (const char* bounded :
       {"labels: {path: $uri}, max_series: 100", "labels: {path: {from: $uri, map: {a: b}}}",
        "labels: {path: {from: $uri, allow: a}}", "labels: {path: {from: $uri, regex: a, replace: b}}",
        "labels: {status: $status}", "labels: {path: 'x $uri'}"}) {
    CAPTURE(bounded);
    CHECK(warnings(bounded) == "");
  }
}

TEST_CASE("a metric's keys are understood", "[file]") {
  struct Row {
    std::string metric;
    std::string expected;
  };
  const auto row = GENERATE(values<Row>({
      {"{counter: a_total}", "counter a_total\n"},
      {"{counter: a_total, source: [web]}", "counter a_total source <web>\n"},
      {"{counter: a_total, max_series: 1}", "counter a_total max_series 1\n"},
      {"{gauge: a, value: 5}", "gauge a\n  value <5> whole none\n"},
      {"{gauge: a, op: add}", "gauge a add\n"},
      {"{gauge: a, op: max, value: $x}", "gauge a max\n  value <$x> whole none\n"},
      {"{gauge: a, op: min, value: $x}", "gauge a min\n  value <$x> whole none\n"},
      {"{gauge: a, op: set, value: {from: $x}}", "gauge a\n  value <$x> whole none\n"},
      {"{gauge: a, value: {from: $x, list: last, unit: s}}", "gauge a\n  value <$x> last s\n"},
      {"{gauge: a, value: {from: $x, list: first, unit: ms}}", "gauge a\n  value <$x> first ms\n"},
      {"{gauge: a, value: {from: $x, list: sum, unit: us}}", "gauge a\n  value <$x> sum us\n"},
      {"{gauge: a, value: {from: $x, list: max, unit: ns}}", "gauge a\n  value <$x> max ns\n"},
      {"{counter: a_total, each: [$x, $y]}", "counter a_total\n  each <$x>\n  each <$y>\n"},
      {"{gauge: a, value: {from: $x, list: each, unit: go}}", "gauge a\n  value <$x> each go\n"},
      {"{gauge: a, value: {from: $x, unit: bytes}}", "gauge a\n  value <$x> whole bytes\n"},
      {"{gauge: a, value: {from: $x, unit: si}}", "gauge a\n  value <$x> whole si\n"},
      {"{gauge: a, value: {from: $x, unit: iec}}", "gauge a\n  value <$x> whole iec\n"},
      {"{counter: a_total, ttl: 1h30m, labels: {x: $x}, init: [{x: a b}, {x: ''}]}",
       "counter a_total\n  ttl 5400000\n  init <x> <a b>\n  init <x> <>\n  label x <$x>\n"},
      {"{counter: a_total, ttl: 2w, labels: {x: $x}}", "counter a_total\n  ttl 1209600000\n  label x <$x>\n"},
      {"{summary: a, value: $x}", "summary a\n  value <$x> whole none\n  quantiles 0.5 0.9 0.99\n  window 600000\n"},
      {"{summary: a, value: $x, quantiles: 1, window: 1.5d}",
       "summary a\n  value <$x> whole none\n  quantiles 1\n  window 129600000\n"},
      {"{topk: a, labels: {x: $x}}", "topk a max_series 1000\n  label x <$x>\n  k 10\n"},
      {"{distinct: a, of: '$x $y', window: 1h}", "distinct a\n  window 3600000\n  of <$x $y>\n"},
      {"{ratio: a, hit: {x: [b, c]}}", "ratio a\n  hit x <b> <c>\n  window 300000\n"},
      {"{histogram: a, value: $x, buckets: [1], native: {schema: 5, max_buckets: 20}}",
       "histogram a\n  value <$x> whole none\n  buckets 1\n  native 5 20\n"},
      {"{histogram: a, value: $x, buckets: [1], native: false}", "histogram a\n  value <$x> whole none\n  buckets 1\n"},
      {"{histogram: a, value: $x}",
       "histogram a\n  value <$x> whole none\n  buckets 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10\n"},
      {"{histogram: a, value: $x, buckets: [], native: true}",
       "histogram a\n  value <$x> whole none\n  native 3 160\n"},
      {"{histogram: a_seconds, value: $x, buckets: [1], unit: seconds}",
       "histogram a_seconds\n  value <$x> whole none\n  buckets 1\n  unit seconds\n"},
      {"{histogram: a, value: $x, buckets: latency}",
       "histogram a\n  value <$x> whole none\n  buckets 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10\n"},
      {"{histogram: a, value: $x, buckets: bytes}",
       "histogram a\n  value <$x> whole none\n  buckets 256 1024 4096 16384 65536 262144 1048576 4194304 16777216 "
       "67108864 268435456 1073741824 4294967296\n"},
      {"{histogram: a, value: $x, buckets: [-1, 0, 0.000000001, 1e3]}",
       "histogram a\n  value <$x> whole none\n  buckets -1 0 0.000000001 1000\n"},
      // What other readers of YAML take for numbers, truth values and times is text here.
      {"{counter: a_total, when: {status: 404, b: 010, c: yes, d: 1.50, e: 'null', f: true, g: 0x1F, h: 12:30}}",
       "counter a_total\n  when status <404>\n  when b <010>\n  when c <yes>\n  when d <1.50>\n  when e <null>\n"
       "  when f <true>\n  when g <0x1F>\n  when h <12:30>\n"},
      {"{counter: a_total, when: {$status: [2.., 3..], '${request.method}': GET}, unless: {uri: /x}}",
       "counter a_total\n  when status <2..> <3..>\n  when request.method <GET>\n  unless uri </x>\n"},
      {"{counter: a_total, when: {}, labels: {}}", "counter a_total\n"},
      {"{counter: a_total, when: {'<<': x}}", "counter a_total\n  when << <x>\n"},
      {"{counter: a_total, labels: {b: 'v${x}', a: {from: $x}}}",
       "counter a_total\n  label b <v${x}>\n  label a <$x>\n"},
      {"{counter: a_total, labels: {a: {from: $x, map: {'2..': ok, '.*': ''}, default: '', lower: true}}}",
       "counter a_total\n  label a <$x> map <2..> <ok> map <.*> <> default <> lower\n"},
      {"{counter: a_total, labels: {a: {from: $x, regex: '(.*)/', replace: '', max_length: 64, lower: false}}}",
       "counter a_total\n  label a <$x> regex <(.*)/> replace <> max_length 64\n"},
      {"{counter: a_total, labels: {a: {from: $x, allow: [GET, 'P.*']}}}",
       "counter a_total\n  label a <$x> allow <GET> <P.*>\n"},
  }));
  CAPTURE(row.metric);
  CHECK(shown_metric(row.metric) == row.expected);
}

TEST_CASE("entries of one name, kind, label names and buckets are one family", "[file]") {
  const Loaded loaded = load(R"(
sources: [{name: web, files: a.log, format: common}]
metrics:
  - {counter: a_total, labels: {x: $x, y: $y}}
  - {counter: a_total, labels: {y: $b, x: fixed}, help: Both.}
  - {counter: a_total, labels: {x: $x, y: $y}, help: Both.}
  - {histogram: b, value: $x, buckets: [1, 2]}
  - {histogram: b, value: $y, buckets: [1.0, 2.0]}
  - {gauge: c, value: $x}
  - {gauge: c, op: add}
)");
  CHECK(loaded.errors.empty());
  CHECK(loaded.rules.metrics.size() == 7);
}

TEST_CASE("a file means the same with a byte order mark, carriage returns, comments and a document mark", "[file]") {
  const std::string plain = without_first_newline(kMirrorRules);
  std::string decorated = "\xEF\xBB\xBF# rules\n---\n";
  for (const char c : plain) decorated += c == '\n' ? std::string("\r\n") : std::string(1, c);
  decorated += "...\n# the end";
  const Loaded loaded = load(decorated);
  CHECK(loaded.errors.empty());
  CHECK(show(loaded.rules) == show(load(plain).rules));
}

}  // namespace
}  // namespace tailmeter
