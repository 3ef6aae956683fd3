#include "exporter/web/request_head.h"

#include <catch2/catch.hpp>

#include "test/exporter/web/plain_request_head.h"

namespace tailmeter {
namespace {

using Outcome = HeadScanner::Outcome;
using namespace std::string_literals;

// What becomes of bytes: 0 if they are no whole head yet, 200 if they are one, else the status of the refusal.
int status_of(const std::string& bytes, const HeadLimits& limits = {}) {
  HeadScanner scanner(limits);
  const HeadScanner::Verdict verdict = scanner.scan(bytes);
  if (verdict.outcome == Outcome::kNotYet) return 0;
  if (verdict.outcome == Outcome::kRefused) return verdict.refusal.status;
  const auto parsed = parse_request_head(std::string_view(bytes).substr(0, verdict.head_bytes));
  if (const auto* const refusal = std::get_if<Refusal>(&parsed)) return refusal->status;
  return 200;
}

RequestHead head_of(const std::string& text) {
  const auto parsed = parse_request_head(text);
  REQUIRE(std::holds_alternative<RequestHead>(parsed));
  return std::get<RequestHead>(parsed);
}

const std::string kHost = "Host: a\r\n";

std::string get(const std::string& fields) {
  return "GET / HTTP/1.1\r\n" + kHost + fields + "\r\n";
}

const std::vector<std::string>& accepted_heads() {
  static const std::vector<std::string> heads = {
      get(""),
      "GET /metrics?a=b?c HTTP/1.1\r\nHOST: [::1]:10564\r\n\r\n",
      "HEAD /%2f~!$&'()*+,;=:@|<>\" HTTP/1.1\r\nHost:\r\n\r\n",
      "POST /-/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
      "GET / HTTP/1.0\r\n\r\n",
      "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
      get("Accept: text/plain;q=0.5\r\naccept: */*\r\n"),
      get("X:\r\nY: \t a \xe9 b \t\r\n"),
      get("Connection: keep-alive, CLOSE\r\n"),
      get("Connection: closed\r\n"),
      get("Expect: 100-continue\r\nRange: bytes=0-1\r\n"),
      "\r\n" + get(""),
      "GET http://a/metrics?b HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET HTTPS://[::1]:80?b/c HTTP/1.1\r\nHost: other\r\n\r\n",
      "GET http://a HTTP/1.0\r\n\r\n",
  };
  return heads;
}

TEST_CASE("a head says what is asked for", "[web]") {
  const RequestHead head = head_of(
      "HEAD /a%20b/..?x=%41&y HTTP/1.1\r\nHost: a:1\r\nACCEPT: one\r\nX-Y:two \t\r\naccept:three\r\nEmpty:\r\n\r\n");
  CHECK(head.method == "HEAD");
  CHECK(head.path == "/a%20b/..");
  CHECK(head.query == "x=%41&y");
  CHECK(head.headers ==
        decltype(head.headers){{"accept", "one, three"}, {"empty", ""}, {"host", "a:1"}, {"x-y", "two"}});
  CHECK(head.keeps_connection);
}

TEST_CASE("a connection is kept with HTTP/1.1 and without close alone", "[web]") {
  CHECK(head_of(get("")).keeps_connection);
  CHECK(head_of(get("Connection: closed, upgrade\r\n")).keeps_connection);
  CHECK_FALSE(head_of(get("Connection: close\r\n")).keeps_connection);
  CHECK_FALSE(head_of(get("Connection: upgrade ,\tClose\r\n")).keeps_connection);
  CHECK_FALSE(head_of(get("Connection: upgrade\r\nConnection: close\r\n")).keeps_connection);
  CHECK_FALSE(head_of("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keeps_connection);
}

TEST_CASE("a head that could be read in two ways, or wants what we have not, is refused", "[web]") {
  struct Case {
    const char* what;
    std::string bytes;
    int status;
  };
  const Case cases[] = {
      {"nothing", "", 0},
      {"no empty line", "GET / HTTP/1.1\r\nHost: a\r\n", 0},
      {"an empty line in front", "\r\nGET / HTTP/1.1\r\n", 0},
      {"two of them", "\r\n\r\nGET / HTTP/1.1\r\n", 400},
      {"a line feed alone", "GET / HTTP/1.1\n", 400},
      {"a carriage return alone", "GET / HTTP/1.1\rX", 400},
      {"a NUL", "GET /\0"s, 400},
      {"TLS", "\x16\x03\x01\x02", 400},
      {"DEL", "GET /\x7f", 400},
      {"an escape", get("X: \x1b[0m\r\n"), 400},
      {"no version", "GET /\r\n\r\n", 400},
      {"a tab for a blank", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"two blanks", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a blank behind", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
      {"a blank in front", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a blank in the path", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a method that is no word", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a version in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
      {"a version of two digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
      {"HTTP/2", "PRI * HTTP/2.0\r\n\r\n", 505},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
      {"HTTP/0.9", "GET / HTTP/0.9\r\n\r\n", 505},
      {"PUT", "PUT / HTTP/1.1\r\nHost: a\r\n\r\n", 405},
      {"OPTIONS of all", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 405},
      {"CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 405},
      {"an unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"a method in lower case", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"a URL without a host", "GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a URL of somebody", "GET http://me@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a URL with a fragment", "GET http://a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a URL of another scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a URL without a Host", "GET http://a/ HTTP/1.1\r\n\r\n", 400},
      {"a star", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a fragment", "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"half an escape", "GET /%2 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"an escape that is none", "GET /%u0041 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a path with other bytes", "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", get("Host: a\r\n"), 400},
      {"two Hosts with HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", 400},
      {"a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"a Host that is a list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
      {"a Host of somebody", "GET / HTTP/1.1\r\nHost: me@a\r\n\r\n", 400},
      {"a folded header", get("X: a\r\n b\r\n"), 400},
      {"a header with a blank in front of the first", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
      {"a header without a colon", get("X\r\n"), 400},
      {"a header without a name", get(": a\r\n"), 400},
      {"a blank in front of the colon", get("X : a\r\n"), 400},
      {"a name that is no word", get("X@Y: a\r\n"), 400},
      {"a body", get("Content-Length: 5\r\n"), 413},
      {"a large body", get("Content-Length: 99999999999999999999999\r\n"), 413},
      {"two lengths", get("Content-Length: 0\r\nContent-Length: 0\r\n"), 400},
      {"a list of lengths", get("Content-Length: 0, 0\r\n"), 400},
      {"a length below zero", get("Content-Length: -0\r\n"), 400},
      {"a length without digits", get("Content-Length:\r\n"), 400},
      {"chunks", get("Transfer-Encoding: chunked\r\n"), 413},
      {"chunks and a length", get("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"), 400},
  };
  for (const Case& test : cases) {
    CAPTURE(test.what);
    CHECK(status_of(test.bytes) == test.status);
  }
}

TEST_CASE("of a whole URL the path and the query are taken", "[web]") {
  struct Case {
    const char *target, *path, *query;
  };
  for (const Case& test : {Case{"http://a:80/m/n?q", "/m/n", "q"}, Case{"http://a", "/", ""},
                           Case{"httpS://a?q", "/", "q"}, Case{"http://a//b?c://d", "//b", "c://d"}}) {
    CAPTURE(test.target);
    const RequestHead head = head_of("GET " + std::string(test.target) + " HTTP/1.1\r\nHost: b\r\n\r\n");
    CHECK(head.path == test.path);
    CHECK(head.query == test.query);
  }
}

TEST_CASE("a head may be so long and no longer", "[web]") {
  const HeadLimits limits{.head_bytes = 100, .request_line_bytes = 40, .fields = 3};
  const auto with_path = [](std::size_t bytes) {
    return "GET /" + std::string(bytes - 14, 'a') + " HTTP/1.1\r\n" + kHost + "\r\n";
  };
  CHECK(status_of(with_path(40), limits) == 200);
  CHECK(status_of(with_path(41), limits) == 414);
  CHECK(status_of("GET /" + std::string(36, 'a'), limits) == 414);  // without waiting for its end
  const auto with_bytes = [](std::size_t bytes) { return get("X: " + std::string(bytes - 32, 'a') + "\r\n"); };
  REQUIRE(with_bytes(100).size() == 100);
  CHECK(status_of(with_bytes(100), limits) == 200);
  CHECK(status_of(with_bytes(101), limits) == 431);
  CHECK(status_of(with_bytes(500).substr(0, 99), limits) == 0);
  CHECK(status_of(with_bytes(500).substr(0, 100), limits) == 431);  // without waiting for more
  CHECK(status_of(get("A:\r\nB:\r\n"), limits) == 200);
  CHECK(status_of(get("A:\r\nB:\r\nC:\r\n"), limits) == 431);
}

TEST_CASE("however the bytes are cut, a head is found or refused alike", "[web]") {
  for (const std::string& text : {get("Accept: */*\r\n") + "GET /next", "GET / HTTP/1.1\r\nX"s + "\n\r\n",
                                  "GET / HTTP/1.1\r\r\n\r\n"s, "GET /\0 HTTP/1.1\r\n\r\n"s}) {
    const HeadLimits limits;
    HeadScanner whole_scanner(limits);
    const HeadScanner::Verdict whole = whole_scanner.scan(text);
    REQUIRE(whole.outcome != Outcome::kNotYet);
    for (std::size_t first = 0; first < text.size(); ++first) {
      for (std::size_t second = first; second < text.size(); ++second) {
        HeadScanner scanner(limits);
        HeadScanner::Verdict cut;
        for (const std::size_t size : {first, second, text.size()}) {
          if (cut.outcome == Outcome::kNotYet) cut = scanner.scan(std::string_view(text).substr(0, size));
        }
        if (cut.outcome == whole.outcome && cut.head_bytes == whole.head_bytes &&
            (cut.outcome == Outcome::kWhole || cut.refusal == whole.refusal)) {
          continue;
        }
        CAPTURE(text, first, second);
        FAIL_CHECK("another verdict");
      }
    }
  }
}

TEST_CASE("what is taken is what a plain reader takes", "[web]") {
  for (const std::string& bytes : accepted_heads()) {
    CAPTURE(bytes);
    CHECK(status_of(bytes) == 200);
    const RequestHead head = head_of(bytes);
    std::string text =
        head.method + "\n" + head.path + "\n" + head.query + "\n" + (head.keeps_connection ? "kept" : "closed") + "\n";
    for (const auto& [name, value] : head.headers) text += name + ": " + value + "\n";
    CHECK(text == plain_request_head(bytes));
  }
}

}  // namespace
}  // namespace tailmeter
