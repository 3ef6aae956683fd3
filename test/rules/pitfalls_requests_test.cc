// What clients send, and what servers make of it in an access log: each test is one way in which a reader goes wrong.
// test/pitfalls_test.py has the list.
#include <catch2/catch.hpp>

#include "test/support/preset_bench.h"

namespace tailmeter {
namespace {

const std::string kBehindUser = " [21/Nov/2026:18:49:31 +0000] ";

// A line in the combined format.
std::string combined(const std::string& request, const std::string& status, const std::string& agent = "-") {
  return "192.0.2.1 - -" + kBehindUser + '"' + request + "\" " + status + " 157 \"-\" \"" + agent + "\"\n";
}

std::string requests(const std::string& lines, std::string_view preset = "nginx") {
  PresetBench bench(preset);
  bench.count(lines);
  return bench.samples("http_requests_total");
}

// Lines in `format` counted by the fields that make `labels`.
std::string labels_of(const std::string& format, const std::string& labels, const std::string& lines) {
  RuleBench bench("sources:\n  - {name: web, files: [a.log], format: " + format +
                  "}\nmetrics:\n  - {counter: n_total, labels: {" + labels + "}}\n");
  bench.count(lines);
  return bench.samples();
}

TEST_CASE("a request that is empty counts by its status and has no method", "[pitfall][pitfall-01]") {
  CHECK(requests(combined("", "400")) == "http_requests_total{status=\"400\"} 1\n");
}

TEST_CASE("a dash for a request that never came is no method", "[pitfall][pitfall-02]") {
  CHECK(requests(combined("-", "408"), "apache") == "http_requests_total{status=\"408\"} 1\n");
}

TEST_CASE("a TLS hello has no method however many blanks are among its bytes", "[pitfall][pitfall-03]") {
  CHECK(requests(combined(R"(\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03)", "400") +
                 combined(R"(\x16\x03\x01 \x02\x00)", "400") + combined(R"(\x16 \x03\x01\x02 \x00)", "400") +
                 combined(R"(\x16\x03 a b c)", "400") + combined(R"( \x16\x03 \x01 )", "400")) ==
        "http_requests_total{status=\"400\"} 5\n");
}

TEST_CASE("bytes that fall into three parts by chance are no request", "[pitfall][pitfall-04]") {
  CHECK(requests(combined(R"(\x16\x03\x01 \xC0\x09 =(\x00)", "400") + combined(R"(\x16\x03\x01 / HTTP/1.1)", "400")) ==
        "http_requests_total{status=\"400\"} 2\n");
}

TEST_CASE("methods that attackers invent share one series", "[pitfall][pitfall-05]") {
  std::string lines = combined("get / http/1.1", "400") + combined("SSTP_DUPLEX_POST /sra_{0}/ HTTP/1.1", "405");
  for (int i = 0; i < 20'000; ++i) lines += combined("VERYLONGMETHODNAME" + std::to_string(i) + " / HTTP/1.1", "405");
  CHECK(requests(lines) ==
        "http_requests_total{method=\"__other__\",status=\"405\"} 20001\nhttp_requests_total{status=\"400\"} 1\n");
}

TEST_CASE("a request needs a protocol to have a method, and any version of HTTP is one", "[pitfall][pitfall-06]") {
  CHECK(requests(combined("GET /", "400") + combined("GET", "400") + combined("HELP", "400") +
                 combined("SSH-2.0-Go", "400") + combined("GET / HTTP/9.9", "505")) ==
        "http_requests_total{method=\"GET\",status=\"505\"} 1\nhttp_requests_total{status=\"400\"} 4\n");
}

TEST_CASE("the preface of HTTP/2 is no method, and HTTP/2 is the protocol that HTTP/2.0 is", "[pitfall][pitfall-07]") {
  CHECK(requests(combined("PRI * HTTP/2.0", "400") + combined("GET / HTTP/2.0", "200") +
                 combined("GET / HTTP/2", "200")) ==
        "http_requests_total{method=\"GET\",status=\"200\"} 2\n"
        "http_requests_total{method=\"__other__\",status=\"400\"} 1\n");
}

TEST_CASE("a user's name in UTF-8 is shown as it was typed", "[pitfall][pitfall-10]") {
  CHECK(labels_of("combined", "user: $remote_user",
                  R"(198.51.100.57 - \xE9\x95\x9C\xE5\x83\x8F \xE7\xAE\xA1)" + kBehindUser +
                      "\"GET / HTTP/1.1\" 200 1 \"-\" \"-\"\n") ==
        "n_total{user=\"\xE9\x95\x9C\xE5\x83\x8F \xE7\xAE\xA1\"} 1\n");
}

TEST_CASE("an IPv6 address needs no brackets, and what is behind its last colon may be a port",
          "[pitfall][pitfall-11]") {
  const std::string rest = " - -" + kBehindUser + "\"GET / HTTP/1.1\" 200 1 \"-\" \"-\"\n";
  CHECK(labels_of("combined", "client: $remote_addr", "2001:db8:6c0d::72b" + rest + "::ffff:203.0.113.42" + rest) ==
        "n_total{client=\"2001:db8:6c0d::72b\"} 1\nn_total{client=\"::ffff:203.0.113.42\"} 1\n");
  CHECK(labels_of("'$remote_addr:$remote_port [$time_local] $status'", "client: $remote_addr, port: $remote_port",
                  "::1:44208" + kBehindUser + "200\n") == "n_total{client=\"::1\",port=\"44208\"} 1\n");
}

TEST_CASE("a client on a Unix socket has an address, and its virtual host no port", "[pitfall][pitfall-12]") {
  const std::string rest = "unix: - -" + kBehindUser + "\"GET /index.html HTTP/1.1\" 200 800 \"-\" \"-\"\n";
  CHECK(requests(rest) == "http_requests_total{method=\"GET\",status=\"200\"} 1\n");
  CHECK(labels_of("{apache: vhost_combined}", "client: $remote_addr, host: $server_name, port: $server_port",
                  "localhost: " + rest) == "n_total{client=\"unix:\",host=\"localhost\"} 1\n");
}

TEST_CASE("a status with a leading zero is as it is written, and no number of JSON", "[pitfall][pitfall-14]") {
  CHECK(requests(combined("GET /d/garbage HTTP/1.1", "009")) ==
        "http_requests_total{method=\"GET\",status=\"009\"} 1\n");
  PresetBench json("nginx_json");
  json.count("{\"method\":\"GET\",\"status\":009}\n{\"method\":\"GET\",\"status\":\"009\"}\n");
  CHECK(json.samples("http_requests_total") == "http_requests_total{method=\"GET\",status=\"009\"} 1\n");
  CHECK(json.pipeline().counts(0).unmatched.lines == 1);
}

TEST_CASE("a request without a status counts, and in no class of status", "[pitfall][pitfall-15]") {
  const auto [preset, line, status] = GENERATE_COPY(table<std::string, std::string, std::string>({
      {"nginx", combined("GET / HTTP/1.1", "000"), ",status=\"000\""},
      {"nginx", combined("GET / HTTP/1.1", "-"), ""},
      {"traefik", "192.0.2.1 - -" + kBehindUser + "\"GET / HTTP/1.1\" - - \"-\" \"-\" 18 \"-\" \"-\" 0ms\n", ""},
      {"caddy", "{\"msg\":\"handled request\",\"request\":{\"method\":\"GET\"},\"status\":0}\n", ",status=\"0\""},
  }));
  PresetBench bench(preset);
  bench.count(line);
  CHECK(bench.samples("http_requests_total") == "http_requests_total{method=\"GET\"" + status + "} 1\n");
  CHECK(bench.samples("http_errors_total").empty());
  CHECK(bench.samples("http_5xx_errors_total") == "http_5xx_errors_total 0\n");
}

TEST_CASE("a status outside the standard counts by its number and in its class", "[pitfall][pitfall-16]") {
  PresetBench bench("nginx");
  std::string expected;
  for (const std::string status : {"444", "494", "495", "496", "497", "499", "508", "512", "599"}) {
    bench.count(combined("GET / HTTP/1.1", status));
    expected += "http_requests_total{method=\"GET\",status=\"" + status + "\"} 1\n";
  }
  CHECK(bench.samples("http_requests_total") == expected);
  CHECK(bench.samples("http_errors_total") ==
        "http_errors_total{class=\"4xx\"} 6\nhttp_errors_total{class=\"5xx\"} 3\n");
}

TEST_CASE("what stands in front of combined or behind it, in the same file or not, changes no figure",
          "[pitfall][pitfall-33]") {
  const std::string line = "192.0.2.1 - -" + kBehindUser + "\"GET / HTTP/1.1\" 200 10 \"-\" \"curl/7\"";
  PresetBench bench("nginx");
  for (const std::string front : {"", "example.org ", "example.org:8080 "}) {
    for (const std::string behind : {"", " 12060", " \"-\"", " rt=0.1"}) bench.count(front + line + behind + '\n');
  }
  CHECK(bench.samples("http_requests_total") == "http_requests_total{method=\"GET\",status=\"200\"} 12\n");
  CHECK(bench.samples("http_response_bytes_total") == "http_response_bytes_total 120\n");
}

TEST_CASE("HAProxy's requests count though bad, without a server, escaped or cut off", "[pitfall][pitfall-54]") {
  const std::string head = "192.0.2.1:50560 [21/Nov/2026:18:51:56.965] mirror ";
  PresetBench bench("haproxy");
  bench.count(head + "mirror/<NOSRV> -1/-1/-1/-1/0 400 187 - - PR-- 7/7/3/1/0 0/0 \"<BADREQ>\"\n")
      .count(head + "web/s1 0/0/0/20/20 200 7 - - ---- 7/7/3/1/0 0/0 {#22a#22|} \"GET /a#22b HTTP/1.1\"\n")
      .count(head + "web/s1 0/0/0/20/20 200 7 - - ---- 7/7/3/1/0 0/0 \"GET /a-path-that-was-cut\n");
  CHECK(bench.samples("http_requests_total") ==
        "http_requests_total{method=\"GET\",status=\"200\"} 1\nhttp_requests_total{status=\"200\"} 1\n"
        "http_requests_total{status=\"400\"} 1\n");
  // A time of -1 is none: of three requests two have come to a server.
  CHECK(bench.samples("http_upstream_duration_seconds_count") == "http_upstream_duration_seconds_count 2\n");
  CHECK(bench.samples("http_upstream_duration_seconds_sum") == "http_upstream_duration_seconds_sum 0.04\n");
  CHECK(bench.pipeline().counts(0).unmatched.lines == 0);
  // Cut before it says how long it took: it is no connection of TCP either.
  bench.count(head + "web/s1 0/0/0/20/20 502 27\n").count(head + "web/s1 0/0/0/20/20 502 27 - - SH\n");
  CHECK(bench.pipeline().counts(0).unmatched.lines == 2);
}

TEST_CASE("no preset makes a label of a credential or a token that a line holds", "[pitfall][pitfall-55]") {
  const auto [preset, line] = GENERATE(table<std::string, std::string>({
      {"nginx", combined("GET /v2/a/blobs/sha256:0?sig=S3CR3T HTTP/1.1", "200", "S3CR3T")},
      {"nginx_json", R"({"request":"GET /?token=S3CR3T HTTP/1.1","status":200,"http_authorization":"Bearer S3CR3T"})"},
      {"nginx_ltsv", "status:200\tmethod:GET\turi:/?token=S3CR3T\tauthorization:S3CR3T"},
      {"registry_cache",
       R"({"method":"GET","uri":"/blob?sig=S3CR3T","status":"200","request_type":"blob","http_authorization":"S3CR3T"})"},
      {"traefik", R"({"RequestMethod":"GET","RequestPath":"/?S3CR3T","request_Authorization":"S3CR3T"})"},
      {"caddy",
       R"({"msg":"handled request","request":{"method":"GET","uri":"/?S3CR3T","headers":{"Authorization":["S3CR3T"]}}})"},
      {"docker_registry",
       "msg=\"response completed\" http.request.method=GET http.request.uri=\"/v2/?S3CR3T\" auth.user.name=S3CR3T"},
      {"haproxy",
       "192.0.2.1:1 [21/Nov/2026:18:51:56.965] m w/s 0/0/0/2/2 200 7 - - ---- 7/7/3/1/0 0/0 {Basic S3CR3T} \"GET "
       "/?S3CR3T HTTP/1.1\""},
      {"mirror", combined("GET /v2/a/blobs/sha256:0?sig=S3CR3T HTTP/1.1", "200", "S3CR3T")},
  }));
  CAPTURE(preset);
  PresetBench bench(preset);
  bench.count(line.ends_with('\n') ? line : line + '\n');
  CHECK(bench.samples("http_requests_total").find("method=\"GET\"") != std::string::npos);
  CHECK(bench.samples().find("S3CR3T") == std::string::npos);
}

}  // namespace
}  // namespace tailmeter
