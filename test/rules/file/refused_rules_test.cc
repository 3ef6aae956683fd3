// Rule files that are refused as a whole, or in more than one section; refused_*_test.cc have the sections.
#include <string>

#include <catch2/catch.hpp>

#include "test/rules/file/refused.h"

namespace tailmeter {
namespace {

TEST_CASE("a file that is not the YAML of a rule file is refused", "[file]") {
  check(GENERATE(values<Refused>({
      {"", "t.yml: the file is empty"},
      {"# sources:\n", "t.yml: the file is empty"},
      {"---\n", "t.yml: the file is empty"},
      {"\xEF\xBB\xBF", "t.yml: the file is empty"},
      {"- sources\n", R"(
t.yml:1:1: expected a mapping with sources, metrics and tests, not a list
    1 | - sources
      | ^)"},
      {"sources\n", R"(
t.yml:1:1: expected a mapping with sources, metrics and tests, not "sources"
    1 | sources
      | ^)"},
      {"sources: []\n---\nsources: []\n", R"(
t.yml:2:1: the file is one YAML document, and here begins a second
    2 | ---
      | ^)"},
      {"  sources: []\n metrics: []\n", R"(
t.yml:2:2: this line belongs to nothing above it: check its indentation
    2 |  metrics: []
      |  ^)"},
      {"sources:\n  - name: web\n metrics: []\n", R"(
t.yml:3:2: neither another key of the mapping that begins in line 1 nor its end: check the indentation and the quotes
    3 |  metrics: []
      |  ^)"},
      {"sources:\n- name: web\n  files: a.log\n metrics: []\n", R"(
t.yml:4:2: neither another "- " of the list that begins in line 2 nor its end: check the indentation and the quotes
    4 |  metrics: []
      |  ^)"},
      {"sources:\n  - name: web\n    files: 'a' b\n", R"(
t.yml:3:16: neither another key of the mapping that begins in line 2 nor its end: check the indentation and the quotes
    3 |     files: 'a' b
      |                ^)"},
      {"sources:\n\t- name: web\n", R"(
t.yml:2:1: a tab in the indentation: YAML takes blanks only
    2 |  - name: web
      | ^)"},
      {"sources:\n  - name: web\n  \tfiles: a.log\n", R"(
t.yml:3:3: a tab in the indentation: YAML takes blanks only
    3 |    files: a.log
      |   ^)"},
      {"sources:\n  - name: web\n    files: *.log\n", R"(
t.yml:3:12: "*" begins a YAML alias, and none is read here: put a text that begins with "*" in quotes
    3 |     files: *.log
      |            ^)"},
      {"sources: &all []\nmetrics: *all\n", R"(
t.yml:1:10: "&" begins a YAML anchor, and none is read here: put a text that begins with "&" in quotes
    1 | sources: &all []
      |          ^)"},
      {"sources: !!seq []\n", R"(
t.yml:1:10: "!" begins a YAML tag, and none is read here: put a text that begins with "!" in quotes
    1 | sources: !!seq []
      |          ^)"},
      {"sources: ! 'a'\n", R"(
t.yml:1:10: "!" begins a YAML tag, and none is read here: put a text that begins with "!" in quotes
    1 | sources: ! 'a'
      |          ^)"},
      {"sources:\n  - <<: {name: web}\n    files: a.log\n    name: web\n    format: common\n", R"(
t.yml:2:5: "<<" is a YAML merge key, and none is read here: write the keys out
    2 |   - <<: {name: web}
      |     ^)"},
      {"sources: {name: web\nmetrics: []\n", R"(
t.yml:1:10: this mapping must go on with "," or end with "}"; a text in it that holds one of [ ] { } , needs quotes
    1 | sources: {name: web
      |          ^)"},
      {"sources: [{name: web\nmetrics: []\n", R"(
t.yml:1:11: a list or mapping cannot be a key: is a "]" or "}" missing, or quotes around a text that begins with "{"?
    1 | sources: [{name: web
      |           ^)"},
      {"metrics: [a, ${b}]\n", R"(
t.yml:1:10: this list must go on with "," or end with "]"; a text in it that holds one of [ ] { } , needs quotes
    1 | metrics: [a, ${b}]
      |          ^)"},
      {"sources: 'web\n", R"(
t.yml:1:10: this quote is never closed
    1 | sources: 'web
      |          ^)"},
      {"sources: \"web\\\"\n", R"(
t.yml:1:10: this quote is never closed
    1 | sources: "web\"
      |          ^)"},
      {"sources: \"\\d+\"\n", R"(
t.yml:1:11: double quotes know no such escape; in single quotes "\" is itself
    1 | sources: "\d+"
      |           ^)"},
      {"sources: @web\n", R"(
t.yml:1:10: a text cannot begin with this character: put it in quotes
    1 | sources: @web
      |          ^)"},
      {"sources: a: b\n", R"(
t.yml:1:11: ": " behind what is no key: check the indentation, or put a text that holds ": " in quotes
    1 | sources: a: b
      |           ^)"},
      {"sources: - a\n", R"(
t.yml:1:10: no list can begin here: begin it in a line of its own, or put a text that begins with "-" in quotes
    1 | sources: - a
      |          ^)"},
      {"sources: []]\n", R"(
t.yml:1:12: this closes nothing: put a text that begins with "]" or "}" in quotes
    1 | sources: []]
      |            ^)"},
      {"sources: {{ sources }}\n", R"(
t.yml:1:11: a list or mapping cannot be a key: is a "]" or "}" missing, or quotes around a text that begins with "{"?
    1 | sources: {{ sources }}
      |           ^)"},
      {": web\n", R"(
t.yml:1:1: expected a key and ":"
    1 | : web
      | ^)"},
      {"sources: \x01\n", R"(
t.yml:1:10: byte 0x01: the file must be UTF-8 without control characters
    1 | sources: \x01
      |          ^)"},
      // yaml-cpp alone takes this for the end of the file.
      {"sources: []\nmetrics: [a]\n\x04", R"(
t.yml:3:1: byte 0x04: the file must be UTF-8 without control characters
    3 | \x04
      | ^)"},
      {"# \xE9t\xE9\nsources: []\n", R"(
t.yml:1:3: byte 0xE9: the file must be UTF-8 without control characters
    1 | # \xE9t\xE9
      |   ^)"},
      {"\xFF\xFEs", R"(
t.yml:1:1: byte 0xFF: the file must be UTF-8 without control characters
    1 | \xFF\xFEs
      | ^)"},
  })));
}

TEST_CASE("a NUL byte is refused", "[file]") {
  const std::string text("sources: \0[]\n", 13);
  Diagnostics diagnostics("t.yml", text);
  static_cast<void>(load_rule_file(text, diagnostics));
  CHECK(diagnostics.errors() == R"(t.yml:1:10: byte 0x00: the file must be UTF-8 without control characters
    1 | sources: \x00[]
      |          ^)");
}

TEST_CASE("the file's own keys are checked", "[file]") {
  check(GENERATE(values<Refused>({
      {"metrics: []\n", R"(
t.yml:1:1: has no "sources"
    1 | metrics: []
      | ^)"},
      {"source: []\nmetric: []\n", R"(
t.yml:1:1: unknown key "source" (did you mean "sources"?)
    1 | source: []
      | ^
t.yml:2:1: unknown key "metric" (did you mean "metrics"?)
    2 | metric: []
      | ^)"},
      {"sources: {}\n", R"(
t.yml:1:10: sources: expected a list, not a mapping
    1 | sources: {}
      |          ^)"},
      {"sources: []\n", R"(
t.yml:1:10: sources: the list is empty
    1 | sources: []
      |          ^)"},
      {"sources: [web]\nmetrics: all\n", R"(
t.yml:1:11: sources[0]: expected a mapping, not "web"
    1 | sources: [web]
      |           ^
t.yml:2:10: metrics: expected a list, not "all"
    2 | metrics: all
      |          ^)"},
      {"metrics:\n  -", R"(
t.yml:1:1: has no "sources"
    1 | metrics:
      | ^
t.yml:2:3: an element without a value
    2 |   -
      |   ^)"},
      {"sources:\nmetrics:\n  -\n  - \ntests: [a, ~]\n", R"(
t.yml:1:1: "sources" has no value
    1 | sources:
      | ^
t.yml:3:3: an element without a value
    3 |   -
      |   ^
t.yml:4:3: an element without a value
    4 |   - 
      |   ^
t.yml:5:9: tests[0]: expected a mapping, not "a"
    5 | tests: [a, ~]
      |         ^
t.yml:5:10: an element without a value
    5 | tests: [a, ~]
      |          ^)"},
  })));
}

TEST_CASE("the keys of a test are checked", "[file]") {
  check_metrics(GENERATE(values<Refused>({
      {"tests: [{name: t}]\n", R"(
t.yml:2:9: tests[0] "t": has no "lines"
    2 | tests: [{name: t}]
      |         ^
t.yml:2:9: tests[0] "t": has no "expect"
    2 | tests: [{name: t}]
      |         ^)"},
      {"tests: [{name: t, line: a, expect: b}]\n", R"(
t.yml:2:19: tests[0] "t": unknown key "line" (did you mean "lines"?)
    2 | tests: [{name: t, line: a, expect: b}]
      |                   ^)"},
      {"tests: [{name: t, source: www, lines: [a], expect: {b: 1}}]\n", R"(
t.yml:2:27: tests[0] "t": source: there is no source "www"
    2 | tests: [{name: t, source: www, lines: [a], expect: {b: 1}}]
      |                           ^
t.yml:2:39: tests[0] "t": lines: expected a text, not a list
    2 | tests: [{name: t, source: www, lines: [a], expect: {b: 1}}]
      |                                       ^
t.yml:2:52: tests[0] "t": expect: expected a text, not a mapping
    2 | tests: [{name: t, source: www, lines: [a], expect: {b: 1}}]
      |                                                    ^)"},
      {"tests: [{name: t, lines: a, expect: b}, {name: t, lines: a, expect: b}]\n", R"(
t.yml:2:48: tests[1] "t": the name is already taken in line 2
    2 | tests: [{name: t, lines: a, expect: b}, {name: t, lines: a, expect: b}]
      |                                                ^)"},
  })));
}

TEST_CASE("a test must name its source when there are two", "[file]") {
  check({R"(
sources:
  - {name: web, files: a.log, format: common}
  - {name: www, files: b.log, format: common}
tests:
  - {name: t, lines: a, expect: b}
)",
         R"(
t.yml:5:5: tests[0] "t": has no "source"
    5 |   - {name: t, lines: a, expect: b}
      |     ^)"});
}

TEST_CASE("what this version does not have yet is refused by name", "[file]") {
  const std::string line = "sources: [{name: web, files: a.log, format: common, journal: nginx.service}]";
  CHECK(load(line).errors == "t.yml:1:53: sources[0] \"web\": \"journal\" is not yet supported\n    1 | " + line +
                                 "\n      |" + std::string(53, ' ') + "^");
}

TEST_CASE("a unit that is not the end of the name is refused", "[file]") {
  CHECK(
      load("sources: [{name: web, files: a.log, format: common}]\n"
           "metrics: [{unit: seconds, counter: time_ms_total}]")
          .errors ==
      R"(t.yml:2:18: metrics[0] "time_ms_total": unit: a metric's name ends in its unit, and "time_ms" does not end in "_seconds"
    2 | metrics: [{unit: seconds, counter: time_ms_total}]
      |                  ^)");
}

TEST_CASE("what a metric could not keep to is refused", "[file]") {
  const std::string sources = "sources: [{name: web, files: a.log, format: common}]\nmetrics:\n";
  const auto report = [&](const std::string& metrics) {
    const std::string errors = load(sources + metrics).errors;
    return errors.substr(0, errors.find('\n'));
  };
  CHECK(report("- {distinct: a_total, of: $x, labels: {l: $y}, ttl: 1h}\n") ==
        "t.yml:3:48: metrics[0] \"a_total\": a distinct without a \"window\" has no \"ttl\": what two series have seen "
        "counts once when one is let go of, so that their sum would fall");
  CHECK(report("- {distinct: a, of: $x, window: 1h, labels: {l: $y}, ttl: 1h, max_series: 9}\n").empty());
  CHECK(report("- {gauge: a, value: $x, ttl: 1h}\n") ==
        "t.yml:3:25: metrics[0] \"a\": a metric without \"labels\" has no \"ttl\": its one series stays, however long "
        "nothing comes; leave it out");
  CHECK(report("- {gauge: a, value: $x, labels: {l: ''}, ttl: 1h}\n").empty());
  CHECK(report("- {gauge: a, value: $x, labels: {l: $y}, init: [{l: z}], max_series: 9}\n") ==
        "t.yml:3:42: metrics[0] \"a\": a gauge has no value before its first line: init is for what counts from 0");
  CHECK(report("- {counter: a_total, labels: {l: $y}, init: [{l: b}, {l: c}], max_series: 1}\n") ==
        "t.yml:3:39: metrics[0] \"a_total\": 2 label sets, and max_series is 1");
}

TEST_CASE("mistakes in all sections are reported together, in the order of the file", "[file]") {
  check({R"(
tests:
  - name: t
    lines: a
metrics:
  - counter: a
    source: wep
sources:
  - name: web
    files: a.log
    format: combind
)",
         R"(
t.yml:2:5: tests[0] "t": has no "expect"
    2 |   - name: t
      |     ^
t.yml:5:14: metrics[0] "a": a counter's name ends in "_total"
    5 |   - counter: a
      |              ^
t.yml:6:13: metrics[0] "a": source: there is no source "wep" (did you mean "web"?)
    6 |     source: wep
      |             ^
t.yml:10:13: sources[0] "web": format: there is no format "combind" (did you mean "combined"?); there are combined, common, csv, json, logfmt, ltsv, nginx_error, tsv, and nginx's log_format texts, which have a "$"
   10 |     format: combind
      |             ^)"});
}

TEST_CASE("of many mistakes the first twenty are shown", "[file]") {
  std::string file;
  std::string reports;
  for (int i = 1; i <= 25; ++i) {
    const std::string key = "unknown_" + std::to_string(i);
    const std::string number = std::to_string(i);
    file += key + ": 1\n";
    if (i > 20) continue;
    reports += "t.yml:" + number + ":1: unknown key \"" + key + "\"\n";
    reports += (i < 10 ? "    " : "   ") + number + " | " + key + ": 1\n      | ^\n";
  }
  CHECK(load(file).errors == reports + "... and 5 more errors");
}

}  // namespace
}  // namespace tailmeter
