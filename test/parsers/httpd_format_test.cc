// httpd's LogFormat texts. The lines are what mod_log_config.html says that httpd writes.
#include "parsers/httpd_format.h"

#include <catch2/catch.hpp>

#include "parsers/formats.h"
#include "test/parsers/parse.h"

namespace tailmeter {
namespace {

std::optional<Fields> fields_of(const std::string& format, const std::string& line) {
  return parse(*make_httpd_format_parser(format), line);
}

std::string refusal(const std::string& format) {
  try {
    static_cast<void>(make_httpd_format_parser(format));
  } catch (const FormatError& error) {
    return std::to_string(error.offset()) + ": " + error.what();
  }
  return "";
}

TEST_CASE("the usual formats of httpd, by name or written out, have nginx's names for what is the same", "[httpd]") {
  const std::string line = R"(192.0.2.1 - frank [21/Nov/2026:18:49:31 +0000] "GET /a HTTP/1.1" 304 -)";
  const Fields common = {{"remote_addr", "192.0.2.1"},   {"remote_logname", "-"},
                         {"remote_user", "frank"},       {"time_local", "21/Nov/2026:18:49:31 +0000"},
                         {"request", "GET /a HTTP/1.1"}, {"status", "304"},
                         {"body_bytes_sent", "-"}};
  CHECK(fields_of("common", line) == common);
  CHECK(fields_of(R"(%h %l %u %t "%r" %>s %b)", line) == common);
  CHECK(fields_of(R"(%h %l %u %t \"%r\" %>s %b)", line) == common);  // as the configuration has it
  Fields combined = common;
  combined["http_referer"] = "-";
  combined["http_user_agent"] = "pip {\"ci\"}\t\\";
  CHECK(fields_of("combined", line + R"( "-" "pip {\"ci\"}\t\\")") == combined);
  combined["server_name"] = "example.org";
  combined["server_port"] = "80";
  CHECK(fields_of("vhost_combined", "example.org:80 " + line + R"( "-" "pip {\"ci\"}\t\\")") == combined);
  CHECK(fields_of("common", line + " ") == std::nullopt);
}

TEST_CASE("what mod_ident found out about a client is a field", "[httpd]") {
  const auto fields =
      fields_of("common", R"(192.0.2.1 ident frank [21/Nov/2026:18:49:31 +0000] "GET / HTTP/1.1" 200 2)");
  REQUIRE(fields);
  CHECK(fields->at("remote_logname") == "ident");
  CHECK(fields->at("remote_user") == "frank");
}

TEST_CASE("a time stamp that is put together is one field", "[httpd]") {
  const auto [format, time] = GENERATE(table<std::string, std::string>({
      {"%{%d/%b/%Y %T}t.%{msec_frac}t %{%z}t", "21/Nov/2026 18:49:31.250 +0000"},
      {"%{%Y-%m-%dT%T}t.%{msec_frac}t%{%z}t", "2026-11-21T18:49:31.250+0000"},
      {"%{%Y-%m-%d %H:%M:%S}t,%{usec_frac}t", "2026-11-21 18:49:31,250000"},
      {"%{begin:%Y-%m-%d}t %{begin:%T}t", "2026-11-21 18:49:31"},
  }));
  CAPTURE(format);
  const auto fields = fields_of("%h [" + format + "] \"%r\" %>s", "::1 [" + time + "] \"GET / HTTP/1.1\" 200");
  REQUIRE(fields);
  CHECK(*fields == Fields{{"remote_addr", "::1"}, {"time", time}, {"request", "GET / HTTP/1.1"}, {"status", "200"}});
  CHECK(refusal(format + " %r") ==
        "0: where $time ends cannot be known: the text behind it, \" \", may be part of it; put it in quotes in the "
        "server's LogFormat, or use a regex");
}

TEST_CASE("a field of httpd says in its name what unit it has, and whose header it is", "[httpd]") {
  const auto [format, line, expected] = GENERATE(table<std::string, std::string, Fields>({
      {"%D", "1500", {{"request_time_us", "1500"}}},
      {"%T/%D", "0/1500", {{"request_time", "0"}, {"request_time_us", "1500"}}},
      {"%{ms}T %{us}T %{s}T",
       "1 1500 0",
       {{"request_time_ms", "1"}, {"request_time_us", "1500"}, {"request_time", "0"}}},
      {"%a %{c}a %A",
       "::1 192.0.2.1 -",
       {{"remote_addr", "::1"}, {"realip_remote_addr", "192.0.2.1"}, {"server_addr", "-"}}},
      {"%B %O %I %S",
       "1 2 3 5",
       {{"body_bytes_sent", "1"}, {"bytes_sent", "2"}, {"request_length", "3"}, {"bytes_transferred", "5"}}},
      {R"("%{X-Forwarded-For}i" "%{Content-Type}o" "%{HOME}e" "%{a b}n" "%{sid}C")",
       R"("1, 2" "t" "h" "n" "c")",
       {{"http_x_forwarded_for", "1, 2"},
        {"sent_http_content_type", "t"},
        {"env_home", "h"},
        {"note_a_b", "n"},
        {"cookie_sid", "c"}}},
      {"%m %U%q %H",
       "GET /a b?c HTTP/1.1",
       {{"request_method", "GET"}, {"request_uri", "/a b?c"}, {"server_protocol", "HTTP/1.1"}}},
      {"[%{%d/%b/%Y %T}t] %X %k",
       "[21/Nov/2026 18:49:31] + 3",
       {{"time", "21/Nov/2026 18:49:31"}, {"connection_status", "+"}, {"connection_requests", "3"}}},
      {"%{begin:sec}t.%{msec_frac}t %{SSL_PROTOCOL}x",
       "1795286971.125 TLSv1.3",
       {{"time_s", "1795286971.125"}, {"ssl_protocol", "TLSv1.3"}}},
      {"%v:%{local}p %{remote}p %P %{tid}P %R %L",
       "h:80 4711 7 8 - x",
       {{"server_name", "h"},
        {"server_port", "80"},
        {"remote_port", "4711"},
        {"pid", "7"},
        {"tid", "8"},
        {"handler", "-"},
        {"request_id", "x"}}},
      {R"(%!200,304{Referer}i|%<s|%^FB|100%%)",
       "-|200|7|100%",
       {{"http_referer", "-"}, {"status", "200"}, {"first_byte_time_us", "7"}}},
      {R"(%s\t%V \\)", "200\th \\", {{"status", "200"}, {"host", "h"}}},
  }));
  CAPTURE(format);
  CHECK(fields_of(format, line) == expected);
}

TEST_CASE("a LogFormat that cannot be read is refused with its place", "[httpd]") {
  const auto [format, message] = GENERATE(table<std::string, std::string>({
      {"%h %z", "3: httpd's LogFormat has no \"%z\"; write %% for a percent sign"},
      {"%h %{x}y", "3: httpd's LogFormat has no \"%{...}y\"; write %% for a percent sign"},
      {"%h 100%", "6: httpd's LogFormat has no \"%\"; write %% for a percent sign"},
      {"%h %i", "3: \"%i\" is not read; there are %{NAME}i"},
      {"%h %{m}T", "3: \"%{...}T\" is not read; there are %T, %{s}T, %{ms}T, %{us}T"},
      {"%h %{Referer", "4: this \"{\" has no \"}\""},
      {"%h\\n%u", "2: the format holds a newline, which no line does: write it on one line, in quotes"},
      {"%h\n%u", "2: the format holds a newline, which no line does: write it on one line, in quotes"},
      {"combind",
       "0: the format has no directive such as %h; the names that are known are common, combined and "
       "vhost_combined"},
      {"%%", "0: the format has no variable: write what the lines hold, such as $remote_addr and $status"},
      {"%h%b",
       "2: nothing stands between this variable and the one in front, so where one ends cannot be known: put a "
       "blank or a quote between them, or use a regex"},
  }));
  CAPTURE(format);
  CHECK(refusal(format) == message);
}

}  // namespace
}  // namespace tailmeter
