// Metrics that take a line once for each element of its lists.
#include <string>

#include <catch2/catch.hpp>

#include "test/support/rule_bench.h"

namespace tailmeter {
namespace {

std::string upstreams(const std::string& metrics) {
  return "sources:\n"
         "  - name: nginx\n"
         "    files: [a.log]\n"
         "    format: '$status \"$upstream_addr\" \"$upstream_status\" \"$upstream_response_time\"'\n"
         "metrics:\n" +
         metrics;
}

const std::string kTries =
    "  - counter: requests_total\n    labels: {status: $status}\n"
    "  - counter: tries_total\n    each: [$upstream_addr, $upstream_status]\n"
    "    labels: {upstream: $upstream_addr, status: $upstream_status}\n"
    "  - counter: failed_tries_total\n    each: [$upstream_addr, $upstream_status]\n"
    "    when: {upstream_status: 5..}\n    labels: {upstream: $upstream_addr}\n"
    "  - gauge: try_seconds\n    op: max\n    each: [$upstream_addr, $upstream_response_time]\n"
    "    labels: {upstream: $upstream_addr}\n    value: $upstream_response_time\n";

TEST_CASE("each makes an update for each position, with the elements in labels, conditions and value", "[rules]") {
  RuleBench bench(upstreams(kTries));
  bench.count("200 \"a:1, b:2\" \"502, 200\" \"0.500, 0.020\"\n");
  CHECK(bench.samples() ==
        "requests_total{status=\"200\"} 1\n"
        "tries_total{status=\"502\",upstream=\"a:1\"} 1\ntries_total{status=\"200\",upstream=\"b:2\"} 1\n"
        "failed_tries_total{upstream=\"a:1\"} 1\n"
        "try_seconds{upstream=\"a:1\"} 0.5\ntry_seconds{upstream=\"b:2\"} 0.02\n");
}

TEST_CASE("each takes what an internal redirect parts, what is alone, and equal elements as often as they are there",
          "[rules]") {
  RuleBench bench(upstreams(kTries));
  bench.count("200 \"a, a : unix:/b\" \"502, 502 : 200\" \"1, 2 : 3\"\n").count("200 \"a\" \"502\" \"7\"\n");
  CHECK(bench.samples("tries_total") ==
        "tries_total{status=\"502\",upstream=\"a\"} 3\ntries_total{status=\"200\",upstream=\"unix:/b\"} 1\n");
  CHECK(bench.samples("failed_tries_total") == "failed_tries_total{upstream=\"a\"} 3\n");
  CHECK(bench.samples("try_seconds") == "try_seconds{upstream=\"a\"} 7\ntry_seconds{upstream=\"unix:/b\"} 3\n");
  CHECK(bench.samples("requests_total") == "requests_total{status=\"200\"} 2\n");
}

TEST_CASE("a line whose lists are empty makes no update, and that is told; other metrics take it", "[rules]") {
  RuleBench bench(upstreams(kTries));
  bench.count("404 \"-\" \"-\" \"-\"\n");
  CHECK(bench.samples() == "requests_total{status=\"404\"} 1\n");
  CHECK(bench.statistics(1).skipped_no_value == 1);
  CHECK(bench.statistics(1).skipped_lines[0] == 1);
  CHECK(bench.statistics(3).skipped_no_value == 1);
}

TEST_CASE("a list that is shorter than the others has no value behind its end", "[rules]") {
  RuleBench bench(upstreams(kTries));
  bench.count("200 \"a, b, c\" \"502, 200\" \"0.5, -\"\n");
  CHECK(bench.samples("tries_total") ==
        "tries_total{status=\"502\",upstream=\"a\"} 1\ntries_total{status=\"200\",upstream=\"b\"} 1\n"
        "tries_total{upstream=\"c\"} 1\n");
  CHECK(bench.samples("try_seconds") == "try_seconds{upstream=\"a\"} 0.5\n");
  CHECK(bench.statistics(3).skipped_no_value == 2);
  CHECK(bench.statistics(3).skipped_lines[0] == 0);  // of the line something counted
}

TEST_CASE("metrics with each and without it share a family, labels and values without mixing them up", "[rules]") {
  RuleBench bench(
      upstreams("  - counter: n_total\n    labels: {upstream: $upstream_addr}\n    value: $upstream_response_time\n"
                "  - counter: n_total\n    each: $upstream_addr\n    labels: {upstream: $upstream_addr}\n"
                "  - counter: m_total\n    each: [$upstream_addr, $upstream_response_time]\n"
                "    labels: {upstream: $upstream_addr}\n    value: $upstream_response_time\n"));
  for (int i = 0; i < 2; ++i) bench.count("200 \"a, b\" \"-\" \"1, 2\"\n").count("200 \"a\" \"-\" \"10\"\n");
  CHECK(bench.samples() ==
        "n_total{upstream=\"a\"} 24\nn_total{upstream=\"b\"} 2\n"
        "m_total{upstream=\"a\"} 22\nm_total{upstream=\"b\"} 4\n");
}

TEST_CASE("each names fields that the source has", "[rules]") {
  CHECK(reports(upstreams("  - {counter: n_total, each: ['$status $upstream_addr']}\n")) ==
        R"(rules.yml:6:31: metrics[0] "n_total": each: names fields, such as $upstream_status
    6 |   - {counter: n_total, each: ['$status $upstream_addr']}
      |                               ^)");
  CHECK(
      reports(upstreams("  - {counter: n_total, each: $upstream_adr}\n")) ==
      R"(rules.yml:6:30: metrics[0] "n_total": each: source "nginx" has no field "upstream_adr" (did you mean "upstream_addr"?)
    6 |   - {counter: n_total, each: $upstream_adr}
      |                              ^)");
}

}  // namespace
}  // namespace tailmeter
