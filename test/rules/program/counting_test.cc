// What rules do with lines. Expected numbers are thought out, not run out.
#include <catch2/catch.hpp>

#include "test/rules/program/words.h"
#include "test/support/rule_bench.h"

namespace tailmeter {
namespace {

TEST_CASE("a counter without labels is there from the start, one with labels from its first line", "[rules]") {
  RuleBench bench(
      words("  - counter: lines_total\n"
            "  - counter: words_total\n"
            "    labels: {word: $a}\n"
            "  - gauge: last\n"
            "    value: $b\n"));
  CHECK(bench.samples() == "lines_total 0\n");
  bench.count("x 5 -\n");
  CHECK(bench.samples() == "lines_total 1\nwords_total{word=\"x\"} 1\nlast 5\n");
}

TEST_CASE("a format whose lines name their fields has every field that a rule asks for, and its own ones win",
          "[rules]") {
  RuleBench bench(R"(
sources:
  - name: web
    files: [a.log]
    format: [ltsv, '$remote_addr "$request" $status']
    extract: [{from: $uri, regex: '^/(?P<first>[a-z]+)'}]
metrics:
  - {counter: n_total, labels: {method: $request_method, uri: $uri, status: $status, source: $source, format: $format}}
  - {counter: first_total, labels: {first: $first}}
  - {counter: bytes_total, value: $size}
)");
  bench.count("request:GET /a HTTP/1.1\tstatus:200\tsize:7\n")
      .count("uri:/b\trequest_method:PUT\trequest:GET /c HTTP/1.1\tsource:mine\tnobody:asks\n")
      .count("192.0.2.1 \"HEAD /d HTTP/1.1\" 304\n")
      .count("no label\n");
  CHECK(bench.samples() ==
        "n_total{format=\"ltsv\",method=\"GET\",source=\"web\",status=\"200\",uri=\"/a\"} 1\n"
        "n_total{format=\"2\",method=\"HEAD\",source=\"web\",status=\"304\",uri=\"/d\"} 1\n"
        "n_total{format=\"ltsv\",method=\"PUT\",source=\"mine\",uri=\"/b\"} 1\n"
        "first_total{first=\"a\"} 1\nfirst_total{first=\"b\"} 1\nfirst_total{first=\"d\"} 1\nbytes_total 7\n");
}

TEST_CASE("a LogFormat of httpd and nginx's error log give their fields to rules", "[rules]") {
  RuleBench bench(R"(
sources:
  - name: web
    files: [a.log]
    format: [{apache: '%h "%r" %>s %D'}, {apache: common}, nginx_error]
metrics:
  - {counter: n_total, labels: {method: $request_method, level: $level}}
  - {counter: seconds_total, value: {from: $request_time_us, unit: us}}
)");
  bench.count("192.0.2.1 \"GET /a HTTP/1.1\" 200 1500\n")
      .count("192.0.2.1 - - [21/Nov/2026:18:49:31 +0000] \"PUT /a HTTP/1.1\" 201 -\n")
      .count("2026/11/21 18:49:31 [error] 1#1: *2 m, client: 192.0.2.1, server: _, request: \"HEAD / HTTP/1.1\"\n");
  CHECK(bench.samples() ==
        "n_total{method=\"GET\"} 1\nn_total{level=\"error\",method=\"HEAD\"} 1\nn_total{method=\"PUT\"} 1\n"
        "seconds_total 0.0015\n");
}

TEST_CASE("lines of JSON, logfmt and CSV in one file give their fields to one rule", "[rules]") {
  RuleBench bench(R"(
sources:
  - name: web
    files: [a.log]
    format: [json, logfmt, {csv: {columns: [status, '${uri}', took], separator: ;}}]
metrics:
  - {counter: n_total, when: {http.method: GET}, labels: {status: $status, format: $format, agent: '${agent.0}'}}
  - {counter: took_total, value: {from: $took, list: sum}}
  - {counter: second_total, value: $3}
)");
  bench.count("{\"http\":{\"method\":\"GET\"},\"status\":200,\"took\":[0.5,null,\"0.25\"],\"agent\":[\"x\",\"y\"]}\n")
      .count("time=now http.method=GET status=404 took=1 msg=\"a \\\"b\\\"\"\n")
      .count("304;\"a;b\";2\n")
      .count("304;a;b;2\n");
  CHECK(bench.samples() ==
        "n_total{agent=\"x\",format=\"json\",status=\"200\"} 1\nn_total{format=\"logfmt\",status=\"404\"} 1\n"
        "took_total 3.75\nsecond_total 2\n");
}

TEST_CASE("when needs all of its fields, unless none, and a list means any of its patterns", "[rules]") {
  RuleBench bench(
      words("  - counter: n_total\n"
            "    when: {a: ['x.*', 'y'], b: '2..'}\n"
            "    unless: {c: '.*bot.*'}\n"));
  bench.count("xx 200 curl\n");
  CHECK(bench.samples() == "n_total 1\n");
  bench.count("axx 200 curl\n");  // patterns are anchored
  bench.count("y 2000 curl\n");
  bench.count("z 200 curl\n");
  bench.count("y 200 a bot!\n");
  CHECK(bench.samples() == "n_total 1\n");
  bench.count("y 200 \n");
  CHECK(bench.samples() == "n_total 2\n");
}

TEST_CASE("a condition on a field without a value does not hold: when leaves the line out, unless lets it through",
          "[rules]") {
  RuleBench bench(
      words("  - counter: when_total\n    when: {a: '.*'}\n"
            "  - counter: unless_total\n    unless: {a: '.*'}\n"));
  bench.count("- b c\n").count(" b c\n").count("a b c\n");
  CHECK(bench.samples() == "when_total 1\nunless_total 2\n");
}

std::string jobs(const std::string& more = "") {
  return words("  - duration: job_seconds\n    start: {a: begin}\n    end: {a: 'end|both'}\n    key: $b\n    at: $c\n" +
               std::string("    buckets: [1, 10]\n") + more);
}

TEST_CASE("a duration is measured from the line that begins a job to the line that ends the same one", "[rules]") {
  RuleBench bench(jobs());
  bench.count("begin x 2026-11-21T18:49:31Z\n").count("begin y 2026-11-21T18:49:32Z\n");
  CHECK(bench.samples() ==
        "job_seconds_bucket{le=\"1\"} 0\njob_seconds_bucket{le=\"10\"} 0\njob_seconds_bucket{le=\"+Inf\"} 0\n"
        "job_seconds_sum 0\njob_seconds_count 0\n");
  bench.count("end x 2026-11-21T18:49:36.5Z\n").count("end y 2026-11-21T18:49:32.25Z\n");
  CHECK(bench.samples() ==
        "job_seconds_bucket{le=\"1\"} 1\njob_seconds_bucket{le=\"10\"} 2\njob_seconds_bucket{le=\"+Inf\"} 2\n"
        "job_seconds_sum 5.75\njob_seconds_count 2\n");
  CHECK(bench.statistics(0).updates == 2);
  CHECK(bench.statistics(0).skipped_unpaired == 0);
}

TEST_CASE("an end without a start, and a start that will have no end, are counted and measure nothing", "[rules]") {
  RuleBench bench(jobs("    max_open: 2\n"));
  bench.count("end x 5\n");
  CHECK(bench.statistics(0).skipped_unpaired == 1);
  bench.count("begin x 5\n").count("begin x 7\n");  // the first was given up
  CHECK(bench.statistics(0).skipped_unpaired == 2);
  bench.count("begin y 8\n").count("begin z 9\n");  // x is the oldest of three
  CHECK(bench.statistics(0).skipped_unpaired == 3);
  bench.count("end x 10\n").count("end z 11\n").count("end y 12\n");
  CHECK(bench.statistics(0).skipped_unpaired == 4);
  CHECK(bench.statistics(0).updates == 2);
  bench.count("begin " + std::string(257, 'k') + " 1\n");
  CHECK(bench.statistics(0).skipped_unpaired == 5);
  CHECK(bench.rules().metrics()[0].jobs[0]->jobs().empty());
}

TEST_CASE("a job without a key or a moment is skipped, and a clock that was set back gives no duration", "[rules]") {
  RuleBench bench(jobs());
  bench.count("begin - 5\n").count("begin x -\n").count("begin x soon\n").count("begin x 9\n").count("end x 8\n");
  CHECK(bench.statistics(0).skipped_no_value == 2);
  CHECK(bench.statistics(0).skipped_not_a_number == 1);
  CHECK(bench.statistics(0).skipped_negative == 1);
  CHECK(bench.statistics(0).updates == 0);
}

TEST_CASE("a line may end one job and begin the next of the same key", "[rules]") {
  RuleBench bench(
      words("  - {duration: s, start: {a: 'begin|both'}, end: {a: 'end|both'}, key: $b, at: $c, buckets: [5]}\n"));
  bench.count("begin x 1\n").count("both x 3\n").count("end x 10\n");
  CHECK(bench.samples() == "s_bucket{le=\"5\"} 1\ns_bucket{le=\"+Inf\"} 2\ns_sum 9\ns_count 2\n");
}

TEST_CASE("a duration and a histogram of one name observe one family", "[rules]") {
  RuleBench bench(
      words("  - {duration: s, start: {a: begin}, end: {a: end}, key: $b, at: $c, buckets: [5]}\n"
            "  - {histogram: s, when: {a: took}, value: $c, buckets: [5]}\n"));
  bench.count("begin x 1\n").count("end x 10\n").count("took x 4\n");
  CHECK(bench.samples() == "s_bucket{le=\"5\"} 1\ns_bucket{le=\"+Inf\"} 2\ns_sum 13\ns_count 2\n");
}

TEST_CASE("a value that is none is skipped and counted, never taken for 0", "[rules][pitfall][pitfall-20]") {
  RuleBench bench(
      words("  - histogram: seconds\n    value: $a\n    buckets: [1]\n"
            "  - counter: sum_total\n    value: $a\n"));
  bench.count("- b c\n").count(" b c\n").count("fast b c\n").count("-3 b c\n").count("0.5 b c\n");
  CHECK(bench.samples() ==
        "seconds_bucket{le=\"1\"} 1\nseconds_bucket{le=\"+Inf\"} 1\nseconds_sum 0.5\nseconds_count 1\nsum_total 0.5\n");
  for (const std::size_t metric : {0U, 1U}) {
    CHECK(bench.statistics(metric).updates == 1);
    CHECK(bench.statistics(metric).skipped_no_value == 2);
    CHECK(bench.statistics(metric).skipped_not_a_number == 1);
    CHECK(bench.statistics(metric).skipped_negative == 1);
  }
}

TEST_CASE("lists give the number that was asked for", "[rules]") {
  struct Row {
    const char* pick;
    const char* expected;
  };
  const Row rows[] = {{"first", "0.2"}, {"last", "0.004"}, {"sum", "0.304"}, {"max", "0.2"}, {"each", "0.304"}};
  for (const Row& row : rows) {
    CAPTURE(row.pick);
    RuleBench bench(words(std::string("  - counter: n_total\n    value: {from: $c, list: ") + row.pick + "}\n"));
    bench.count("a b 0.200, 0.100 : 0.004\n");
    CHECK(bench.samples() == std::string("n_total ") + row.expected + "\n");
    CHECK(bench.statistics(0).updates == (row.pick == std::string("each") ? 3 : 1));
  }
}

TEST_CASE("a dash in a list is no number of the list", "[rules]") {
  RuleBench bench(
      words("  - counter: sum_total\n    value: {from: $c, list: sum}\n"
            "  - counter: last_total\n    value: {from: $c, list: last}\n"
            "  - counter: each_total\n    value: {from: $c, list: each}\n"));
  bench.count("a b 0.5, -\n");
  CHECK(bench.samples() == "sum_total 0.5\nlast_total 0\neach_total 0.5\n");
  CHECK(bench.statistics(1).skipped_no_value == 1);
  CHECK(bench.statistics(2).updates == 1);
  bench.count("a b -\n");
  CHECK(bench.samples() == "sum_total 0.5\nlast_total 0\neach_total 0.5\n");
}

TEST_CASE("a gauge sets, adds, or keeps the largest or smallest", "[rules]") {
  RuleBench bench(
      words("  - gauge: set\n    value: $a\n"
            "  - gauge: add\n    op: add\n    value: $a\n"
            "  - gauge: max\n    op: max\n    value: $a\n"
            "  - gauge: min\n    op: min\n    value: $a\n"));
  bench.count("3 b c\n").count("-5 b c\n").count("1 b c\n");
  CHECK(bench.samples() == "set 1\nadd -1\nmax 3\nmin -5\n");
}

TEST_CASE("label steps are taken in their order", "[rules]") {
  struct Row {
    const char* steps;
    const char* line;
    const char* label;
  };
  const Row rows[] = {
      {"$a", "GET b c\n", "GET"},
      {"'$a to $b'", "x y c\n", "x to y"},
      {"'$a to $b'", "x - c\n", "x to "},
      {"{from: $a, regex: '(.)..', replace: '${1}xx'}", "404 b c\n", "4xx"},
      {"{from: $a, regex: '(.)..', replace: '${1}xx'}", "40 b c\n", "40"},
      {"{from: $a, lower: true}", "GeT b c\n", "get"},
      {"{from: $a, lower: true, map: {get: read}}", "GET b c\n", "read"},
      {"{from: $a, map: {'G.*': read, 'GET': never}}", "GET b c\n", "read"},
      {"{from: $a, map: {GET: read}}", "PUT b c\n", "PUT"},
      {"{from: $a, allow: [GET, 'P.*']}", "PUT b c\n", "PUT"},
      {"{from: $a, allow: [GET]}", "PUT b c\n", "__other__"},
      {"{from: $a, allow: [GET], default: none}", "- b c\n", "none"},
      {"{from: $a, max_length: 3}", "abcdef b c\n", "abc"},
      {"$c", "a b \xFF\x01\n", "\\\\xFF\\\\x01"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.steps, row.line);
    RuleBench bench(words(std::string("  - counter: n_total\n    labels:\n      label: ") + row.steps + "\n"));
    bench.count(row.line);
    CHECK(bench.samples() == std::string("n_total{label=\"") + row.label + "\"} 1\n");
  }
}

TEST_CASE("a label without a value is no label, and the line still counts", "[rules]") {
  RuleBench bench(words("  - counter: n_total\n    labels: {a: $a, b: $b}\n"));
  bench.count("- x c\n").count("- - c\n");
  CHECK(bench.samples() == "n_total 1\nn_total{b=\"x\"} 1\n");
}

TEST_CASE("a label that is empty is no label: a counter that has no others is there from the start", "[rules]") {
  RuleBench bench(
      words("  - counter: n_total\n    when: {a: x}\n    labels: {word: $b, kind: ''}\n"
            "  - counter: n_total\n    when: {a: y}\n    labels: {word: '', kind: ''}\n"
            "  - counter: of_words_total\n    labels: {word: $a, kind: ''}\n"));
  CHECK(bench.samples() == "n_total 0\n");
  bench.count("x 1 c\ny 1 c\nz 1 c\n");
  CHECK(bench.samples() ==
        "n_total 1\nn_total{word=\"1\"} 1\n"
        "of_words_total{word=\"x\"} 1\nof_words_total{word=\"y\"} 1\nof_words_total{word=\"z\"} 1\n");
}

TEST_CASE("different raw values that make the same label make one series", "[rules]") {
  RuleBench bench(
      words("  - counter: n_total\n    labels:\n      class: {from: $a, regex: '(.)..', replace: '${1}xx'}\n"));
  for (const char* line : {"404 b c\n", "400 b c\n", "499 b c\n", "200 b c\n"}) bench.count(line);
  CHECK(bench.samples() == "n_total{class=\"2xx\"} 1\nn_total{class=\"4xx\"} 3\n");
}

TEST_CASE("an extract finds fields in the name of the file", "[rules]") {
  RuleBench bench(words("  - counter: n_total\n    labels: {mirror: $mirror}\n",
                        "    extract: [{from: $file, regex: '(?P<mirror>[^/]+)\\.log$'}]\n"));
  bench.count("a b c\n", 0, "/var/log/debian.log").count("a b c\na b c\n", 0, "/var/log/pypi.log");
  CHECK(bench.samples() == "n_total{mirror=\"debian\"} 1\nn_total{mirror=\"pypi\"} 2\n");
}

TEST_CASE("max_series bounds a metric and keeps its total", "[rules]") {
  RuleBench bench(words("  - counter: n_total\n    labels: {a: $a}\n    max_series: 2\n"));
  for (const char* line : {"x b c\n", "y b c\n", "z b c\n", "w b c\n", "x b c\n"}) bench.count(line);
  CHECK(bench.samples() == "n_total{a=\"__other__\"} 2\nn_total{a=\"x\"} 2\nn_total{a=\"y\"} 1\n");
  CHECK(bench.statistics(0).overflowed == 2);
}

TEST_CASE("extract finds new fields, the first that finds one wins, and a field of the line wins over both",
          "[rules]") {
  RuleBench bench(words("  - counter: n_total\n    labels: {image: $image, a: $a}\n",
                        "    extract:\n"
                        "      - {from: $c, regex: 'image=(?P<image>\\S+)'}\n"
                        "      - {from: $c, regex: 'name=(?P<image>\\S+)'}\n"
                        "      - {from: $c, regex: 'a=(?P<a>\\S+)'}\n"
                        "      - {from: $image, regex: '^never (?P<a>x)$'}\n"));
  bench.count("own b name=two image=one a=extracted\n").count("- b name=two a=extracted\n");
  CHECK(bench.samples() == "n_total{a=\"own\",image=\"one\"} 1\nn_total{a=\"extracted\",image=\"two\"} 1\n");
}

TEST_CASE("a field that an extract may find is first looked for in a line that names its fields", "[rules]") {
  RuleBench bench(R"(
sources:
  - name: web
    files: [a.log]
    format: json
    extract: [{from: $code, regex: '^(?P<status>.+)$'}]
metrics:
  - {counter: n_total, labels: {status: $status}}
)");
  bench.count("{\"status\":200,\"code\":1}\n").count("{\"code\":404}\n").count("{\"status\":\"-\",\"code\":404}\n");
  CHECK(bench.samples() == "n_total{status=\"200\"} 1\nn_total{status=\"404\"} 2\n");
}

TEST_CASE("the parts of a request are fields only when it has all three", "[rules]") {
  RuleBench bench(
      "sources:\n  - {name: nginx, files: [a.log], format: combined}\n"
      "metrics:\n  - counter: n_total\n    labels: {m: $request_method, u: $uri, q: $args, t: $request_uri, p: "
      "$server_protocol}\n");
  const std::string before = "::1 - - [21/Nov/2026:18:49:31 +0000] \"";
  const std::string behind = "\" 200 1 \"-\" \"-\"\n";
  bench.count(before + "GET /a/b?c=d HTTP/1.1" + behind).count(before + "GET /" + behind).count(before + "" + behind);
  CHECK(bench.samples() == "n_total 2\nn_total{m=\"GET\",p=\"HTTP/1.1\",q=\"c=d\",t=\"/a/b?c=d\",u=\"/a/b\"} 1\n");
}

TEST_CASE("$source, $file and $format tell where a line came from", "[rules]") {
  RuleBench bench(
      "sources:\n  - {name: web, files: [a.log], format: [combined, common]}\n"
      "metrics:\n  - counter: n_total\n    labels: {source: $source, file: $file, format: $format, agent: "
      "$http_user_agent}\n");
  const std::string common = "::1 - - [21/Nov/2026:18:49:31 +0000] \"GET / HTTP/1.1\" 200 1";
  bench.count(common + " \"-\" \"curl\"\n", 0, "x.log").count(common + "\n", 0, "y.log").count("garbage\n");
  CHECK(bench.samples() ==
        "n_total{agent=\"curl\",file=\"x.log\",format=\"combined\",source=\"web\"} 1\n"
        "n_total{file=\"y.log\",format=\"common\",source=\"web\"} 1\n");
  CHECK(bench.pipeline().counts(0).unmatched.lines == 1);
}

TEST_CASE("entries of one name form one family, over several sources too", "[rules]") {
  RuleBench bench(
      "sources:\n"
      "  - {name: one, files: [1.log], format: {regex: '^(?P<x>.*)$'}}\n"
      "  - {name: two, files: [2.log], format: {regex: '^(?P<y>.*)$'}}\n"
      "metrics:\n"
      "  - {counter: n_total, source: one, labels: {from: one, word: $x}}\n"
      "  - {counter: n_total, source: two, labels: {word: $y, from: two}}\n"
      "  - {counter: all_total}\n");
  bench.count("a\n", 0).count("a\nb\n", 1);
  CHECK(bench.samples() ==
        "n_total{from=\"one\",word=\"a\"} 1\nn_total{from=\"two\",word=\"a\"} 1\nn_total{from=\"two\",word=\"b\"} "
        "1\nall_total 3\n");
}

TEST_CASE("the name of the pattern that matched is $event, and the first wins", "[rules]") {
  RuleBench bench(
      "sources:\n  - name: sync\n    files: [s.log]\n    format:\n      regex:\n"
      "        success: 'SYNC_SUCCESS image=(?P<image>\\S+)'\n        failed: 'SYNC_FAILED'\n        other: 'SYNC'\n"
      "metrics:\n  - counter: n_total\n    labels: {event: $event, image: $image}\n");
  bench.count("x SYNC_SUCCESS image=a/b:v1 y\nSYNC_FAILED image=z\nSYNC\nnothing\n");
  CHECK(bench.samples() ==
        "n_total{event=\"failed\"} 1\nn_total{event=\"other\"} 1\nn_total{event=\"success\",image=\"a/b:v1\"} 1\n");
}

TEST_CASE("a time stamp as a value is seconds since 1970", "[rules]") {
  RuleBench bench(words("  - gauge: seen_timestamp_seconds\n    value: $c\n"));
  bench.count("a b 21/Nov/2026:18:49:31 +0000\n");
  CHECK(bench.samples() == "seen_timestamp_seconds 1795286971\n");
}

TEST_CASE("what a metric takes is known by the lines that are timed, and each is timed by itself", "[program]") {
  // Every line is a new value of a label that is hashed, cleaned and kept; the other adds 1 to one number.
  RuleBench bench(R"(
sources: [{name: words, files: [w.log], format: {regex: '^(?P<a>\S+)$'}}]
metrics:
  - {counter: plain_total}
  - {topk: words, labels: {word: {from: $a, regex: '^(.*)-(.*)$', replace: '$2-$1', lower: true}}}
)");
  const auto nanoseconds = [&](std::size_t metric) { return bench.statistics(metric).nanoseconds; };
  std::string lines;
  for (std::uint64_t i = 1; i < SourceProgram::kTimedEach; ++i) lines += "Some-Word-" + std::to_string(i) + "\n";
  bench.count(lines);
  CHECK(nanoseconds(0) == 0);
  CHECK(nanoseconds(1) == 0);
  for (int i = 0; i < 40; ++i) bench.count(lines + "another\n");
  CHECK(nanoseconds(1) > 0);
  for (const std::size_t metric : {0U, 1U}) CHECK(nanoseconds(metric) % SourceProgram::kTimedEach == 0);
}

}  // namespace
}  // namespace tailmeter
