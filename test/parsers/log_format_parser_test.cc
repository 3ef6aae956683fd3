#include <catch2/catch.hpp>

#include "parsers/formats.h"
#include "test/parsers/parse.h"

using namespace tailmeter;
using namespace std::string_literals;

namespace {

std::optional<Fields> parse(std::string_view format, std::string_view line) {
  return parse(*make_log_format_parser(format), line);
}

std::string diagnosis(std::string_view format, std::string_view line) {
  const auto parser = make_log_format_parser(format);
  const Mismatch mismatch = parser->diagnose(line);
  return std::to_string(mismatch.offset) + ": " + mismatch.reason;
}

constexpr std::string_view kTime = "21/Nov/2026:18:49:31 +0000";

// A combined line with one part replaced.
struct CombinedLine {
  std::string address = "192.0.2.1";
  std::string user = "-";
  std::string request = "GET / HTTP/1.1";
  std::string status = "200";
  std::string bytes = "17";
  std::string referer = "-";
  std::string agent = "curl/7.88.1";

  [[nodiscard]] std::string text() const {
    return address + " - " + user + " [" + std::string(kTime) + "] \"" + request + "\" " + status + " " + bytes +
           " \"" + referer + "\" \"" + agent + "\"";
  }
  [[nodiscard]] Fields fields() const {
    Fields fields{{"remote_addr", address},           {"remote_user", user},     {"request", request},
                  {"time_local", std::string(kTime)}, {"status", status},        {"body_bytes_sent", bytes},
                  {"http_referer", referer},          {"http_user_agent", agent}};
    std::erase_if(fields, [](const auto& field) { return field.second.empty(); });
    return fields;
  }
};

constexpr std::string_view kTiming =
    R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent rt=$request_time )"
    R"(uct="$upstream_connect_time" urt="$upstream_response_time" us="$upstream_status" ua="$upstream_addr" )"
    R"(cs=$upstream_cache_status)";

std::string timing_line(std::string_view upstream) {
  return "192.0.2.1 - - [21/Nov/2026:18:49:31 +0000] \"GET / HTTP/1.1\" 200 17 " + std::string(upstream);
}

}  // namespace

// What lines look like: one test for each way of writing them.

TEST_CASE("a path ends what stands directly in front of it", "[log_format]") {
  const auto [format, line, expected] = GENERATE(table<std::string, std::string, Fields>({
      {"\"$scheme://$host$request_uri\" $status",
       "\"https://a.example:80/b//c?d=e:/f g\" 200",
       {{"scheme", "https"}, {"host", "a.example:80"}, {"request_uri", "/b//c?d=e:/f g"}, {"status", "200"}}},
      {"$scheme://$host$request_uri", "http://a.example", {{"scheme", "http"}, {"host", "a.example"}}},
      {"$status $uri$is_args$args", "200 /a?b=c d", {{"status", "200"}, {"request_uri", "/a?b=c d"}}},
      {"$ssl_protocol/$ssl_cipher $status",
       "TLSv1.3/TLS_AES_256_GCM_SHA384 200",
       {{"ssl_protocol", "TLSv1.3"}, {"ssl_cipher", "TLS_AES_256_GCM_SHA384"}, {"status", "200"}}},
  }));
  CAPTURE(format);
  const auto fields = parse(*make_log_format_parser(format), line);
  REQUIRE(fields);
  CHECK(*fields == expected);
}

TEST_CASE("an nginx combined line is split into its fields", "[log_format]") {
  CombinedLine line;
  line.referer = "https://mirror.example.net/debian/?C=M;O=D";
  line.agent = "Mozilla/5.0 (X11; Linux x86_64) [en] x";
  CHECK(parse(kCombinedFormat, line.text()) == line.fields());
}

TEST_CASE("an httpd common line has a dash for no bytes", "[log_format]") {
  CHECK(parse(kCommonFormat, R"(host.example.org - frank [10/Oct/2000:13:55:36 -0700] "GET /x HTTP/1.0" 304 -)") ==
        Fields{{"remote_addr", "host.example.org"},
               {"remote_user", "frank"},
               {"time_local", "10/Oct/2000:13:55:36 -0700"},
               {"request", "GET /x HTTP/1.0"},
               {"status", "304"},
               {"body_bytes_sent", "-"}});
}

TEST_CASE("a combined line with the forwarded addresses behind it is split", "[log_format][pitfall][pitfall-23]") {
  const std::string format = std::string(kCombinedFormat) + " \"$http_x_forwarded_for\"";
  const auto fields = parse(format, CombinedLine().text() + " \"198.51.100.178, 2001:db8:2c12::cde0\"");
  REQUIRE(fields);
  CHECK(fields->at("http_x_forwarded_for") == "198.51.100.178, 2001:db8:2c12::cde0");
}

TEST_CASE("a virtual host and port in front are told apart at the last colon", "[log_format]") {
  const std::string format = "$host:$server_port " + std::string(kCombinedFormat);
  const auto [prefix, host, port] = GENERATE(table<std::string, std::string, std::string>({
      {"example.org:443 ", "example.org", "443"},
      {"[2001:db8::1]:80 ", "[2001:db8::1]", "80"},
      {"localhost: ", "localhost", "<none>"},  // a client on a Unix socket has no port
  }));
  auto fields = parse(format, prefix + CombinedLine().text());
  REQUIRE(fields);
  CHECK((*fields)["host"] == host);
  CHECK((fields->contains("server_port") ? fields->at("server_port") : "<none>") == port);
}

TEST_CASE("an nginx timing line is split into its fields", "[log_format]") {
  const auto fields =
      parse(kTiming, timing_line(R"(rt=0.402 uct="0.000, -" urt="0.201, 0.200" us="504 : 200" ua="a:1, b" cs=MISS)"));
  CHECK(fields == Fields{{"remote_addr", "192.0.2.1"},
                         {"remote_user", "-"},
                         {"time_local", std::string(kTime)},
                         {"request", "GET / HTTP/1.1"},
                         {"status", "200"},
                         {"body_bytes_sent", "17"},
                         {"request_time", "0.402"},
                         {"upstream_connect_time", "0.000, -"},
                         {"upstream_response_time", "0.201, 0.200"},
                         {"upstream_status", "504 : 200"},
                         {"upstream_addr", "a:1, b"},
                         {"upstream_cache_status", "MISS"}});
}

TEST_CASE("ingress-nginx's unquoted lists are told apart", "[log_format]") {
  constexpr std::string_view kFormat =
      R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" )"
      R"("$http_user_agent" $request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] )"
      R"($upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id)";
  constexpr std::string_view kBegin =
      R"(192.0.2.1 - - [21/Nov/2026:18:49:31 +0000] "GET / HTTP/1.1" 200 17 "-" "curl" 88 0.402 [default-web-80] [] )";
  const auto [rest, lists] = GENERATE(table<std::string, std::vector<std::string>>({
      {"10.0.0.1:80 17 0.402 200 ab12", {"10.0.0.1:80", "17", "0.402", "200"}},
      {"10.0.0.1:80, 10.0.0.2:80 0, 17 0.201, 0.201 504, 200 ab12",
       {"10.0.0.1:80, 10.0.0.2:80", "0, 17", "0.201, 0.201", "504, 200"}},
      {"10.0.0.1:80 : 10.0.0.2:80 0 : 17 0.201 : 0.201 504 : 200 ab12",
       {"10.0.0.1:80 : 10.0.0.2:80", "0 : 17", "0.201 : 0.201", "504 : 200"}},
      {"- - - - ab12", {"-", "-", "-", "-"}},
  }));
  auto fields = parse(kFormat, std::string(kBegin) + rest);
  REQUIRE(fields);
  CHECK(std::vector{(*fields)["upstream_addr"], (*fields)["upstream_response_length"],
                    (*fields)["upstream_response_time"], (*fields)["upstream_status"]} == lists);
  CHECK((*fields)["proxy_upstream_name"] == "default-web-80");
  CHECK((*fields)["req_id"] == "ab12");
}

TEST_CASE("a list that takes too much is given back when the line would fit otherwise", "[log_format]") {
  // The longest first list would be "a : b", which leaves nothing for the third field.
  CHECK(parse("$upstream_addr $request_id $http_x", "a : b") ==
        Fields{{"upstream_addr", "a"}, {"request_id", ":"}, {"http_x", "b"}});
  CHECK(parse("$upstream_addr $request_id $http_x", "a : b c d") ==
        Fields{{"upstream_addr", "a : b"}, {"request_id", "c"}, {"http_x", "d"}});
  CHECK_FALSE(parse("$upstream_addr $request_id $status", "a : b c"));
}

TEST_CASE("the parts of a quoted request are told apart though the path holds blanks", "[log_format]") {
  CHECK(parse(R"([$time_local] "$request_method $uri $server_protocol" $status)",
              R"([21/Nov/2026:18:49:31 +0000] "GET /two  spaces HTTP/1.0 HTTP/1.1" 200)") ==
        Fields{{"time_local", std::string(kTime)},
               {"request_method", "GET"},
               {"uri", "/two  spaces HTTP/1.0"},
               {"server_protocol", "HTTP/1.1"},
               {"status", "200"}});
}

TEST_CASE("between tabs a text may hold any blank, quote or separator that the server lets through", "[log_format]") {
  CHECK(parse("host:$remote_addr\treq:$request\tua:$http_user_agent\tcache:$upstream_cache_status",
              "host:unix:\treq:GET /a b:c\\x09 HTTP/1.1\tua:x | y, \\\" z\tcache:HIT") ==
        Fields{{"remote_addr", "unix:"},
               {"request", "GET /a b:c\t HTTP/1.1"},
               {"http_user_agent", "x | y, \" z"},
               {"upstream_cache_status", "HIT"}});
}

TEST_CASE("bars may separate what the server itself writes", "[log_format]") {
  CHECK(parse("$time_iso8601|$remote_addr|$upstream_cache_status|$upstream_status|$request_time",
              "2026-11-21T18:49:31+00:00|::1|HIT|502, 200|0.1") == Fields{{"time_iso8601", "2026-11-21T18:49:31+00:00"},
                                                                          {"remote_addr", "::1"},
                                                                          {"upstream_cache_status", "HIT"},
                                                                          {"upstream_status", "502, 200"},
                                                                          {"request_time", "0.1"}});
}

TEST_CASE("braces keep a variable's name from what stands behind it", "[log_format]") {
  CHECK(parse("${request_time}s $status", "0.5s 200") == Fields{{"request_time", "0.5"}, {"status", "200"}});
}

TEST_CASE("a variable that is written twice gives its field the first value", "[log_format]") {
  const auto parser = make_log_format_parser("$status $request_time $status");
  CHECK(parser->field_names() == std::vector<std::string>{"status", "request_time"});
  CHECK(parse(*parser, "200 0.1 404") == Fields{{"status", "200"}, {"request_time", "0.1"}});
}

// What goes wrong in them.

TEST_CASE("a request that is empty, a dash or binary is still a field", "[log_format]") {
  // A connection closed at once, httpd's time-out, a TLS hello on the plain port, an attack.
  CombinedLine line;
  line.request = GENERATE(values<std::string>({"", "-", "GET", "HELP", "GET  /two  spaces HTTP/1.1", "SSH-2.0-Go"}));
  line.status = "400";
  CHECK(parse(kCombinedFormat, line.text()) == line.fields());
}

TEST_CASE("the bytes of a TLS hello come out as they were sent", "[log_format]") {
  CombinedLine line;
  line.request = R"(\x16\x03\x01\x02\x00 \x22\x5C)";
  CombinedLine meant = line;
  meant.request = "\x16\x03\x01\x02\0 \"\\"s;
  CHECK(parse(kCombinedFormat, line.text()) == meant.fields());
}

TEST_CASE("a user name may hold blanks, brackets and escaped bytes", "[log_format][pitfall][pitfall-09]") {
  const auto [written, meant] = GENERATE(table<std::string, std::string>({
      {"john doe", "john doe"},
      {"eve]", "eve]"},
      {"a [b] [c", "a [b] [c"},
      {" [", " ["},
      {"", ""},
      {"x [21/Nov/2026:18:49:31 +0000] ", "x [21/Nov/2026:18:49:31 +0000] "},
      {R"(x [21/Nov/2026:18:49:31 +0000] \x22GET)", "x [21/Nov/2026:18:49:31 +0000] \"GET"},
      {R"(x [21/Nov/2026:18:49:31 +0000] \"GET)", "x [21/Nov/2026:18:49:31 +0000] \"GET"},
      {R"(\xE9\x95\x9C\xE5\x83\x8F \xE7\xAE\xA1)", "\xe9\x95\x9c\xe5\x83\x8f \xe7\xae\xa1"},
  }));
  CombinedLine line;
  line.user = written;
  CombinedLine expected;
  expected.user = meant;
  CAPTURE(line.text());
  CHECK(parse(kCombinedFormat, line.text()) == expected.fields());
}

TEST_CASE("an address is an address of any family, or a socket's", "[log_format]") {
  CombinedLine line;
  line.address = GENERATE(
      values<std::string>({"2001:db8:6c0d::72b", "::1", "::ffff:203.0.113.42", "unix:", "host-1.example.org"}));
  CHECK(parse(kCombinedFormat, line.text()) == line.fields());
}

TEST_CASE("a status is whatever digits the server wrote", "[log_format]") {
  CombinedLine line;
  line.status = GENERATE(values<std::string>({"000", "009", "444", "499", "599", "-"}));
  CHECK(parse(kCombinedFormat, line.text()) == line.fields());
}

TEST_CASE("escaped quotes of nginx and httpd do not end a field", "[log_format][pitfall][pitfall-24]") {
  const auto [written, meant] = GENERATE(table<std::string, std::string>({
      {R"(pip/23 {\x22ci\x22:null})", R"(pip/23 {"ci":null})"},
      {R"(pip/23 {\"ci\":null})", R"(pip/23 {"ci":null})"},
      {R"(ends in a backslash \\)", R"(ends in a backslash \)"},
      {R"(\\\" \\\\)", R"(\" \\)"},
      {R"(a client's own \x5Cx22)", R"(a client's own \x22)"},
  }));
  CombinedLine line;
  line.agent = written;
  line.referer = written;
  CombinedLine expected;
  expected.agent = meant;
  expected.referer = meant;
  CHECK(parse(kCombinedFormat, line.text()) == expected.fields());
}

TEST_CASE("a client cannot write field boundaries into a line", "[log_format][pitfall][pitfall-56]") {
  CombinedLine line;
  line.referer = R"(\x22 200 1 \x22-\x22 \x22)";
  line.agent = R"(${jndi:ldap://x\" \"200\" 1} \"-\" \"-\" 200)";
  CombinedLine expected;
  expected.referer = R"(" 200 1 "-" ")";
  expected.agent = R"(${jndi:ldap://x" "200" 1} "-" "-" 200)";
  CHECK(parse(kCombinedFormat, line.text()) == expected.fields());
}

TEST_CASE("an unescaped quote inside a field makes the line a stranger", "[log_format]") {
  CombinedLine line;
  line.agent = R"(a "b" c)";
  CHECK_FALSE(parse(kCombinedFormat, line.text()));
}

TEST_CASE("an empty quoted referer, as Go servers write it, is an empty field", "[log_format][pitfall][pitfall-34]") {
  CombinedLine line;
  line.referer = "";
  CHECK(parse(kCombinedFormat, line.text()) == line.fields());
}

TEST_CASE("lists keep their dashes: no upstream, no connection, an upstream's name",
          "[log_format][pitfall][pitfall-19]") {
  const auto [upstream, times, address] = GENERATE(table<std::string, std::string, std::string>({
      {R"(rt=0.000 uct="-" urt="-" us="-" ua="-" cs=HIT)", "-", "-"},
      {R"(rt=0.199 uct="0.000, -" urt="0.200, 0.000" us="504, 502" ua="127.0.0.1:8101, good" cs=-)", "0.000, -",
       "127.0.0.1:8101, good"},
      {R"(rt=0.021 uct="0.000" urt="0.021" us="-" ua="unix:/run/app.sock" cs=-)", "0.000", "unix:/run/app.sock"},
      {R"(rt=0.018 uct="0.000 : 0.000" urt="0.014 : 0.004" us="502 : 200" ua="a:1 : b:2" cs=)", "0.000 : 0.000",
       "a:1 : b:2"},
  }));
  const auto fields = parse(kTiming, timing_line(upstream));
  REQUIRE(fields);
  CHECK(fields->at("upstream_connect_time") == times);
  CHECK(fields->at("upstream_addr") == address);
}

TEST_CASE("a line that was cut short does not match, and says where it ends", "[log_format]") {
  const std::string line = CombinedLine().text();
  for (std::size_t size = 0; size < line.size(); ++size) {
    if (parse(kCombinedFormat, line.substr(0, size))) FAIL("matched: " << line.substr(0, size));
  }
  CHECK(diagnosis(kCombinedFormat, line.substr(0, line.size() - 4)) ==
        std::to_string(line.size() - 4) + ": expected \"\\\"\" after $http_user_agent");
}

TEST_CASE("fields behind the last one make a line a stranger", "[log_format]") {
  const std::string line = CombinedLine().text();
  for (const std::string_view extra : {" 12060", " \"-\"", " rt=0.1", " ", "\r"}) {
    CHECK_FALSE(parse(kCombinedFormat, line + std::string(extra)));
    CHECK(diagnosis(kCombinedFormat, line + std::string(extra)) ==
          std::to_string(line.size()) + ": expected the end of the line after $http_user_agent");
  }
  CHECK_FALSE(parse(kCombinedFormat, "example.org:80 " + line));
}

TEST_CASE("a line of eight kilobytes is like any other", "[log_format]") {
  CombinedLine line;
  line.request = "GET /" + std::string(8192, 'a') + " HTTP/1.1";
  CHECK(parse(kCombinedFormat, line.text()) == line.fields());
}

TEST_CASE("raw bytes, NUL and escape characters among them, pass where nothing forbids them", "[log_format]") {
  CombinedLine line;
  line.agent = "\0\x1b[31mred\x1b[0m \xff\xfe \xc3\xa9\t"s;
  CHECK(parse(kCombinedFormat, line.text()) == line.fields());
}

TEST_CASE("an empty line matches no format that has text in it", "[log_format]") {
  CHECK_FALSE(parse(kCombinedFormat, ""));
  CHECK_FALSE(parse(kCombinedFormat, {}));
  CHECK(parse("$http_x", "") == Fields{});
}

// What a parser is told and says.

TEST_CASE("only selected fields are set, but the whole line must match", "[log_format]") {
  const auto parser = make_log_format_parser(R"($remote_addr "$request" $status)");
  parser->select({false, true, false});
  CHECK(parse(*parser, R"(::1 "GET \x22" 200)") == Fields{{"request", "GET \""}});
  CHECK_FALSE(parse(*parser, R"(::1 "GET \x22" OK)"));
}

TEST_CASE("only selected fields are set when the pattern decides", "[log_format]") {
  const auto parser = make_log_format_parser("$upstream_addr $request_id $http_x");
  parser->select({false, true, false});
  CHECK(parse(*parser, "a : b") == Fields{{"request_id", ":"}});
}
