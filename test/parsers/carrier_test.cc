#include "parsers/carrier.h"

#include <vector>

#include <catch2/catch.hpp>

namespace tailmeter {
namespace {

using namespace std::string_literals;

// Every line that comes of `text`: "LINE" or "REASON at BYTE: LINE", and how many bytes carried it.
struct Came {
  std::string line;
  std::size_t bytes = 0;
  bool operator==(const Came&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Came& came) {
  return out << came.line << " (" << came.bytes << ')';
}

Came came_of(const CarriedLine& carried) {
  std::string line(carried.text);
  if (carried.refusal != nullptr) {
    line = std::string(carried.refusal) + " at " + std::to_string(carried.diverged) + ": " + line;
  }
  return {std::move(line), carried.carried_bytes};
}

std::vector<Came> unwrap(std::vector<Carrier> carriers, std::string_view text) {
  Unwrapper unwrapper(std::move(carriers));
  std::vector<Came> came;
  while (!text.empty()) {
    const std::string line(text.substr(0, text.find('\n')));
    if (const auto carried = unwrapper.unwrap(line, line.size() + 1)) came.push_back(came_of(*carried));
    text.remove_prefix(line.size() + 1);
  }
  while (const auto carried = unwrapper.take_unended()) came.push_back(came_of(*carried));
  return came;
}

std::string unwrap_one(std::vector<Carrier> carriers, const std::string& line) {
  const std::vector<Came> came = unwrap(std::move(carriers), line + '\n');
  REQUIRE(came.size() == 1);
  CHECK(came.front().bytes == line.size() + 1);
  return came.front().line;
}

struct Row {
  std::string line;
  std::string right;
};

TEST_CASE("a syslog prefix is taken off, with or without priority, host and process",
          "[carrier][pitfall][pitfall-38]") {
  const auto row = GENERATE(values<Row>({
      {"<190>Nov 21 18:48:15 mirror01 nginx: GET /", "GET /"},
      {"<190>Nov  1 18:48:15 mirror01 nginx: GET /", "GET /"},
      {"<190>Nov 1 18:48:15 mirror01 nginx: GET /", "GET /"},
      {"<134>Nov 21 18:48:15 haproxy[123]: 192.0.2.1:5 [21/Nov", "192.0.2.1:5 [21/Nov"},
      {"Nov 21 18:48:15 mirror01 systemd[1]: Started a: b", "Started a: b"},
      {"2026-11-21T18:48:15.003000+00:00 mirror01 nginx: GET /", "GET /"},
      {"2026-11-21T18:48:15Z mirror01 kernel: [ 12.3] oom", "[ 12.3] oom"},
      {"<190>Nov 21 18:48:15 mirror01 nginx:  two blanks", " two blanks"},
      {"<190>Nov 21 18:48:15 mirror01 nginx:", ""},
      {"<190>Nov 21 18:48:15 mirror01 nginx: ", ""},
      {"<190>Nov 21 18:48:15 mirror01 nginx: GET /\r", "GET /"},
      {"<190>1 2026-11-21T18:48:15.003Z host app 123 - [sd x=\"y\\\"]\"] line", "line"},
      {"<190>1 2026-11-21T18:48:15.003Z host app 123 - [a b=\"c\" d=\"\"][e f=\"\\\\\"] line", "line"},
      {"<190>1 - - - - - - line", "line"},
      {"<190>1 - - - - - - \xEF\xBB\xBFline", "line"},
      {"<190>1 - - - - - -", ""},
      {"<190>1 - - - - - [a]", ""},
  }));
  CHECK(unwrap_one({Carrier::kSyslog}, row.line) == row.right);
}

TEST_CASE("a line without a syslog prefix says at which byte that shows", "[carrier]") {
  const auto row = GENERATE(values<Row>({
      {"", "0"},
      {"GET /", "0"},
      {"<190", "4"},
      {"<>Nov 21 18:48:15 a b: c", "1"},
      {"<1900>Nov 21 18:48:15 a b: c", "4"},
      {"<190>Foo 21 18:48:15 a b: c", "5"},
      {"Nov 21 18:48 a b: c", "12"},
      {"Nov 21 18:48:15 mirror01 no tag", "27"},
      {"Nov 21 18:48:15 mirror01", "24"},
      {"2026-11-21 18:48:15 a b: c", "10"},
      {"<190>1 2026-11-21T18:48:15 host app 1 - - line", "26"},
      {"<190>1 - host app 1 -", "21"},
      {"<190>1 - host app 1 - line", "22"},
      {"<190>1 - host app 1 - [sd x=\"y] line", "36"},
      {"<190>1 - host app 1 - [sd x=\"y\\", "31"},
      {"<190>1 - host app 1 - [sd]line", "26"},
      {"<190>1 - host app 1 - []", "23"},
      {"<190>1 -  app 1 - - line", "9"},
      {"\0<190>"s, "0"},
  }));
  CHECK(unwrap_one({Carrier::kSyslog}, row.line) == "no syslog prefix at " + row.right + ": " + row.line);
}

TEST_CASE("docker's records give lines with JSON's escapes undone once", "[carrier]") {
  const auto row = GENERATE(values<Row>({
      {R"({"log":"GET /\n","stream":"stdout","time":"2026-11-21T18:48:15.003Z"})", "GET /"},
      {R"({"log":"\"GET \/\" \\n\n"})", "\"GET /\" \\n"},
      {R"({"log":"\n"})", ""},
      {R"({"log":"a\r\n"})", "a"},
      {R"({"log":"\u0061\u00e9\u20AC\ud83d\ude00\u0000\u000a"})", "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\0"s},
      {R"({"log":"\ud83d \ude00 \ud83dx \ud83d\ud83d\n"})",
       "\xEF\xBF\xBD \xEF\xBF\xBD \xEF\xBF\xBDx \xEF\xBF\xBD\xEF\xBF\xBD"},
      {R"({"log":"\x41 \u12 \u00g0\n"})", R"(\x41 \u12 \u00g0)"},
      {"{\"log\":\"\xFF\xC3\\n\"}", "\xFF\xC3"},
      {R"({"log":"<b>\u003cb\u003e\n","stream":"stderr"})", "<b><b>"},
      {R"( { "stream" : "stdout" , "attrs" : {"a":["}",1,{}]} , "n":-1.5e3, "t":true, "log" : "x\n" } )", "x"},
      {R"({"log":"first\n","log":"last\n"})", "last"},
      {"{\"log\":\"x\\n\"}\r", "x"},
      {"{\"log\":\"a\0b\\n\"}"s, "a\0b"s},
  }));
  CHECK(unwrap_one({Carrier::kDocker}, row.line) == row.right);
}

TEST_CASE("what is no record of docker's says at which byte that shows", "[carrier]") {
  const auto row = GENERATE(values<Row>({
      {"", "0"},
      {"GET /", "0"},
      {"{}", "1"},
      {R"({"log":"GET /\n","stream":"std)", "27"},
      {R"({"log":"GET /\n)", "8"},
      {R"({"log":"GET /\n")", "16"},
      {R"({"log":"\")", "8"},
      {R"({"log":1})", "7"},
      {R"({"log":"x\n"}x)", "13"},
      {R"({"log":"x\n",})", "13"},
      {R"({"stream":"stdout"})", "19"},
      {R"({"log":"x\n","attrs":{"a":1)", "26"},
      {R"({"log":"x\n","attrs":})", "21"},
      {R"(["log"])", "0"},
  }));
  CHECK(unwrap_one({Carrier::kDocker}, row.line) ==
        "no record of docker's json-file at " + row.right + ": " + row.line);
}

TEST_CASE("what docker compose puts in front of a line is taken off", "[carrier]") {
  const auto row = GENERATE(values<Row>({
      {"web-1  | GET /", "GET /"},
      {"registry_cache.1        |   two blanks", "  two blanks"},
      {"web | a | b", "a | b"},
      {"web-1  | ", ""},
      {"web-1  |", ""},
      {"web-1  | line\r", "line"},
      {"", "no prefix of docker compose at 0: "},
      {" | line", "no prefix of docker compose at 0:  | line"},
      {"web-1| line", "no prefix of docker compose at 5: web-1| line"},
      {"web-1  |line", "no prefix of docker compose at 8: web-1  |line"},
      {"Attaching to web-1", "no prefix of docker compose at 10: Attaching to web-1"},
  }));
  CHECK(unwrap_one({Carrier::kCompose}, row.line) == row.right);
}

TEST_CASE("a byte order mark in front of a line is no part of it, and counts as bytes of it", "[carrier]") {
  const std::string mark = "\xEF\xBB\xBF";
  CHECK(unwrap({}, mark + "one\r\n" + mark + "\n" + "t" + mark + "wo\n") ==
        std::vector<Came>{{"one", 8}, {"", 4}, {"t" + mark + "wo", 7}});
  CHECK(unwrap_one({}, mark + mark + "two") == mark + "two");
  CHECK(unwrap_one({Carrier::kSyslog}, mark + "Nov  1 18:48:15 app: line") == "line");
  const std::string head = "2025-12-31T17:37:40Z stdout ";
  CHECK(open_streams_behind(Carrier::kCri, mark + head + "P x", 0) == 1);
  CHECK(unwrap({Carrier::kCri}, mark + head + "P one \n" + head + "F and two\n") ==
        std::vector<Came>{{"one and two", 3 + 30 + 5 + 30 + 8}});
  CHECK(unwrap_one({Carrier::kCri}, mark + "nothing") == "no CRI prefix at 0: nothing");
  CHECK(unwrap_one({Carrier::kCri}, head + "F " + mark + "of the program's own") == "of the program's own");
}

TEST_CASE("a CRI prefix is taken off", "[carrier]") {
  const auto row = GENERATE(values<Row>({
      {"2025-12-31T17:37:40.49+01:00 stdout F {\"a\":1}", "{\"a\":1}"},
      {"2025-12-31T17:37:40Z stderr F  two blanks", " two blanks"},
      {"2025-12-31T17:37:40.123456789Z stdout F ", ""},
      {"2025-12-31T17:37:40Z stdout F", ""},
      {"2025-12-31T17:37:40Z stdout F:later:tags line", "line"},
      {"2025-12-31T17:37:40Z stdout F line\r", "line"},
      {"2025-12-31T17:37:40Z stdout F a\0b"s, "a\0b"s},
      {"2025-12-31T17:37:40Z stdout P a part that stays alone", "a part that stays alone"},
      {"", "no CRI prefix at 0: "},
      {"2025-12-31 17:37:40Z stdout F line", "no CRI prefix at 10: 2025-12-31 17:37:40Z stdout F line"},
      {"2025-12-31T17:37:40.Z stdout F x", "no CRI prefix at 20: 2025-12-31T17:37:40.Z stdout F x"},
      {"2025-12-31T17:37:40Z stdin F line", "no CRI prefix at 21: 2025-12-31T17:37:40Z stdin F line"},
      {"2025-12-31T17:37:40Z stdout X line", "no CRI prefix at 28: 2025-12-31T17:37:40Z stdout X line"},
      {"2025-12-31T17:37:40Z stdout Fline", "no CRI prefix at 29: 2025-12-31T17:37:40Z stdout Fline"},
  }));
  CHECK(unwrap_one({Carrier::kCri}, row.line) == row.right);
}

TEST_CASE("the parts of a line are joined by their stream, and count all bytes that carried it", "[carrier]") {
  const std::string out = "2025-12-31T17:37:40Z stdout ";
  const std::string err = "2025-12-31T17:37:40Z stderr ";
  const std::size_t head = out.size() + 2;
  CHECK(unwrap({Carrier::kCri}, out + "P one \n" + err + "P three\n" + out + "P and\n" + err + "F  and four\n" +
                                    "nothing of CRI\n" + out + "F  two\n" + out + "F five\n") ==
        std::vector<Came>{{"three and four", 2 * head + 6 + 10},
                          {"no CRI prefix at 0: nothing of CRI", 15},
                          {"one and two", 3 * head + 5 + 4 + 5},
                          {"five", head + 5}});
  CHECK(unwrap({Carrier::kDocker},
               "{\"log\":\"one \\\\\"}\n{\"log\":\"x\\n\",\"stream\":\"stderr\"}\n{\"log\":\"n\\n\"}\n") ==
        std::vector<Came>{{"x", 32}, {"one \\n", 17 + 14}});
}

TEST_CASE("parts whose rest does not come are lines at the end, once", "[carrier]") {
  const std::string head = "2025-12-31T17:37:40Z ";
  CHECK(unwrap({Carrier::kCri}, head + "stderr P e\n" + head + "stdout P \n") ==
        std::vector<Came>{{"", 31}, {"e", 32}});
}

TEST_CASE("the streams that are open behind a line are told", "[carrier]") {
  const std::string head = "2025-12-31T17:37:40Z ";
  CHECK(open_streams_behind(Carrier::kCri, head + "stdout P x", 0) == 1);
  CHECK(open_streams_behind(Carrier::kCri, head + "stderr P x", 1) == 3);
  CHECK(open_streams_behind(Carrier::kCri, head + "stdout F x", 3) == 2);
  CHECK(open_streams_behind(Carrier::kCri, "x", 2) == 2);
  CHECK(open_streams_behind(Carrier::kDocker, R"({"log":"x"})", 0) == 1);
  CHECK(open_streams_behind(Carrier::kDocker, R"({"log":"x\\n"})", 0) == 1);
  CHECK(open_streams_behind(Carrier::kDocker, R"({"log":"x\\\n"})", 1) == 0);
  CHECK(open_streams_behind(Carrier::kDocker, R"({"log":"","stream":"stderr"})", 0) == 2);
}

TEST_CASE("of a line for a terminal what it shows is left", "[carrier]") {
  const auto row = GENERATE(values<Row>({
      {"\x1B[35m[26-01-02 15:04:05][WARNIN]\x1B[0m failed syncing debian: exit status 23",
       "[26-01-02 15:04:05][WARNIN] failed syncing debian: exit status 23"},
      {"plain", "plain"},
      {"", ""},
      {"\x1B[m\x1B[1;38:2::255:0:0m\x1B[?25l\x1B[2Kx\x1B[0 q", "x"},
      {"\x1B]0;title\x07x\x1B]8;;http://a/\x1B\\link\x1B]8;;\x1B\\", "xlink"},
      {"\x1BPdevice\x1B\\x\x1B_application\x1B\\\x1B^private\x1B\\\x1BXstring\x1B\\y", "xy"},
      {"\x1B(Bx\x1B"
       "7y\x1B=z",
       "xyz"},
      {"\x1B[31", "\x1B[31"},
      {"\x1B]0;no end", "\x1B]0;no end"},
      {"\x1B]0;broken off \x1B[0mx", "\x1B]0;broken off x"},
      {"x\x1B", "x\x1B"},
      {"\x1B\x1B[0mx", "\x1Bx"},
      {"\x1B[\xC3\xA9x", "\x1B[\xC3\xA9x"},
      {"\xC3\x9B"
       "1m",
       "\xC3\x9B"
       "1m"},
      {"  1% 0:01\r 50% 0:00\r100% 0:00 (xfr#1, to-chk=0/1)\r", "100% 0:00 (xfr#1, to-chk=0/1)"},
      {" 50%\r\r\r", " 50%"},
      {"\r\r", ""},
      {" 50%\r\x1B[K100%\x1B[0m", "100%"},
      {" 50%\r100%\r\x1B[K", "100%"},
      {"a\0b\x1B[0m"s, "a\0b"s},
  }));
  CHECK(unwrap_one({Carrier::kAnsi}, row.line) == row.right);
}

TEST_CASE("carriers are taken off in their order", "[carrier]") {
  const std::string head = "2025-12-31T17:37:40Z stdout ";
  const std::string syslog = "<190>Nov  1 18:48:15 mirror01 nginx: ";
  CHECK(unwrap_one({Carrier::kCri, Carrier::kAnsi}, head + "F \x1B[31mred\x1B[0m\r") == "red");
  CHECK(unwrap_one({Carrier::kCri, Carrier::kSyslog, Carrier::kAnsi}, head + "F " + syslog + "\x1B[31mred") == "red");
  CHECK(unwrap_one({Carrier::kSyslog, Carrier::kSyslog}, syslog + syslog + "relayed") == "relayed");
  CHECK(unwrap_one({Carrier::kAnsi, Carrier::kSyslog, Carrier::kAnsi}, "\x1B[1m" + syslog + "\x1B[31mred") == "red");
  CHECK(unwrap_one({Carrier::kCri, Carrier::kSyslog}, head + "F no syslog") == "no syslog prefix at 0: no syslog");
  // A sequence may be in two parts.
  CHECK(unwrap({Carrier::kCri, Carrier::kAnsi}, head + "P \x1B[3\n" + head + "F 1mred\n") ==
        std::vector<Came>{{"red", 2 * 30 + 4 + 6}});
}

}  // namespace
}  // namespace tailmeter
