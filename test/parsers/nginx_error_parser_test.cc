#include <catch2/catch.hpp>

#include "parsers/formats.h"
#include "test/parsers/parse.h"

namespace tailmeter {
namespace {

const std::string kHead = "2026/11/21 18:49:31 [error] 25#26: ";

// The fields of a line without those of its head.
std::optional<Fields> tail(const std::string& behind_head) {
  auto fields = parse(*make_nginx_error_parser(), kHead + behind_head);
  for (const char* const name : {"time", "level", "pid", "tid"}) {
    if (fields) fields->erase(name);
  }
  return fields;
}

TEST_CASE("a line of an error log has the fields that nginx wrote, and a message may have commas and quotes",
          "[nginx_error]") {
  CHECK(parse(*make_nginx_error_parser(), "2026/11/21 18:49:31 [notice] 25#26: using the \"epoll\" event method") ==
        Fields{{"time", "2026/11/21 18:49:31"},
               {"level", "notice"},
               {"pid", "25"},
               {"tid", "26"},
               {"message", "using the \"epoll\" event method"}});
  CHECK(parse(*make_nginx_error_parser(),
              "2026/11/21 18:49:31 [crit] 7#0: *1447 limiting requests, excess: 0.715 by zone \"one\", client: "
              "2001:db8::7, server: example.org, request: \"GET /a HTTP/1.1\", subrequest: \"/auth\", upstream: "
              "\"http://192.0.2.8:80/a\", host: \"example.org\", referrer: \"https://example.net/?a, b\"") ==
        Fields{{"time", "2026/11/21 18:49:31"},
               {"level", "crit"},
               {"pid", "7"},
               {"tid", "0"},
               {"connection", "1447"},
               {"message", "limiting requests, excess: 0.715 by zone \"one\""},
               {"client", "2001:db8::7"},
               {"server", "example.org"},
               {"request", "GET /a HTTP/1.1"},
               {"subrequest", "/auth"},
               {"upstream", "http://192.0.2.8:80/a"},
               {"host", "example.org"},
               {"referrer", "https://example.net/?a, b"}});
}

TEST_CASE("what follows the message may be there or not, and ends where the next begins", "[nginx_error]") {
  const auto [text, expected] = GENERATE(table<std::string, Fields>({
      {"", {}},
      {"*", {{"message", "*"}}},
      {"*1 ", {{"connection", "1"}}},
      {"*x y", {{"message", "*x y"}}},
      {"*1 client sent plain HTTP, client: 192.0.2.1, server: 0.0.0.0:443",
       {{"connection", "1"},
        {"message", "client sent plain HTTP"},
        {"client", "192.0.2.1"},
        {"server", "0.0.0.0:443"}}},
      {"*1 m, client: unix:, server: , request: \"\"", {{"connection", "1"}, {"message", "m"}, {"client", "unix:"}}},
      {"*1 m, client: a, server: b c, d, host: \"h\"",
       {{"connection", "1"}, {"message", "m"}, {"client", "a"}, {"server", "b c, d"}, {"host", "h"}}},
      {"*1 m, client: a, server: b, request: \"GET /\"x\", y HTTP/1.1\", host: \"h\"",
       {{"connection", "1"},
        {"message", "m"},
        {"client", "a"},
        {"server", "b"},
        {"request", "GET /\"x\", y HTTP/1.1"},
        {"host", "h"}}},
      {"*1 m, client: a, server: b, request: \"GET /cut...",  // at 2,048 bytes
       {{"connection", "1"}, {"message", "m"}, {"client", "a"}, {"server", "b"}, {"request", "GET /cut..."}}},
      {"*1 m, client: a, server: 0.0.0.0:1, upstream: \"192.0.2.8:80\", bytes from/to client:0/0, bytes from/to "
       "upstream:0/0",
       {{"connection", "1"}, {"message", "m"}, {"client", "a"}, {"server", "0.0.0.0:1"}, {"upstream", "192.0.2.8:80"}}},
      {"*1 m, client: a, server: b, login: \"u\"",
       {{"connection", "1"}, {"message", "m"}, {"client", "a"}, {"server", "b"}, {"login", "u"}}},
      {"*1 FastCGI sent in stderr: \"PHP message: a, b\" while reading, client: a",
       {{"connection", "1"},
        {"message", "FastCGI sent in stderr: \"PHP message: a, b\" while reading"},
        {"client", "a"}}},
  }));
  CAPTURE(text);
  CHECK(tail(text) == expected);
}

TEST_CASE("a line that does not begin as nginx begins a message does not fit, and says where", "[nginx_error]") {
  const std::string no_time = "there is no time such as 2026/11/21 18:49:31: not the first line of a message";
  const auto [line, offset, reason] = GENERATE_COPY(table<std::string, std::size_t, std::string>({
      {"", 0, no_time},
      {"#0 /var/www/index.php(12): f()", 0, no_time},
      {"Stack trace:", 0, no_time},
      {"2026/11/21 18:49", 16, no_time},
      {"2026-11-21 18:49:31 [error] 1#1: m", 4, no_time},
      {"2026/11/21 18:49:31", 19, "there is no level such as [error]"},
      {"2026/11/21 18:49:31 [] 1#1: m", 21, "there is no level such as [error]"},
      {"2026/11/21 18:49:31 [error] 1: m", 29, "there is no process and thread such as 25#25:"},
      {"2026/11/21 18:49:31 [error] 1#1 m", 31, "there is no process and thread such as 25#25:"},
  }));
  CAPTURE(line);
  const auto parser = make_nginx_error_parser();
  CHECK_FALSE(parse(*parser, line));
  CHECK(parser->diagnose(line).offset == offset);
  CHECK(parser->diagnose(line).reason == reason);
}

TEST_CASE("only selected fields of an error log are filled", "[nginx_error]") {
  const auto parser = make_nginx_error_parser();
  std::vector<bool> used;
  for (const std::string& name : parser->field_names()) used.push_back(name == "level" || name == "host");
  parser->select(used);
  CHECK(parse(*parser, kHead + "*1 m, client: a, server: b, host: \"h\"") == Fields{{"level", "error"}, {"host", "h"}});
}

}  // namespace
}  // namespace tailmeter
