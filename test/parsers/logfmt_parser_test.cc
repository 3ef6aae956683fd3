#include <catch2/catch.hpp>

#include "parsers/formats.h"
#include "test/parsers/asked.h"

using namespace tailmeter;

namespace {

std::optional<Fields> parse_logfmt(std::string_view line, std::initializer_list<std::string_view> names) {
  return parse(*asked(make_logfmt_parser(), names), line);
}

}  // namespace

TEST_CASE("the pairs of a logfmt line are fields", "[logfmt]") {
  CHECK(parse_logfmt(R"(time="2026-01-02T15:04:05Z" level=info msg="response completed" http.response.status=200 go= )"
                     R"(duration=6.28114ms path=/a=b)",
                     {"time", "level", "msg", "http.response.status", "go", "duration", "path", "/a", "status"}) ==
        Fields{{"time", "2026-01-02T15:04:05Z"},
               {"level", "info"},
               {"msg", "response completed"},
               {"http.response.status", "200"},
               {"duration", "6.28114ms"},
               {"path", "/a=b"}});
}

TEST_CASE("text that is no pair is passed over", "[logfmt]") {
  const auto [line, fields] = GENERATE(table<std::string, Fields>({
      {R"(2026/01/02 15:04:05 INFO Processing image=a/b:v1 platforms=linux/amd64)", {{"image", "a/b:v1"}}},
      {R"(I0102 15:04:05.678901       1 chunk.go:542] "Finish image=none" image="a b" took=1.2s)", {{"image", "a b"}}},
      {R"(  image=a  flag other image2=b)", {{"image", "a"}}},
      {"\timage=a\tx=1\t", {{"image", "a"}}},
      {R"(=b image=a)", {{"image", "a"}}},
      {R"(5" image=a)", {{"image", "a"}}},
      {R"(x"image=b image=a)", {{"image", "a"}}},
      {R"("image"=b image=a)", {{"image", "a"}}},
      {R"(image=a"b image2=x)", {{"image", "a\"b"}}},
      {R"(image=a image=b)", {{"image", "b"}}},
      {R"(image=a image= x=1)", {}},
      {R"(image=a image)", {{"image", "a"}}},
      {R"(image x=1)", {}},
  }));
  CAPTURE(line);
  CHECK(parse_logfmt(line, {"image"}) == fields);
}

TEST_CASE("the escapes of Go are undone once, within quotes", "[logfmt]") {
  const auto [written, meant] = GENERATE(table<std::string, std::string>({
      {R"("say \"hi\" \\")", R"(say "hi" \)"},
      {R"("\a\b\f\n\r\t\v")", "\a\b\f\n\r\t\v"},
      {R"("\u00e9\U0001F600\xff\x41")",
       "\xC3\xA9\xF0\x9F\x98\x80\xFF"
       "A"},
      {R"("\ufffd")", "\xEF\xBF\xBD"},
      {R"("\U00110000\U0000d800")", "\xEF\xBF\xBD\xEF\xBF\xBD"},
      {R"("\\n \\x41")", R"(\n \x41)"},
      {R"("\q \x4 \u12 \U1234567")", R"(\q \x4 \u12 \U1234567)"},
      {R"(C:\new\x41)", R"(C:\new\x41)"},
      {"737.409\xC2\xB5s", "737.409\xC2\xB5s"},
  }));
  CAPTURE(written);
  CHECK(parse_logfmt("a=" + written + " b=1", {"a", "b"}) == Fields{{"a", meant}, {"b", "1"}});
}

TEST_CASE("a line without a pair, or with a quote that nothing ends, is no logfmt", "[logfmt]") {
  struct Row {
    std::string line;
    std::size_t offset;
    std::string reason;
  };
  const Row row = GENERATE(values<Row>({
      {"", 0, "there is no key=value"},
      {"   ", 0, "there is no key=value"},
      {"goroutine 1 [running]:", 0, "there is no key=value"},
      {R"(127.0.0.1 - - [21/Nov/2026:18:49:31 +0000] "GET /v2/?n=1 HTTP/1.1" 200 2 "" "skopeo/1.9.3")", 0,
       "there is no key=value"},
      {R"(= =a "a=b" x"a=b")", 0, "there is no key=value"},
      {R"(a=1 msg="response comp)", 8, "a quoted text has no closing quote"},
      {R"(a=1 msg="x\")", 8, "a quoted text has no closing quote"},
      {R"(a=1 "x)", 4, "a quoted text has no closing quote"},
      {R"(a=1 ")", 4, "a quoted text has no closing quote"},
      {R"(a=1 msg="x"y b=1)", 11, "a blank is missing behind the closing quote"},
      {R"(a="x"b=1)", 5, "a blank is missing behind the closing quote"},
  }));
  CAPTURE(row.line);
  const auto parser = asked(make_logfmt_parser(), {"a"});
  CHECK_FALSE(parse(*parser, row.line));
  CHECK(parser->diagnose(row.line).offset == row.offset);
  CHECK(parser->diagnose(row.line).reason == row.reason);
}

TEST_CASE("only selected keys of a logfmt line are filled", "[logfmt]") {
  const auto parser = asked(make_logfmt_parser(), {"a", "b"});
  CHECK(parser->field_names() == std::vector<std::string>{"a", "b"});
  parser->select({false, true});
  CHECK(parse(*parser, "a=1 b=2") == Fields{{"b", "2"}});
}
