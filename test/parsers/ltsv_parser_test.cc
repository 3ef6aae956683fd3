#include <catch2/catch.hpp>

#include "parsers/formats.h"
#include "test/parsers/asked.h"

using namespace tailmeter;

TEST_CASE("the labels of an LTSV line are fields, and a value may hold colons", "[ltsv]") {
  const auto parser = asked(make_ltsv_parser(), {"time", "status", "ua", "x.y", "none", "e"});
  CHECK(parse(*parser, "time:2026-11-22T02:50:34+08:00\thost:::1\tstatus:200\tua:a b \\x5C(x\\x22\tx.y:1\te:") ==
        Fields{{"time", "2026-11-22T02:50:34+08:00"}, {"status", "200"}, {"ua", "a b \\(x\""}, {"x.y", "1"}});
  CHECK(parse(*parser, "status:200\tstatus:404") == Fields{{"status", "404"}});
}

TEST_CASE("an LTSV line whose pieces have not all a label is told by the first that has none", "[ltsv]") {
  const auto [line, offset] = GENERATE(table<std::string, std::size_t>({
      {"", 0},
      {"status", 0},
      {":200", 0},
      {"a:1\t", 4},
      {"a:1\t\tb:2", 4},
      {"a:1\tb", 4},
      {"a:1\tb c:2", 4},
      {"a:1\t\"b\":2", 4},
      {"\xC3\xA9:1", 0},
      {"127.0.0.1 - - \"GET / HTTP/1.1\" 200", 0},
  }));
  CAPTURE(line);
  const auto parser = asked(make_ltsv_parser(), {"a"});
  CHECK_FALSE(parse(*parser, line));
  CHECK(parser->diagnose(line).offset == offset);
  CHECK(parser->diagnose(line).reason == "a label and a colon are missing");
}

TEST_CASE("only selected labels of an LTSV line are filled, among many alike", "[ltsv]") {
  const auto parser = make_ltsv_parser();
  std::string line;
  std::vector<bool> used;
  Fields expected;
  for (int i = 0; i < 300; ++i) {
    const std::string name = "n" + std::to_string(i) + "e";  // as long as others, and the same at both ends
    CHECK(parser->ask_for(name));
    line += (i == 0 ? "" : "\t") + name + ':' + std::to_string(i);
    used.push_back(i % 3 == 0);
    if (used.back()) expected[name] = std::to_string(i);
  }
  parser->select(used);
  CHECK(parse(*parser, line) == expected);
}
