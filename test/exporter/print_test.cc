#include "rules/file/print.h"

#include <catch2/catch.hpp>

#include "rules/presets/presets.h"

namespace tailmeter {
namespace {

std::string printed(const std::string& text) {
  Diagnostics diagnostics("r.yml", text);
  const RuleFile file = load_rule_file(text, diagnostics);
  diagnostics.throw_if_errors();
  return print_rule_file(file);
}

TEST_CASE("what is printed of a rule file loads to the same rules", "[rules]") {
  const std::string rules =
      "sources:\n"
      "  - name: \"it's\"\n    files: [a.log, 'b c.log']\n    exclude: ['*.gz']\n    start_at: beginning\n    "
      "max_line_bytes: 1000\n    prefix: [cri, syslog, ansi]\n"
      "    format: [combined, {nginx: '{\"s\": $status}', escape: json}, {nginx: $uri, escape: none}, {regex: {one: "
      "'a\"b\\\\', two: \"tab\\there\"}}, ltsv, csv, {csv: {separator: ';', columns: [a, \"it's\"]}}, {tsv: {columns: "
      "b}}]\n"
      "    extract: [{from: $uri, regex: '(?P<x>.)'}]\n"
      "metrics:\n"
      "  - gauge: g\n    help: \"two\\nlines\"\n    source: [\"it's\"]\n    op: max\n    when: {status: [1, '2..']}\n  "
      "  unless: {uri: x}\n"
      "    value: {from: $body_bytes_sent, list: sum, unit: iec}\n"
      "    labels: {a: {from: $uri, regex: '(.)', replace: '$1', lower: true, path: [/a, auto], map: {a: b}, allow: "
      "[b], default: c, "
      "max_length: 9}, b: ''}\n"
      "  - {histogram: h, value: $status, buckets: [0.5, 1], each: [$status, $uri], exemplar: {id: $uri}}\n"
      "tests:\n  - {name: t, lines: \"x\\ny\\n\", expect: 'h_count 0'}\n";
  const std::string once = printed(rules);
  CHECK(printed(once) == once);
  for (const char* part : {"'it''s'", "op: max", "unit: iec", "\"two\\x0alines\"", "escape: json", "escape: none",
                           "prefix: [cri, syslog, ansi]", "path: ['/a', 'auto']", "separator: ';'",
                           "columns: ['a', 'it''s']", "buckets: [0.5, 1]", "each: ['$status', '$uri']",
                           "exemplar:\n      'id':\n        from: '$uri'", "max_series: 10000", "'b': ''\n"}) {
    CAPTURE(part, once);
    CHECK(once.find(part) != std::string::npos);
  }
  const std::string preset = printed(std::string(preset_text(kDefaultPreset)));
  CHECK(printed(preset) == preset);
}

}  // namespace
}  // namespace tailmeter
