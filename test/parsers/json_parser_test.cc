#include <catch2/catch.hpp>

#include "parsers/formats.h"
#include "test/parsers/asked.h"

using namespace tailmeter;

namespace {

std::optional<Fields> parse_json(std::string_view line, std::initializer_list<std::string_view> names) {
  return parse(*asked(make_json_parser(), names), line);
}

}  // namespace

TEST_CASE("a field of a JSON line is its value as it is written, without quotes", "[json]") {
  const auto [written, meant] = GENERATE(table<std::string, std::string>({
      {"200", "200"},
      {"\"200\"", "200"},
      {"1.50", "1.50"},
      {"1795287034.352", "1795287034.352"},
      {"-1.2e-05", "-1.2e-05"},
      {"123456789012345678901234567890", "123456789012345678901234567890"},
      {"true", "true"},
      {"false", "false"},
      {"\"GET / HTTP/1.1\"", "GET / HTTP/1.1"},
      {"\"{\\\"a\\\":[1,\\n2]}\"", "{\"a\":[1,\n2]}"},
  }));
  CAPTURE(written);
  CHECK(parse_json("{\"a\":" + written + "}", {"a"}) == Fields{{"a", meant}});
  CHECK(parse_json(" \t{ \"b\" : [] , \"a\" :\t" + written + " , \"c\":{} }\r ", {"a"}) == Fields{{"a", meant}});
}

TEST_CASE("null, an empty string, an object and a list of objects or lists are no value", "[json]") {
  const std::string written =
      GENERATE(values<std::string>({"null", "\"\"", "{}", "{\"b\":1}", "[]", "[{}]", "[1,[2]]", "[[],1]"}));
  CAPTURE(written);
  CHECK(parse_json("{\"a\":" + written + "}", {"a"}) == Fields{});
}

TEST_CASE("the escapes of JSON are undone once", "[json]") {
  const auto [written, meant] = GENERATE(table<std::string, std::string>({
      {R"(\" \\ \/ \b\f\n\r\t)", "\" \\ / \b\f\n\r\t"},
      {R"(\\x22 \\u0041)", R"(\x22 \u0041)"},
      {R"(\u0041\u00e9\u955C)", "A\xC3\xA9\xE9\x95\x9C"},
      {R"(\uD83D\uDE00)", "\xF0\x9F\x98\x80"},
      {R"(\udbff\udfff)", "\xF4\x8F\xBF\xBF"},
      {R"(\ud800)", "\xEF\xBF\xBD"},
      {R"(\udc00!)", "\xEF\xBF\xBD!"},
      {R"(\ud800\u0041)",
       "\xEF\xBF\xBD"
       "A"},
      {R"(\ud800\ud83d\ude00)", "\xEF\xBF\xBD\xF0\x9F\x98\x80"},
      {R"(\u007F\u0080\u07ff\u0800\uffff)", "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF"},
  }));
  CAPTURE(written);
  CHECK(parse_json("{\"a\":\"" + written + "\"}", {"a"}) == Fields{{"a", meant}});
  CHECK(parse_json("{\"a\\u0062\":\"" + written + "\"}", {"ab"}) == Fields{{"ab", meant}});
  CHECK(parse_json("{\"a\":[\"" + written + "\",1]}", {"a", "a.0"}) == Fields{{"a", meant + ", 1"}, {"a.0", meant}});
}

TEST_CASE("a NUL that is written as an escape is a byte like others", "[json]") {
  CHECK(parse_json(R"({"a":"x\u0000y"})", {"a"}) == Fields{{"a", std::string("x\0y", 3)}});
}

TEST_CASE("bytes that are no UTF-8 stay as they are", "[json]") {
  // nginx's escape=json writes what the client has sent; the bytes end in the lower bits of a quote and of a backslash.
  const std::string bytes = "\xff\xfe \xa2\xdc \x95\xe9 \xc0\x80 \xed\xa0\x80";
  CHECK(parse_json("{\"" + bytes + "\":\"" + bytes + "\",\"b\":[\"" + bytes + "\"]}", {bytes, "b"}) ==
        Fields{{bytes, bytes}, {"b", bytes}});
}

TEST_CASE("a name with dots reaches into objects and lists", "[json]") {
  const std::string line =
      R"({"request":{"method":"GET","headers":{"User-Agent":["curl/8","x"],"Accept":[]}},"list":[[1,2],{"a":3}],"":{"":4}})";
  CHECK(parse_json(line, {"request.method", "request.headers.User-Agent.0", "request.headers.User-Agent.1",
                          "request.headers.User-Agent.2", "request.headers.Accept.0", "list.0.1", "list.1.a", "list.00",
                          "request", ".", "method"}) == Fields{{"request.method", "GET"},
                                                               {"request.headers.User-Agent.0", "curl/8"},
                                                               {"request.headers.User-Agent.1", "x"},
                                                               {"list.0.1", "2"},
                                                               {"list.1.a", "3"},
                                                               {".", "4"}});
}

TEST_CASE("a key that has dots itself is found, and wins over nesting wherever it stands", "[json]") {
  CHECK(parse_json(R"({"http.request.method":"GET"})", {"http.request.method"}) ==
        Fields{{"http.request.method", "GET"}});
  for (const char* const line : {R"({"a.b.c":1,"a":{"b.c":2,"b":{"c":3}},"a.b":{"c":4}})",
                                 R"({"a":{"b":{"c":3},"b.c":2},"a.b":{"c":4},"a.b.c":1})"}) {
    CHECK(parse_json(line, {"a.b.c"}) == Fields{{"a.b.c", "1"}});
  }
  CHECK(parse_json(R"({"a":{"b":{"c":3},"b.c":2}})", {"a.b.c"}) == Fields{{"a.b.c", "2"}});
  CHECK(parse_json(R"({"labels":{"app.kubernetes.io/name":"x"}})", {"labels.app.kubernetes.io/name"}) ==
        Fields{{"labels.app.kubernetes.io/name", "x"}});
}

TEST_CASE("of keys that are there twice, the last one counts", "[json]") {
  CHECK(parse_json(R"({"a":1,"b":{"c":2},"a":3,"b":{"c":4}})", {"a", "b.c"}) == Fields{{"a", "3"}, {"b.c", "4"}});
  CHECK(parse_json(R"({"a":1,"a":null})", {"a"}) == Fields{});
  CHECK(parse_json(R"({"a":1,"a":{}})", {"a"}) == Fields{});
  // What only the first of two objects has is still there.
  CHECK(parse_json(R"({"b":{"c":2},"b":{}})", {"b.c"}) == Fields{{"b.c", "2"}});
}

TEST_CASE("a list of scalars is a list of the kind that nginx writes", "[json]") {
  const auto [written, meant] = GENERATE(table<std::string, std::string>({
      {R"(["0.201","0.200"])", "0.201, 0.200"},
      {R"([ 1 , 2.5 ,null, true,"-",""])", "1, 2.5, -, true, -, "},
      {R"(["one"])", "one"},
      {"[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1"},
  }));
  CAPTURE(written);
  CHECK(parse_json("{\"a\":" + written + "}", {"a"}) == Fields{{"a", meant}});
}

TEST_CASE("a byte order mark in front of a JSON object is passed over", "[json]") {
  CHECK(parse_json("\xEF\xBB\xBF{\"a\":1}", {"a"}) == Fields{{"a", "1"}});
}

TEST_CASE("a line that is no JSON object is told from the first byte that is wrong", "[json][pitfall][pitfall-28]") {
  struct Row {
    std::string line;
    std::size_t offset;
    std::string reason;
  };
  const std::string x_escape = "\\x is no escape of JSON: nginx's log_format needs escape=json";
  const std::string wrong_escape = "a backslash begins no escape of JSON";
  const std::string wrong_value = "neither a number, true, false, null nor in quotes";
  const std::string no_object = "no JSON object begins here";
  const std::string no_comma = "a comma or a closing bracket is missing";
  const std::string cut = "the JSON object is cut off";
  const Row row = GENERATE_COPY(values<Row>({
      {"", 0, cut},
      {"  ", 2, cut},
      {"[1]", 0, no_object},
      {"  \"a\"", 2, no_object},
      {"127.0.0.1 - - [21/Nov/2026:18:49:31 +0000] \"GET / HTTP/1.1\" 200 0", 0, no_object},
      {std::string(5, '\0'), 0, no_object},
      {"\xEF\xBB\xBF[]", 3, no_object},
      {R"({"status":009})", 10, wrong_value},
      {R"({"a":1,"status":00})", 16, wrong_value},
      {R"({"a":-})", 5, wrong_value},
      {R"({"a":+1})", 5, wrong_value},
      {R"({"a":.5})", 5, wrong_value},
      {R"({"a":5.})", 5, wrong_value},
      {R"({"a":1e})", 5, wrong_value},
      {R"({"a":0x1})", 5, wrong_value},
      {R"({"a":NaN})", 5, wrong_value},
      {R"({"a":True})", 5, wrong_value},
      {R"({"a":truex})", 5, wrong_value},
      {"{\"a\":1\xe9}", 5, wrong_value},
      {R"({"a":'b'})", 5, wrong_value},
      {R"({"a":})", 5, "a value is missing"},
      {R"({"a":,"b":1})", 5, "a value is missing"},
      {R"({"a":[1,]})", 8, "a value is missing"},
      {R"({"a":"1.2.3.4:443""b":"200"})", 18, no_comma},
      {R"({"a":1 "b":2})", 7, no_comma},
      {R"({"a":1 2})", 7, no_comma},
      {R"({"a":[1}})", 7, no_comma},
      {R"({"a":{"b":1]})", 11, no_comma},
      {R"({"a":"b":1})", 8, no_comma},
      {R"({"a":"b":1},"c":2})", 8, no_comma},
      {R"({"a":["b":1]})", 9, no_comma},
      {R"({"a":"",})", 8, "a name in quotes is missing"},
      {R"({,"a":1})", 1, "a name in quotes is missing"},
      {R"({a:1})", 1, "a name in quotes is missing"},
      {R"({"a" 1})", 5, "a colon is missing"},
      {R"({"a","b"})", 4, "a colon is missing"},
      {R"({"a":1}})", 7, "something stands behind the JSON object"},
      {R"({"a":1}{"a":2})", 7, "something stands behind the JSON object"},
      {R"({"a":1},)", 7, "something stands behind the JSON object"},
      {R"({"a":1)", 6, cut},
      {R"({"a":{"b":1})", 12, cut},
      {R"({"a":[{"b":1})", 13, cut},
      {R"({"a":)", 5, cut},
      {R"({"a":1,)", 7, cut},
      {R"({)", 1, cut},
      {R"({"a":"b)", 5, "a string has no closing quote: the line is cut off"},
      {R"({"a":"b\")", 5, "a string has no closing quote: the line is cut off"},
      {R"({"a":1,"b)", 7, "a string has no closing quote: the line is cut off"},
      {"{\"a\":\"x\ty\"}", 7, "a control character in a string is not escaped"},
      {std::string("{\"a\":\"x\0y\"}", 11), 7, "a control character in a string is not escaped"},
      {R"({"a":"say \x22hi\x22"})", 10, x_escape},
      {R"({"a\x22":1})", 3, x_escape},
      {R"({"a":"\q"})", 6, wrong_escape},
      {R"({"a":"\u12g4"})", 6, wrong_escape},
      {R"({"a":"\u123"})", 6, wrong_escape},
      {"{\"a\":\"\\\xe9\"}", 6, wrong_escape},
      {"{\"a\":\"\\u12\xe9\xe9\"}", 6, wrong_escape},
  }));
  CAPTURE(row.line);
  const auto parser = asked(make_json_parser(), {"a", "b"});
  CHECK_FALSE(parse(*parser, row.line));
  CHECK_FALSE(parse(*asked(make_json_parser(), {}), row.line));
  const Mismatch mismatch = parser->diagnose(row.line);
  CHECK(mismatch.reason == row.reason);
  CHECK(mismatch.offset == row.offset);
}

TEST_CASE("objects may be nested, but not without end", "[json]") {
  const std::size_t most = 64;
  std::string text;
  for (std::size_t i = 0; i < most; ++i) text += i % 2 == 0 ? "{\"a\":" : "[";
  text += '1';
  for (std::size_t i = most; i-- > 0;) text += i % 2 == 0 ? "}" : "]";
  CHECK(parse_json(text, {"a"}));
  CHECK_FALSE(parse_json("{\"a\":" + text + "}", {"a"}));
  CHECK(asked(make_json_parser(), {"a"})->diagnose("{\"a\":" + text + "}").reason ==
        "objects and lists are nested too deeply");
  CHECK_FALSE(parse_json("{\"a\":" + std::string(100'000, '['), {"a"}));
  CHECK_FALSE(parse_json(std::string(100'000, '{'), {"a"}));
}

TEST_CASE("only selected names of a JSON line are filled", "[json]") {
  const auto parser = asked(make_json_parser(), {"a", "b", "c.d"});
  CHECK(parser->field_names() == std::vector<std::string>{"a", "b", "c.d"});
  parser->select({false, true, true});
  CHECK(parse(*parser, R"({"a":1,"b":2,"c":{"d":3}})") == Fields{{"b", "2"}, {"c.d", "3"}});
}

TEST_CASE("a name of more parts than a JSON line has levels is not asked for", "[json]") {
  const auto parser = make_json_parser();
  std::string name = "a";
  for (int i = 1; i < 32; ++i) name += ".a";
  CHECK(parser->ask_for(name));
  CHECK_FALSE(parser->ask_for(name + ".a"));
}
