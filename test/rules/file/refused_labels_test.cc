// Labels, and families of metrics, that are refused.
#include <catch2/catch.hpp>

#include "test/rules/file/refused.h"

namespace tailmeter {
namespace {

TEST_CASE("labels are checked", "[file]") {
  check_metrics(GENERATE(values<Refused>({
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
      ten: {from: $x, path: [auto, /a, auto]}
      eleven: {from: $x, path: {/a: b}}
      twelve: {from: $x, path: []}
      thirteen: {from: $x, path: ''}
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
      |                             ^
t.yml:14:30: metrics[0] "a_total": labels.ten.path: "auto" takes every path: put it last
   14 |       ten: {from: $x, path: [auto, /a, auto]}
      |                              ^
t.yml:15:32: metrics[0] "a_total": labels.eleven.path: expected a text, not a mapping
   15 |       eleven: {from: $x, path: {/a: b}}
      |                                ^
t.yml:16:32: metrics[0] "a_total": labels.twelve.path: the list is empty
   16 |       twelve: {from: $x, path: []}
      |                                ^
t.yml:17:34: metrics[0] "a_total": labels.thirteen.path: the text is empty
   17 |       thirteen: {from: $x, path: ''}
      |                                  ^)"},
  })));
}

TEST_CASE("entries of one family must agree, and families must not write the same names", "[file]") {
  check_metrics(GENERATE(values<Refused>({
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
t.yml:5:14: metrics[1] "a_total": the entry in line 3 has the same name, but other labels; in the one that has no "c", say c: ''
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

}  // namespace
}  // namespace tailmeter
