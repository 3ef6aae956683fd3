// Metrics that are refused.
#include <catch2/catch.hpp>

#include "test/rules/file/refused.h"

namespace tailmeter {
namespace {

TEST_CASE("a metric has one kind and a good name", "[file]") {
  check_metrics(GENERATE(values<Refused>({
      {"metrics: [{help: Requests served.}]\n", R"(
t.yml:2:11: metrics[0]: has no kind: one of counter, gauge, histogram, summary, topk, distinct, ratio, duration, with the metric's name behind it
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
      {"metrics: [{counter: process_cpu_seconds_total}]\n", R"(
t.yml:2:21: metrics[0] "process_cpu_seconds_total": names that begin with "process_" are for what every exporter says of its own process
    2 | metrics: [{counter: process_cpu_seconds_total}]
      |                     ^)"},
  })));
}

TEST_CASE("the keys of a metric are checked", "[file]") {
  check_metrics(GENERATE(values<Refused>({
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
t.yml:2:70: metrics[1] "b_total": only a histogram or a duration has "buckets"
    2 | metrics: [{gauge: a, value: 1, op: inc}, {counter: b_total, op: add, buckets: bytes}]
      |                                                                      ^)"},
  })));
}

TEST_CASE("buckets are rising numbers or one of two names", "[file]") {
  check_metrics(GENERATE(values<Refused>({
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

TEST_CASE("a duration needs its start, its end and a key, and nothing else has them", "[file]") {
  check_metrics({R"(
metrics:
  - {duration: a, value: $b, max_open: 0}
  - {gauge: b, value: $b, start: {a: x}, at: $b}
)",
                 R"(
t.yml:3:5: metrics[0] "a": has no "start"
    3 |   - {duration: a, value: $b, max_open: 0}
      |     ^
t.yml:3:5: metrics[0] "a": has no "end"
    3 |   - {duration: a, value: $b, max_open: 0}
      |     ^
t.yml:3:5: metrics[0] "a": has no "key"
    3 |   - {duration: a, value: $b, max_open: 0}
      |     ^
t.yml:3:19: metrics[0] "a": a duration has no "value": it is measured from the start to the end; "at" says by what
    3 |   - {duration: a, value: $b, max_open: 0}
      |                   ^
t.yml:3:40: metrics[0] "a": max_open: expected a whole number from 1 to 1000000, not "0"
    3 |   - {duration: a, value: $b, max_open: 0}
      |                                        ^
t.yml:4:27: metrics[1] "b": only a duration has "start"
    4 |   - {gauge: b, value: $b, start: {a: x}, at: $b}
      |                           ^
t.yml:4:42: metrics[1] "b": only a duration has "at"
    4 |   - {gauge: b, value: $b, start: {a: x}, at: $b}
      |                                          ^)"});
}

TEST_CASE("a summary has a value and rising quantiles", "[file]") {
  check_metrics(GENERATE(values<Refused>({
      {"metrics: [{summary: s, quantiles: [0.9, 0.5, 1.1, x]}]\n", R"(
t.yml:2:11: metrics[0] "s": a summary needs a "value"
    2 | metrics: [{summary: s, quantiles: [0.9, 0.5, 1.1, x]}]
      |           ^
t.yml:2:41: metrics[0] "s": quantiles[1]: the quantiles must rise, and 0.5 is not above 0.9
    2 | metrics: [{summary: s, quantiles: [0.9, 0.5, 1.1, x]}]
      |                                         ^
t.yml:2:46: metrics[0] "s": quantiles[2]: expected a number from 0 to 1, not "1.1"
    2 | metrics: [{summary: s, quantiles: [0.9, 0.5, 1.1, x]}]
      |                                              ^
t.yml:2:51: metrics[0] "s": quantiles[3]: expected a number from 0 to 1, not "x"
    2 | metrics: [{summary: s, quantiles: [0.9, 0.5, 1.1, x]}]
      |                                                   ^)"},
      {"metrics: [{summary: s, value: $v, window: 5}, {summary: t, value: $v, window: 9s}]\n", R"(
t.yml:2:43: metrics[0] "s": window: expected a duration such as 90s, 10m, 24h or 7d, not "5"
    2 | metrics: [{summary: s, value: $v, window: 5}, {summary: t, value: $v, window: 9s}]
      |                                           ^
t.yml:2:79: metrics[1] "t": window: expected a duration from 10 s to 2678400 s
    2 | metrics: [{summary: s, value: $v, window: 5}, {summary: t, value: $v, window: 9s}]
      |                                                                               ^)"},
  })));
}

TEST_CASE("a topk has labels, watches as many as it shows, and lets go by itself", "[file]") {
  check_metrics(GENERATE(values<Refused>({
      {"metrics: [{topk: t}, {topk: u, labels: {a: $a}, k: 20, max_series: 10, ttl: 1h}]\n", R"(
t.yml:2:11: metrics[0] "t": a topk needs "labels": what to count the most of
    2 | metrics: [{topk: t}, {topk: u, labels: {a: $a}, k: 20, max_series: 10, ttl: 1h}]
      |           ^
t.yml:2:56: metrics[1] "u": max_series is how many are watched for the 20 that are shown: it cannot be less
    2 | metrics: [{topk: t}, {topk: u, labels: {a: $a}, k: 20, max_series: 10, ttl: 1h}]
      |                                                        ^
t.yml:2:72: metrics[1] "u": a topk has no "ttl": what comes seldom makes room by itself
    2 | metrics: [{topk: t}, {topk: u, labels: {a: $a}, k: 20, max_series: 10, ttl: 1h}]
      |                                                                        ^)"},
  })));
}

TEST_CASE("a distinct says of what, and a ratio what a hit is", "[file]") {
  check_metrics(GENERATE(values<Refused>({
      {"metrics: [{distinct: a_total, value: $v}, {distinct: b, of: $v}, {ratio: c, k: 1}]\n", R"(
t.yml:2:11: metrics[0] "a_total": has no "of"
    2 | metrics: [{distinct: a_total, value: $v}, {distinct: b, of: $v}, {ratio: c, k: 1}]
      |           ^
t.yml:2:31: metrics[0] "a_total": a distinct has no "value": it counts the different values of "of"
    2 | metrics: [{distinct: a_total, value: $v}, {distinct: b, of: $v}, {ratio: c, k: 1}]
      |                               ^
t.yml:2:54: metrics[1] "b": a distinct without a "window" is a counter, and its name ends in "_total"
    2 | metrics: [{distinct: a_total, value: $v}, {distinct: b, of: $v}, {ratio: c, k: 1}]
      |                                                      ^
t.yml:2:66: metrics[2] "c": has no "hit"
    2 | metrics: [{distinct: a_total, value: $v}, {distinct: b, of: $v}, {ratio: c, k: 1}]
      |                                                                  ^
t.yml:2:77: metrics[2] "c": only a topk has "k"
    2 | metrics: [{distinct: a_total, value: $v}, {distinct: b, of: $v}, {ratio: c, k: 1}]
      |                                                                             ^)"},
  })));
}

TEST_CASE("a native histogram has a schema and a number of buckets, and nothing else has them", "[file]") {
  check_metrics(GENERATE(values<Refused>({
      {"metrics: [{histogram: a, value: $v, native: {schema: 9, max_buckets: 15, x: 1}}]\n", R"(
t.yml:2:54: metrics[0] "a": native.schema: expected a whole number from 0 to 8, not "9"
    2 | metrics: [{histogram: a, value: $v, native: {schema: 9, max_buckets: 15, x: 1}}]
      |                                                      ^
t.yml:2:70: metrics[0] "a": native.max_buckets: expected a whole number from 16 to 1000, not "15"
    2 | metrics: [{histogram: a, value: $v, native: {schema: 9, max_buckets: 15, x: 1}}]
      |                                                                      ^
t.yml:2:74: metrics[0] "a": native: unknown key "x"
    2 | metrics: [{histogram: a, value: $v, native: {schema: 9, max_buckets: 15, x: 1}}]
      |                                                                          ^)"},
      {"metrics: [{counter: a_total, native: true}, {histogram: b, value: $v, native: 5}]\n", R"(
t.yml:2:30: metrics[0] "a_total": only a histogram or a duration has "native"
    2 | metrics: [{counter: a_total, native: true}, {histogram: b, value: $v, native: 5}]
      |                              ^
t.yml:2:79: metrics[1] "b": native: expected one of true, false, not "5"
    2 | metrics: [{counter: a_total, native: true}, {histogram: b, value: $v, native: 5}]
      |                                                                               ^)"},
  })));
}

TEST_CASE("series from the start have a value for each label of the metric", "[file]") {
  check_metrics({R"(
metrics:
  - counter: a_total
    labels: {x: $x, y: $y}
    init: [{x: 1}, {x: 1, y: 2, z: 3}, 4]
    ttl: 1s
)",
                 R"(
t.yml:5:12: metrics[0] "a_total": init[0]: has no value for the label "y"
    5 |     init: [{x: 1}, {x: 1, y: 2, z: 3}, 4]
      |            ^
t.yml:5:33: metrics[0] "a_total": init[1]: the metric has no label "z"
    5 |     init: [{x: 1}, {x: 1, y: 2, z: 3}, 4]
      |                                 ^
t.yml:5:40: metrics[0] "a_total": init[2]: expected a mapping, not "4"
    5 |     init: [{x: 1}, {x: 1, y: 2, z: 3}, 4]
      |                                        ^
t.yml:6:10: metrics[0] "a_total": ttl: expected a duration from 10 s to 31622400 s
    6 |     ttl: 1s
      |          ^)"});
}

}  // namespace
}  // namespace tailmeter
