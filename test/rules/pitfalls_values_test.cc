// Numbers, times and texts of a log on their way into series: each test is one way in which a reader goes wrong.
// test/pitfalls_test.py has the list.
#include <catch2/catch.hpp>

#include "test/support/preset_bench.h"

namespace tailmeter {
namespace {

using namespace std::string_literals;

const std::string kTime = "21/Nov/2026:18:49:31 +0000";

std::string common(const std::string& rest, const std::string& time = kTime) {
  return "192.0.2.1 - - [" + time + "] \"GET / HTTP/1.1\" " + rest + '\n';
}

// Lines of nginx with the times of its upstreams, and what is asked of them.
RuleBench upstream_bench() {
  return RuleBench(R"(
sources:
  - {name: web, files: [a.log], format: 'rt=$request_time urt="$upstream_response_time" us="$upstream_status"'}
metrics:
  - {counter: request_seconds_total, value: $request_time}
  - {counter: upstream_seconds_total, value: {from: $upstream_response_time, list: sum}}
  - {counter: last_seconds_total, value: {from: $upstream_response_time, list: last}}
  - {histogram: attempt_seconds, value: {from: $upstream_response_time, list: each}, buckets: [0.1]}
)");
}

TEST_CASE("a size that is a dash is no size, and one that is 0 is", "[pitfall][pitfall-13]") {
  RuleBench bench(R"(
sources:
  - {name: web, files: [a.log], format: common}
metrics:
  - {histogram: size_bytes, value: $body_bytes_sent, buckets: [1]}
)");
  bench.count(common("304 -") + common("304 0"));
  CHECK(bench.samples() ==
        "size_bytes_bucket{le=\"1\"} 1\nsize_bytes_bucket{le=\"+Inf\"} 1\nsize_bytes_sum 0\nsize_bytes_count 1\n");
  CHECK(bench.statistics(0).skipped_no_value == 1);
}

TEST_CASE("attempts of one upstream after the other stand behind commas, and each counts", "[pitfall][pitfall-17]") {
  RuleBench bench = upstream_bench();
  bench.count("rt=0.402 urt=\"0.201, 0.101\" us=\"504, 200\"\n");
  CHECK(bench.samples() ==
        "request_seconds_total 0.402\nupstream_seconds_total 0.302\nlast_seconds_total 0.101\n"
        "attempt_seconds_bucket{le=\"0.1\"} 0\nattempt_seconds_bucket{le=\"+Inf\"} 2\nattempt_seconds_sum 0.302\n"
        "attempt_seconds_count 2\n");
}

TEST_CASE("the attempt after an internal redirect stands behind a colon, and counts", "[pitfall][pitfall-18]") {
  RuleBench bench = upstream_bench();
  bench.count("rt=0.020 urt=\"0.014 : 0.004\" us=\"502 : 200\"\n");
  CHECK(bench.samples() ==
        "request_seconds_total 0.02\nupstream_seconds_total 0.018\nlast_seconds_total 0.004\n"
        "attempt_seconds_bucket{le=\"0.1\"} 2\nattempt_seconds_bucket{le=\"+Inf\"} 2\nattempt_seconds_sum 0.018\n"
        "attempt_seconds_count 2\n");
}

TEST_CASE("a request may have taken less time than its upstreams together", "[pitfall][pitfall-21]") {
  RuleBench bench = upstream_bench();
  bench.count("rt=0.199 urt=\"0.200, 0.000\" us=\"504, 502\"\n");
  CHECK(bench.samples("request_seconds_total") == "request_seconds_total 0.199\n");
  CHECK(bench.samples("upstream_seconds_total") == "upstream_seconds_total 0.2\n");
  CHECK(bench.samples("last_seconds_total") == "last_seconds_total 0\n");
  CHECK(bench.samples("attempt_seconds_count") == "attempt_seconds_count 2\n");
}

TEST_CASE("an upstream that was given up took time and has no status", "[pitfall][pitfall-22]") {
  PresetBench bench("nginx_timing");
  bench.count(common(R"(499 0 "-" "curl" rt=0.021 uct="-" uht="-" urt="0.021" us="-" ua="192.0.2.8:80" cs=-)"));
  CHECK(bench.samples("http_requests_total") == "http_requests_total{method=\"GET\",status=\"499\"} 1\n");
  CHECK(bench.samples("http_upstream_duration_seconds_sum") == "http_upstream_duration_seconds_sum 0.021\n");
  CHECK(bench.samples("http_upstream_duration_seconds_count") == "http_upstream_duration_seconds_count 1\n");
  CHECK(bench.samples("http_upstream_attempts_total").empty());
}

TEST_CASE("bytes that are no UTF-8 come through JSON and are shown as text that is", "[pitfall][pitfall-26]") {
  RuleBench bench(R"(
sources:
  - {name: web, files: [a.log], format: json}
metrics:
  - {counter: n_total, labels: {agent: $http_user_agent}}
)");
  bench.count("{\"http_user_agent\":\"\xFF\xFE raw \xC3\xA9\"}\n");
  CHECK(bench.samples() == "n_total{agent=\"\\\\xFF\\\\xFE raw \xC3\xA9\"} 1\n");
}

TEST_CASE("numbers of JSON count in quotes or bare, and an empty one is none", "[pitfall][pitfall-27]") {
  PresetBench bench("nginx_json");
  bench.count(
      "{\"request_method\":\"GET\",\"status\":\"200\",\"bytes_sent\":\"123\",\"request_time\":0.000,"
      "\"upstream_response_time\":\"\"}\n");
  CHECK(bench.samples("http_requests_total") == "http_requests_total{method=\"GET\",status=\"200\"} 1\n");
  CHECK(bench.samples("http_response_bytes_total") == "http_response_bytes_total 123\n");
  CHECK(bench.samples("http_request_duration_seconds_count") == "http_request_duration_seconds_count 1\n");
  CHECK(bench.samples("http_upstream_duration_seconds_count") == "http_upstream_duration_seconds_count 0\n");
}

TEST_CASE("a line may hold NUL, tabs and colours, and its label upsets no terminal", "[pitfall][pitfall-29]") {
  RuleBench bench(R"(
sources:
  - {name: web, files: [a.log], format: {nginx: '$remote_addr|$status|$body_bytes_sent|$http_user_agent', escape: none}}
metrics:
  - {counter: n_total, labels: {status: $status, agent: $http_user_agent}}
)");
  bench.count("127.0.0.1|404|153|\x1B[31mred\x1B[0m|\0\t\"q\" \\x41\n"s);
  ;
  CHECK(bench.samples() ==
        "n_total{agent=\"\\\\x1B[31mred\\\\x1B[0m|\\\\x00\\\\x09\\\"q\\\" \\\\x41\",status=\"404\"} 1\n");
}

TEST_CASE("a time stamp of any zone, or of no day that there is, makes its line count no less",
          "[pitfall][pitfall-35]") {
  RuleBench bench(R"(
sources:
  - {name: web, files: [a.log], format: common}
metrics:
  - {counter: n_total}
  - {gauge: newest, value: $time_local, op: max}
  - {gauge: oldest, value: $time_local, op: min}
)");
  for (const char* const time : {"21/Nov/2026:22:19:31 +0330", "21/Nov/2026:13:49:31 -0500",
                                 "22/Nov/2026:02:49:31 +0800", "31/Feb/2026:18:49:31 +0000"})
    bench.count(common("200 1", time));
  CHECK(bench.samples() == "n_total 4\nnewest 1795286971\noldest 1795286971\n");
}

TEST_CASE("a line counts when it is written, whatever was written before it", "[pitfall][pitfall-36]") {
  RuleBench bench(R"(
sources:
  - {name: web, files: [a.log], format: common}
metrics:
  - {counter: bytes_total, value: $body_bytes_sent}
  - {gauge: newest, value: $time_local, op: max}
)");
  bench.count(common("200 1", "21/Nov/2026:18:49:31 +0000"));
  bench.count(common("200 3500000000", "21/Nov/2026:12:00:00 +0000"));  // a download that took hours
  bench.count(common("200 2", "21/Nov/2026:18:49:30 +0000"));           // of another worker
  CHECK(bench.samples() == "bytes_total 3500000003\nnewest 1795286971\n");
}

TEST_CASE("encodings of old are bytes, and label values are valid all the same", "[pitfall][pitfall-57]") {
  RuleBench bench(R"(
sources:
  - {name: web, files: [a.log], format: {regex: '^(?P<status>\d+) (?P<text>.*)$'}}
metrics:
  - {counter: n_total, labels: {status: $status}}
  - {counter: texts_total, labels: {text: $text}}
)");
  bench.count("200 \xBE\xB5\xCF\xF1\n");  // GB18030
  bench.count("200 \xA4\xA4\xA4\xE5\n");  // Big5
  bench.count("200 \x95\x5C\n");          // Shift-JIS: its second byte is a backslash
  std::string utf16;
  for (const char c : "200 a\n200 b"s) (utf16 += c) += '\0';
  bench.count(utf16 + '\n');
  CHECK(bench.samples() ==
        "n_total{status=\"200\"} 3\n"
        "texts_total{text=\"\\\\x95\\\\\"} 1\n"
        "texts_total{text=\"\\\\xA4\\\\xA4\\\\xA4\\\\xE5\"} 1\n"
        "texts_total{text=\"\\\\xBE\\\\xB5\\\\xCF\\\\xF1\"} 1\n");
  CHECK(bench.pipeline().counts(0).unmatched.lines == 2);
}

TEST_CASE("each word of nginx's cache is a hit or a miss, and no word is neither", "[pitfall][pitfall-58]") {
  PresetBench bench("nginx_cache");
  for (const std::string word :
       {"MISS", "BYPASS", "EXPIRED", "STALE", "UPDATING", "REVALIDATED", "HIT", "SCARCE", "-", ""})
    bench.count("[" + kTime + "] 192.0.2.1 " + word + " \"GET / HTTP/1.1\" 200 10 0.001 -\n");
  CHECK(bench.samples("cache_hits_total") == "cache_hits_total 4\n");      // HIT STALE UPDATING REVALIDATED
  CHECK(bench.samples("cache_misses_total") == "cache_misses_total 4\n");  // MISS BYPASS EXPIRED SCARCE
  std::string expected;
  for (const std::string word : {"BYPASS", "EXPIRED", "HIT", "MISS", "REVALIDATED", "SCARCE", "STALE", "UPDATING"})
    expected += "http_cache_requests_total{status=\"" + word + "\"} 1\n";
  CHECK(bench.samples("http_cache_requests_total") == expected);
  CHECK(bench.samples("http_requests_total") == "http_requests_total{method=\"GET\",status=\"200\"} 10\n");
}

TEST_CASE("bytes with headers and bytes without are two fields, and no sum of them overflows",
          "[pitfall][pitfall-59]") {
  RuleBench bench(R"(
sources:
  - {name: web, files: [a.log], format: ['$status body=$body_bytes_sent all=$bytes_sent', {apache: '%>s %b %O'}]}
metrics:
  - {counter: body_bytes_total, value: $body_bytes_sent}
  - {counter: all_bytes_total, value: $bytes_sent}
)");
  bench.count("200 body=3500000000 all=3500000300\n").count("200 2300000000 2300000200\n");
  bench.count("200 9223372036854775807 9223372036854775807\n");
  CHECK(bench.samples() == "body_bytes_total 9223372042654775807\nall_bytes_total 9223372042654776307\n");
}

}  // namespace
}  // namespace tailmeter
