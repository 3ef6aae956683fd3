// What a rule file may not say, and how that is said: whole reports, with the line and the caret.
#include <string>

#include <catch2/catch.hpp>

#include "test/rules/file/loaded.h"

namespace tailmeter {
namespace {

struct Row {
  const char* file;
  const char* reports;
};

void check(const Row& row) {
  CAPTURE(row.file);
  CHECK(load(row.file).errors == without_first_newline(row.reports));
}

TEST_CASE("a file that is not the YAML of a rule file is refused", "[file]") {
  check(GENERATE(values<Row>({
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
t.yml:2:1: a rule file is one YAML document, and here begins a second
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
t.yml:3:12: "*" begins a YAML alias, which a rule file does not have: put a text that begins with "*" in quotes
    3 |     files: *.log
      |            ^)"},
      {"sources: &all []\nmetrics: *all\n", R"(
t.yml:1:10: "&" begins a YAML anchor, which a rule file does not have: put a text that begins with "&" in quotes
    1 | sources: &all []
      |          ^)"},
      {"sources: !!seq []\n", R"(
t.yml:1:10: "!" begins a YAML tag, which a rule file does not have: put a text that begins with "!" in quotes
    1 | sources: !!seq []
      |          ^)"},
      {"sources: ! 'a'\n", R"(
t.yml:1:10: "!" begins a YAML tag, which a rule file does not have: put a text that begins with "!" in quotes
    1 | sources: ! 'a'
      |          ^)"},
      {"sources:\n  - <<: {name: web}\n    files: a.log\n    name: web\n    format: common\n", R"(
t.yml:2:5: "<<" is a YAML merge key, which a rule file does not have: write the keys out
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
t.yml:1:10: byte 0x01: a rule file is UTF-8 without control characters
    1 | sources: \x01
      |          ^)"},
      // yaml-cpp alone takes this for the end of the file.
      {"sources: []\nmetrics: [a]\n\x04", R"(
t.yml:3:1: byte 0x04: a rule file is UTF-8 without control characters
    3 | \x04
      | ^)"},
      {"# \xE9t\xE9\nsources: []\n", R"(
t.yml:1:3: byte 0xE9: a rule file is UTF-8 without control characters
    1 | # \xE9t\xE9
      |   ^)"},
      {"\xFF\xFEs", R"(
t.yml:1:1: byte 0xFF: a rule file is UTF-8 without control characters
    1 | \xFF\xFEs
      | ^)"},
  })));
}

TEST_CASE("a NUL byte is refused", "[file]") {
  const std::string text("sources: \0[]\n", 13);
  Diagnostics diagnostics("t.yml", text);
  static_cast<void>(load_rule_file(text, diagnostics));
  CHECK(diagnostics.errors() == R"(t.yml:1:10: byte 0x00: a rule file is UTF-8 without control characters
    1 | sources: \x00[]
      |          ^)");
}

TEST_CASE("the file's own keys are checked", "[file]") {
  check(GENERATE(values<Row>({
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

TEST_CASE("the keys of a source are checked", "[file]") {
  check(GENERATE(values<Row>({
      {"sources: [{name: web}]\n", R"(
t.yml:1:11: sources[0] "web": has no "files"
    1 | sources: [{name: web}]
      |           ^
t.yml:1:11: sources[0] "web": has no "format"
    1 | sources: [{name: web}]
      |           ^)"},
      {"sources: [{files: a.log, format: common}]\n", R"(
t.yml:1:11: sources[0]: has no "name"
    1 | sources: [{files: a.log, format: common}]
      |           ^)"},
      {"sources: [{name: web, file: a.log, fromat: common}]\n", R"(
t.yml:1:23: sources[0] "web": unknown key "file" (did you mean "files"?)
    1 | sources: [{name: web, file: a.log, fromat: common}]
      |                       ^
t.yml:1:36: sources[0] "web": unknown key "fromat" (did you mean "format"?)
    1 | sources: [{name: web, file: a.log, fromat: common}]
      |                                    ^)"},
      {"sources: [{name: web, name: www, files: a.log, format: common}]\n", R"(
t.yml:1:23: the key "name" is already in line 1
    1 | sources: [{name: web, name: www, files: a.log, format: common}]
      |                       ^)"},
      {"sources: [{name:web, files: a.log, format: common}]\n", R"(
t.yml:1:12: "name:web" has no value: is a blank missing behind its ":"?
    1 | sources: [{name:web, files: a.log, format: common}]
      |            ^
t.yml:1:12: sources[0]: unknown key "name:web"
    1 | sources: [{name:web, files: a.log, format: common}]
      |            ^)"},
      {R"(
sources:
  - {name: web, files: a.log, format: common}
  - {name: web, files: b.log, format: common}
)",
       R"(
t.yml:3:12: sources[1] "web": the name is already taken in line 2
    3 |   - {name: web, files: b.log, format: common}
      |            ^)"},
      {"sources: [{name: [web], files: {a: b}, format: common}]\n", R"(
t.yml:1:18: sources[0].name: expected a text, not a list
    1 | sources: [{name: [web], files: {a: b}, format: common}]
      |                  ^
t.yml:1:32: sources[0]: files: expected a text, not a mapping
    1 | sources: [{name: [web], files: {a: b}, format: common}]
      |                                ^)"},
      {"sources: [{name: '', files: [], exclude: [[a]], format: common}]\n", R"(
t.yml:1:18: sources[0].name: the text is empty
    1 | sources: [{name: '', files: [], exclude: [[a]], format: common}]
      |                  ^
t.yml:1:29: sources[0]: files: the list is empty
    1 | sources: [{name: '', files: [], exclude: [[a]], format: common}]
      |                             ^
t.yml:1:43: sources[0]: exclude[0]: expected a text, not a list
    1 | sources: [{name: '', files: [], exclude: [[a]], format: common}]
      |                                           ^)"},
      {"sources: [{name: web, files: a.log, format: common, start_at: begin}]\n", R"(
t.yml:1:63: sources[0] "web": start_at: expected one of end, beginning, not "begin"
    1 | sources: [{name: web, files: a.log, format: common, start_at: begin}]
      |                                                               ^)"},
      {"sources: [{name: web, files: a.log, format: common, max_line_bytes: 64Ki}]\n", R"(
t.yml:1:69: sources[0] "web": max_line_bytes: expected a whole number from 1 to 262144, not "64Ki"
    1 | sources: [{name: web, files: a.log, format: common, max_line_bytes: 64Ki}]
      |                                                                     ^)"},
      {"sources: [{name: web, files: a.log, format: common, max_line_bytes: 262145}]\n", R"(
t.yml:1:69: sources[0] "web": max_line_bytes: expected a whole number from 1 to 262144, not "262145"
    1 | sources: [{name: web, files: a.log, format: common, max_line_bytes: 262145}]
      |                                                                     ^)"},
      {R"(
sources:
  - name: web
    files: a.log
    format: common
    extract:
      - from: $request_uri
      - from: $request_uri
        regexp: '^/v2/'
      - $request_uri
)",
       R"(
t.yml:6:9: sources[0] "web": extract[0]: has no "regex"
    6 |       - from: $request_uri
      |         ^
t.yml:8:9: sources[0] "web": extract[1]: unknown key "regexp" (did you mean "regex"?)
    8 |         regexp: '^/v2/'
      |         ^
t.yml:9:9: sources[0] "web": extract[2]: expected a mapping, not "$request_uri"
    9 |       - $request_uri
      |         ^)"},
      {"sources: [{name: web, files: a.log, format: common, extract: {from: $a, regex: b}}]\n", R"(
t.yml:1:62: sources[0] "web": extract: expected a list, not a mapping
    1 | sources: [{name: web, files: a.log, format: common, extract: {from: $a, regex: b}}]
      |                                                              ^)"},
  })));
}

TEST_CASE("a format must be one that there is", "[file]") {
  check(GENERATE(values<Row>({
      {"sources: [{name: web, files: a.log, format: combind}]\n", R"(
t.yml:1:45: sources[0] "web": format: there is no format "combind" (did you mean "combined"?); there are combined, common, and nginx's log_format texts, which have a "$"
    1 | sources: [{name: web, files: a.log, format: combind}]
      |                                             ^)"},
      {"sources: [{name: web, files: a.log, format: [common, apache]}]\n", R"(
t.yml:1:54: sources[0] "web": format[1]: there is no format "apache"; there are combined, common, and nginx's log_format texts, which have a "$"
    1 | sources: [{name: web, files: a.log, format: [common, apache]}]
      |                                                      ^)"},
      {"sources: [{name: web, files: a.log, format: []}]\n", R"(
t.yml:1:45: sources[0] "web": format: the list is empty
    1 | sources: [{name: web, files: a.log, format: []}]
      |                                             ^)"},
      {"sources: [{name: web, files: a.log, format: [[common]]}]\n", R"(
t.yml:1:46: sources[0] "web": format[0]: expected a text, not a list
    1 | sources: [{name: web, files: a.log, format: [[common]]}]
      |                                              ^)"},
      {"sources: [{name: web, files: a.log, format: {}}]\n", R"(
t.yml:1:45: sources[0] "web": format: has no "regex"
    1 | sources: [{name: web, files: a.log, format: {}}]
      |                                             ^)"},
      {"sources: [{name: web, files: a.log, format: {regexp: a}}]\n", R"(
t.yml:1:46: sources[0] "web": format: unknown key "regexp" (did you mean "regex"?)
    1 | sources: [{name: web, files: a.log, format: {regexp: a}}]
      |                                              ^)"},
      {"sources: [{name: web, files: a.log, format: {regex: [a, b]}}]\n", R"(
t.yml:1:53: sources[0] "web": format.regex: expected a text, not a list
    1 | sources: [{name: web, files: a.log, format: {regex: [a, b]}}]
      |                                                     ^)"},
      {"sources: [{name: web, files: a.log, format: {regex: {}}}]\n", R"(
t.yml:1:53: sources[0] "web": format.regex: the mapping is empty
    1 | sources: [{name: web, files: a.log, format: {regex: {}}}]
      |                                                     ^)"},
      {"sources: [{name: web, files: a.log, format: {nginx: $a, escape: xml, name: b}}]\n", R"(
t.yml:1:65: sources[0] "web": format.escape: expected one of default, json, none, not "xml"
    1 | sources: [{name: web, files: a.log, format: {nginx: $a, escape: xml, name: b}}]
      |                                                                 ^
t.yml:1:70: sources[0] "web": format: unknown key "name"
    1 | sources: [{name: web, files: a.log, format: {nginx: $a, escape: xml, name: b}}]
      |                                                                      ^)"},
      {"sources: [{name: web, files: a.log, format: {regex: {ok: '', ok: b, bad: [c]}}}]\n", R"(
t.yml:1:58: sources[0] "web": format.regex.ok: the text is empty
    1 | sources: [{name: web, files: a.log, format: {regex: {ok: '', ok: b, bad: [c]}}}]
      |                                                          ^
t.yml:1:62: the key "ok" is already in line 1
    1 | sources: [{name: web, files: a.log, format: {regex: {ok: '', ok: b, bad: [c]}}}]
      |                                                              ^
t.yml:1:74: sources[0] "web": format.regex.bad: expected a text, not a list
    1 | sources: [{name: web, files: a.log, format: {regex: {ok: '', ok: b, bad: [c]}}}]
      |                                                                          ^)"},
  })));
}

// Behind one source "web" in line 1.
void check_metrics(const Row& row) {
  CAPTURE(row.file);
  const std::string source = "sources: [{name: web, files: a.log, format: common}]\n";
  CHECK(load(source + without_first_newline(row.file)).errors == without_first_newline(row.reports));
}

TEST_CASE("a metric has one kind and a good name", "[file]") {
  check_metrics(GENERATE(values<Row>({
      {"metrics: [{help: Requests served.}]\n", R"(
t.yml:2:11: metrics[0]: has no kind: one of counter, gauge, histogram, with the metric's name behind it
    2 | metrics: [{help: Requests served.}]
      |           ^)"},
      {"metrics: [{countr: a_total}]\n", R"(
t.yml:2:12: metrics[0]: unknown key "countr" (did you mean "counter"?)
    2 | metrics: [{countr: a_total}]
      |            ^)"},
      {"metrics: [{counter: a_total, gauge: a}]\n", R"(
t.yml:2:30: metrics[0]: a metric is one kind of thing, and this is a counter already
    2 | metrics: [{counter: a_total, gauge: a}]
      |                              ^)"},
      {"metrics: [a_total]\n", R"(
t.yml:2:11: metrics[0]: expected a mapping, not "a_total"
    2 | metrics: [a_total]
      |           ^)"},
      {"metrics: [{counter: }]\n", R"(
t.yml:2:12: "counter" has no value
    2 | metrics: [{counter: }]
      |            ^)"},
      {"metrics: [{counter: a}, {counter: _total}]\n", R"(
t.yml:2:21: metrics[0] "a": a counter's name ends in "_total"
    2 | metrics: [{counter: a}, {counter: _total}]
      |                     ^
t.yml:2:35: metrics[1] "_total": a counter's name ends in "_total"
    2 | metrics: [{counter: a}, {counter: _total}]
      |                                   ^)"},
      {"metrics: [{counter: 'job:a_total'}, {counter: a-b_total}, {counter: 4_total}]\n", R"(
t.yml:2:21: metrics[0] "job:a_total": colons are for the names of recording rules
    2 | metrics: [{counter: 'job:a_total'}, {counter: a-b_total}, {counter: 4_total}]
      |                     ^
t.yml:2:47: metrics[1] "a-b_total": a metric's name has letters, digits and "_", and no digit in front
    2 | metrics: [{counter: 'job:a_total'}, {counter: a-b_total}, {counter: 4_total}]
      |                                               ^
t.yml:2:69: metrics[2] "4_total": a metric's name has letters, digits and "_", and no digit in front
    2 | metrics: [{counter: 'job:a_total'}, {counter: a-b_total}, {counter: 4_total}]
      |                                                                     ^)"},
      {"metrics: [{counter: tailmeter_lines_total}]\n", R"(
t.yml:2:21: metrics[0] "tailmeter_lines_total": names that begin with "tailmeter_" are for the program's own metrics
    2 | metrics: [{counter: tailmeter_lines_total}]
      |                     ^)"},
  })));
}

TEST_CASE("the keys of a metric are checked", "[file]") {
  check_metrics(GENERATE(values<Row>({
      {"metrics: [{counter: a_total, lables: {a: $b}}]\n", R"(
t.yml:2:30: metrics[0] "a_total": unknown key "lables" (did you mean "labels"?)
    2 | metrics: [{counter: a_total, lables: {a: $b}}]
      |                              ^)"},
      {"metrics: [{counter: a_total, help: [x]}]\n", R"(
t.yml:2:36: metrics[0] "a_total": help: expected a text, not a list
    2 | metrics: [{counter: a_total, help: [x]}]
      |                                    ^)"},
      {"metrics: [{counter: a_total, source: wep}, {counter: b_total, source: [web, mail, web]}]\n", R"(
t.yml:2:38: metrics[0] "a_total": source: there is no source "wep" (did you mean "web"?)
    2 | metrics: [{counter: a_total, source: wep}, {counter: b_total, source: [web, mail, web]}]
      |                                      ^
t.yml:2:77: metrics[1] "b_total": source[1]: there is no source "mail"
    2 | metrics: [{counter: a_total, source: wep}, {counter: b_total, source: [web, mail, web]}]
      |                                                                             ^
t.yml:2:83: metrics[1] "b_total": source[2]: the name is already taken in line 2
    2 | ...trics: [{counter: a_total, source: wep}, {counter: b_total, source: [web, mail, web]}]
      |                                                                                    ^)"},
      {"metrics: [{counter: a_total, max_series: 0}, {counter: b_total, max_series: -1}]\n", R"(
t.yml:2:42: metrics[0] "a_total": max_series: expected a whole number from 1 to 1000000, not "0"
    2 | metrics: [{counter: a_total, max_series: 0}, {counter: b_total, max_series: -1}]
      |                                          ^
t.yml:2:77: metrics[1] "b_total": max_series: expected a whole number from 1 to 1000000, not "-1"
    2 | metrics: [{counter: a_total, max_series: 0}, {counter: b_total, max_series: -1}]
      |                                                                             ^)"},
      {"metrics: [{counter: a_total, when: status, unless: [status]}]\n", R"(
t.yml:2:36: metrics[0] "a_total": when: expected a mapping, not "status"
    2 | metrics: [{counter: a_total, when: status, unless: [status]}]
      |                                    ^
t.yml:2:52: metrics[0] "a_total": unless: expected a mapping, not a list
    2 | metrics: [{counter: a_total, when: status, unless: [status]}]
      |                                                    ^)"},
      {"metrics: [{counter: a_total, when: {status: {a: b}, $: x, method: []}}]\n", R"(
t.yml:2:45: metrics[0] "a_total": when.status: expected a text, not a mapping
    2 | metrics: [{counter: a_total, when: {status: {a: b}, $: x, method: []}}]
      |                                             ^
t.yml:2:53: metrics[0] "a_total": when: expected the name of a field
    2 | metrics: [{counter: a_total, when: {status: {a: b}, $: x, method: []}}]
      |                                                     ^
t.yml:2:67: metrics[0] "a_total": when.method: the list is empty
    2 | metrics: [{counter: a_total, when: {status: {a: b}, $: x, method: []}}]
      |                                                                   ^)"},
      {"metrics: [{gauge: a, value: {form: $x}}, {gauge: b, value: {list: all, unit: min}}]\n", R"(
t.yml:2:30: metrics[0] "a": value: unknown key "form" (did you mean "from"?)
    2 | metrics: [{gauge: a, value: {form: $x}}, {gauge: b, value: {list: all, unit: min}}]
      |                              ^
t.yml:2:60: metrics[1] "b": value: has no "from"
    2 | metrics: [{gauge: a, value: {form: $x}}, {gauge: b, value: {list: all, unit: min}}]
      |                                                            ^
t.yml:2:67: metrics[1] "b": value.list: expected one of last, first, sum, max, each, not "all"
    2 | metrics: [{gauge: a, value: {form: $x}}, {gauge: b, value: {list: all, unit: min}}]
      |                                                                   ^
t.yml:2:78: metrics[1] "b": value.unit: expected one of s, ms, us, ns, go, bytes, si, iec, not "min"
    2 | metrics: [{gauge: a, value: {form: $x}}, {gauge: b, value: {list: all, unit: min}}]
      |                                                                              ^)"},
      {"metrics: [{gauge: a}, {gauge: b, op: max}, {histogram: c}]\n", R"(
t.yml:2:11: metrics[0] "a": a gauge needs a "value", except with op: add, which then adds 1
    2 | metrics: [{gauge: a}, {gauge: b, op: max}, {histogram: c}]
      |           ^
t.yml:2:23: metrics[1] "b": a gauge needs a "value", except with op: add, which then adds 1
    2 | metrics: [{gauge: a}, {gauge: b, op: max}, {histogram: c}]
      |                       ^
t.yml:2:44: metrics[2] "c": a histogram needs a "value"
    2 | metrics: [{gauge: a}, {gauge: b, op: max}, {histogram: c}]
      |                                            ^)"},
      {"metrics: [{gauge: a, value: 1, op: inc}, {counter: b_total, op: add, buckets: bytes}]\n", R"(
t.yml:2:36: metrics[0] "a": op: expected one of set, add, max, min, not "inc"
    2 | metrics: [{gauge: a, value: 1, op: inc}, {counter: b_total, op: add, buckets: bytes}]
      |                                    ^
t.yml:2:61: metrics[1] "b_total": only a gauge has "op"
    2 | metrics: [{gauge: a, value: 1, op: inc}, {counter: b_total, op: add, buckets: bytes}]
      |                                                             ^
t.yml:2:70: metrics[1] "b_total": only a histogram has "buckets"
    2 | metrics: [{gauge: a, value: 1, op: inc}, {counter: b_total, op: add, buckets: bytes}]
      |                                                                      ^)"},
  })));
}

TEST_CASE("buckets are rising numbers or one of two names", "[file]") {
  check_metrics(GENERATE(values<Row>({
      {"metrics: [{histogram: h, value: $v, buckets: {le: 1}}]\n", R"(
t.yml:2:46: metrics[0] "h": buckets: expected a list of numbers, or one of latency, bytes, not a mapping
    2 | metrics: [{histogram: h, value: $v, buckets: {le: 1}}]
      |                                              ^)"},
      {"metrics: [{histogram: h, value: $v, buckets: lateny}]\n", R"(
t.yml:2:46: metrics[0] "h": buckets: expected a list of numbers, or one of latency, bytes, not "lateny"
    2 | metrics: [{histogram: h, value: $v, buckets: lateny}]
      |                                              ^)"},
      {"metrics: [{histogram: h, value: $v, buckets: [0.1, x, [1], 5, 5, 1]}]\n", R"(
t.yml:2:52: metrics[0] "h": buckets[1]: expected a number, not "x"
    2 | metrics: [{histogram: h, value: $v, buckets: [0.1, x, [1], 5, 5, 1]}]
      |                                                    ^
t.yml:2:55: metrics[0] "h": buckets[2]: expected a text, not a list
    2 | metrics: [{histogram: h, value: $v, buckets: [0.1, x, [1], 5, 5, 1]}]
      |                                                       ^
t.yml:2:63: metrics[0] "h": buckets[4]: the bounds must rise, and 5 is not above 5
    2 | metrics: [{histogram: h, value: $v, buckets: [0.1, x, [1], 5, 5, 1]}]
      |                                                               ^
t.yml:2:66: metrics[0] "h": buckets[5]: the bounds must rise, and 1 is not above 5
    2 | metrics: [{histogram: h, value: $v, buckets: [0.1, x, [1], 5, 5, 1]}]
      |                                                                  ^)"},
      {"metrics: [{histogram: h, value: $v, buckets: [1, +Inf]}, {histogram: i, value: $v, buckets: []}]\n", R"(
t.yml:2:50: metrics[0] "h": buckets[1]: the bucket for everything, +Inf, is always there: leave it out
    2 | metrics: [{histogram: h, value: $v, buckets: [1, +Inf]}, {histogram: i, value: $v, buckets: []}]
      |                                                  ^
t.yml:2:93: metrics[1] "i": buckets: the list is empty
    2 | ...istogram: h, value: $v, buckets: [1, +Inf]}, {histogram: i, value: $v, buckets: []}]
      |                                                                                    ^)"},
  })));
}

TEST_CASE("labels are checked", "[file]") {
  check_metrics(GENERATE(values<Row>({
      {"metrics: [{counter: a_total, labels: [status]}]\n", R"(
t.yml:2:38: metrics[0] "a_total": labels: expected a mapping, not a list
    2 | metrics: [{counter: a_total, labels: [status]}]
      |                                      ^)"},
      {"metrics: [{counter: a_total, labels: {a-b: $a, __c: $c, le: $d, quantile: $e, 'f:g': $f}}]\n", R"(
t.yml:2:39: metrics[0] "a_total": labels.a-b: a label's name has letters, digits and "_", and no digit in front
    2 | metrics: [{counter: a_total, labels: {a-b: $a, __c: $c, le: $d, quantile: $e, 'f:g': $f}}]
      |                                       ^
t.yml:2:48: metrics[0] "a_total": labels.__c: labels that begin with "__" are Prometheus's own
    2 | metrics: [{counter: a_total, labels: {a-b: $a, __c: $c, le: $d, quantile: $e, 'f:g': $f}}]
      |                                                ^
t.yml:2:57: metrics[0] "a_total": labels.le: the label "le" holds the bounds of a histogram's buckets
    2 | metrics: [{counter: a_total, labels: {a-b: $a, __c: $c, le: $d, quantile: $e, 'f:g': $f}}]
      |                                                         ^
t.yml:2:65: metrics[0] "a_total": labels.quantile: the label "quantile" holds the quantiles of a summary
    2 | metrics: [{counter: a_total, labels: {a-b: $a, __c: $c, le: $d, quantile: $e, 'f:g': $f}}]
      |                                                                 ^
t.yml:2:79: metrics[0] "a_total": labels.f:g: a label's name has letters, digits and "_", and no digit in front
    2 | metrics: [{counter: a_total, labels: {a-b: $a, __c: $c, le: $d, quantile: $e, 'f:g': $f}}]
      |                                                                               ^)"},
      {"metrics: [{counter: a_total, labels: {a: $a, a: $b, method:$m}}]\n", R"(
t.yml:2:46: the key "a" is already in line 2
    2 | metrics: [{counter: a_total, labels: {a: $a, a: $b, method:$m}}]
      |                                              ^
t.yml:2:53: "method:$m" has no value: is a blank missing behind its ":"?
    2 | metrics: [{counter: a_total, labels: {a: $a, a: $b, method:$m}}]
      |                                                     ^
t.yml:2:53: metrics[0] "a_total": labels.method:$m: a label's name has letters, digits and "_", and no digit in front
    2 | metrics: [{counter: a_total, labels: {a: $a, a: $b, method:$m}}]
      |                                                     ^)"},
      {R"(
metrics:
  - counter: a_total
    labels:
      one: {map: {a: b}}
      two: {from: $x, maps: {a: b}}
      three: {from: $x, regex: a}
      four: {from: $x, replace: b}
      five: {from: $x, lower: yes}
      six: {from: $x, max_length: many}
      seven: {from: $x, map: [a], allow: {a: b}}
      eight: {from: [$x], map: {a: [b]}}
      nine: {from: $x, map: {}}
)",
       R"(
t.yml:5:12: metrics[0] "a_total": labels.one: has no "from"
    5 |       one: {map: {a: b}}
      |            ^
t.yml:6:23: metrics[0] "a_total": labels.two: unknown key "maps" (did you mean "map"?)
    6 |       two: {from: $x, maps: {a: b}}
      |                       ^
t.yml:7:25: metrics[0] "a_total": labels.three: "regex" needs "replace": what to put for what it matches
    7 |       three: {from: $x, regex: a}
      |                         ^
t.yml:8:24: metrics[0] "a_total": labels.four: "replace" needs "regex": what to replace
    8 |       four: {from: $x, replace: b}
      |                        ^
t.yml:9:31: metrics[0] "a_total": labels.five.lower: expected one of true, false, not "yes"
    9 |       five: {from: $x, lower: yes}
      |                               ^
t.yml:10:35: metrics[0] "a_total": labels.six.max_length: expected a whole number from 1 to 4096, not "many"
   10 |       six: {from: $x, max_length: many}
      |                                   ^
t.yml:11:30: metrics[0] "a_total": labels.seven.map: expected a mapping, not a list
   11 |       seven: {from: $x, map: [a], allow: {a: b}}
      |                              ^
t.yml:11:42: metrics[0] "a_total": labels.seven.allow: expected a text, not a mapping
   11 |       seven: {from: $x, map: [a], allow: {a: b}}
      |                                          ^
t.yml:12:21: metrics[0] "a_total": labels.eight.from: expected a text, not a list
   12 |       eight: {from: [$x], map: {a: [b]}}
      |                     ^
t.yml:12:36: metrics[0] "a_total": labels.eight.map.a: expected a text, not a list
   12 |       eight: {from: [$x], map: {a: [b]}}
      |                                    ^
t.yml:13:29: metrics[0] "a_total": labels.nine.map: the mapping is empty
   13 |       nine: {from: $x, map: {}}
      |                             ^)"},
  })));
}

TEST_CASE("entries of one family must agree, and families must not write the same names", "[file]") {
  check_metrics(GENERATE(values<Row>({
      {R"(
metrics:
  - gauge: a
    value: $x
  - histogram: a
    value: $x
)",
       R"(
t.yml:5:16: metrics[1] "a": the entry in line 3 has the same name, but is a gauge
    5 |   - histogram: a
      |                ^)"},
      {R"(
metrics:
  - counter: a_total
    labels: {b: $b}
  - counter: a_total
    labels: {b: $b, c: $c}
)",
       R"(
t.yml:5:14: metrics[1] "a_total": the entry in line 3 has the same name, but other labels
    5 |   - counter: a_total
      |              ^)"},
      {R"(
metrics:
  - counter: a_total
  - counter: a_total
    help: One.
  - counter: a_total
    help: Another.
)",
       R"(
t.yml:6:14: metrics[2] "a_total": the entry in line 4 has the same name, but another help
    6 |   - counter: a_total
      |              ^)"},
      {R"(
metrics:
  - histogram: a
    value: $x
  - histogram: a
    value: $x
    buckets: bytes
)",
       R"(
t.yml:5:16: metrics[1] "a": the entry in line 3 has the same name, but other buckets
    5 |   - histogram: a
      |                ^)"},
      {R"(
metrics:
  - histogram: a
    value: $x
  - gauge: a_count
    value: $x
  - gauge: b
    value: $x
  - counter: b_total
  - counter: c_total
  - gauge: c_created
    value: $x
)",
       R"(
t.yml:5:12: metrics[1] "a_count": the histogram "a" in line 3 writes "a_count" too
    5 |   - gauge: a_count
      |            ^
t.yml:9:14: metrics[3] "b_total": the gauge "b" in line 7 writes "b" too
    9 |   - counter: b_total
      |              ^
t.yml:11:12: metrics[5] "c_created": the counter "c_total" in line 10 writes "c_created" too
   11 |   - gauge: c_created
      |            ^)"},
  })));
}

TEST_CASE("the keys of a test are checked", "[file]") {
  check_metrics(GENERATE(values<Row>({
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
  struct Form {
    const char* text;
    const char* name;
  };
  SECTION("in a source") {
    const auto form = GENERATE(values<Form>({
        {"preset: registry", "preset"},
        {"prefix: syslog", "prefix"},
        {"syslog: 'udp://127.0.0.1:5514'", "syslog"},
        {"fifo: /run/web.fifo", "fifo"},
        {"stdin: true", "stdin"},
    }));
    const std::string line = "sources: [{" + std::string(form.text) + ", name: web}]";
    CHECK(load(line).errors == "t.yml:1:12: sources[0] \"web\": \"" + std::string(form.name) +
                                   "\" is not yet supported\n    1 | " + line + "\n      |            ^");
  }
  SECTION("as a format") {
    const auto form = GENERATE(values<Form>({
        {"json", "json"},
        {"logfmt", "logfmt"},
        {"ltsv", "ltsv"},
        {"csv", "csv"},
        {"nginx_error", "nginx_error"},
    }));
    const std::string line = "sources: [{name: web, files: a.log, format: " + std::string(form.text) + "}]";
    CHECK(load(line).errors == "t.yml:1:45: sources[0] \"web\": format: \"" + std::string(form.name) +
                                   "\" is not yet supported\n    1 | " + line + "\n      | " + std::string(44, ' ') +
                                   "^");
  }
  SECTION("as a format with options") {
    const auto form = GENERATE(values<Form>({
        {"nginx_conf: a, name: b", "nginx_conf"},
        {"json: {}", "json"},
        {"csv: {header: true}", "csv"},
    }));
    const std::string line = "sources: [{name: web, files: a.log, format: {" + std::string(form.text) + "}}]";
    CHECK(load(line).errors == "t.yml:1:46: sources[0] \"web\": format: \"" + std::string(form.name) +
                                   "\" is not yet supported\n    1 | " + line + "\n      | " + std::string(45, ' ') +
                                   "^");
  }
  SECTION("as a kind of metric") {
    const std::string kind = GENERATE("topk", "distinct", "summary", "ratio", "duration");
    const std::string line = "metrics: [{" + kind + ": a, of: $b, k: 1, window: 1h}]";
    CHECK(load("sources: [{name: web, files: a.log, format: common}]\n" + line).errors ==
          "t.yml:2:12: metrics[0] \"a\": \"" + kind + "\" is not yet supported\n    2 | " + line +
              "\n      |            ^");
  }
  SECTION("in a metric") {
    const std::string key = GENERATE("native", "ttl", "init", "each", "unit", "k", "of", "window", "quantiles", "hit",
                                     "start", "end", "key", "at", "max_open");
    const std::string line = "metrics: [{" + key + ": x, counter: a_total}]";
    CHECK(load("sources: [{name: web, files: a.log, format: common}]\n" + line).errors ==
          "t.yml:2:12: metrics[0] \"a_total\": \"" + key + "\" is not yet supported\n    2 | " + line +
              "\n      |            ^");
  }
  SECTION("in a label") {
    check_metrics({"metrics: [{counter: a_total, labels: {a: {from: $a, path: auto}}}]\n", R"(
t.yml:2:53: metrics[0] "a_total": labels.a: "path" is not yet supported
    2 | metrics: [{counter: a_total, labels: {a: {from: $a, path: auto}}}]
      |                                                     ^)"});
  }
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
t.yml:10:13: sources[0] "web": format: there is no format "combind" (did you mean "combined"?); there are combined, common, and nginx's log_format texts, which have a "$"
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
