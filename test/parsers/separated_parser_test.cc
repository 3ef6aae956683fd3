#include <catch2/catch.hpp>

#include "parsers/formats.h"
#include "test/parsers/asked.h"

using namespace tailmeter;

namespace {

std::unique_ptr<Parser> by_position(char separator = ',') {
  return asked(make_separated_parser({separator, {}}), {"1", "3", "4"});
}

}  // namespace

TEST_CASE("the fields of a CSV line have numbers, from 1", "[csv]") {
  const auto [line, fields] = GENERATE(table<std::string, Fields>({
      {"a,b,c,d", {{"1", "a"}, {"3", "c"}, {"4", "d"}}},
      {"a", {{"1", "a"}}},
      {",,", {}},
      {",,c", {{"3", "c"}}},
      {" a ,b,c d,", {{"1", " a "}, {"3", "c d"}}},
      {R"("a, b",x,"say ""hi""","")", {{"1", "a, b"}, {"3", R"(say "hi")"}}},
      {R"("""","x""",""""""",5",6)", {{"1", "\""}, {"3", "\"\"\",5"}, {"4", "6"}}},
      {R"(5" disk,x"",y")", {{"1", "5\" disk"}, {"3", "y\""}}},
      {"\xff\tx,b,\x01", {{"1", "\xff\tx"}, {"3", "\x01"}}},
  }));
  CAPTURE(line);
  CHECK(parse(*by_position(), line) == fields);
}

TEST_CASE("TSV is CSV with tabs, and any other character may stand between", "[csv]") {
  const auto tsv = asked(make_named_parser("tsv"), {"1", "3", "4"});
  CHECK(parse(*tsv, "a,b\t\"c\td\"\te") == Fields{{"1", "a,b"}, {"3", "e"}});
  CHECK(parse(*by_position(';'), "a,b;\"c;d\";e") == Fields{{"1", "a,b"}, {"3", "e"}});
  CHECK(parse(*by_position(' '), "a b  d") == Fields{{"1", "a"}, {"4", "d"}});
}

TEST_CASE("columns are fields by name and by number, and a line has as many", "[csv]") {
  const auto parser = asked(make_separated_parser({',', {"time", "host", "3"}}), {"1", "2", "3"});
  CHECK(parser->field_names() == std::vector<std::string>{"time", "host", "3", "1", "2"});
  CHECK_FALSE(parser->ask_for("4"));
  CHECK(parse(*parser, "t,\"h\"\"\",x") ==
        Fields{{"time", "t"}, {"host", "h\""}, {"3", "x"}, {"1", "t"}, {"2", "h\""}});
  CHECK(parse(*parser, ",,") == Fields{});
  parser->select({false, true, false, true, false});
  CHECK(parse(*parser, "t,h,x") == Fields{{"host", "h"}, {"1", "t"}});
}

TEST_CASE("what is no number from 1 to 1000 is no field of a CSV line", "[csv]") {
  const auto parser = make_separated_parser({});
  for (const char* const name : {"0", "01", "-1", "+1", "1.0", "1001", "18446744073709551617", "time", "1a", ""}) {
    CAPTURE(name);
    CHECK_FALSE(parser->ask_for(name));
  }
  CHECK(parser->ask_for("1000"));
  CHECK(parser->ask_for("2"));
  CHECK(parser->ask_for("2"));
  CHECK(parser->field_names() == std::vector<std::string>{"1000", "2"});
  CHECK(parse(*parser, "a,b" + std::string(2000, ',')) == Fields{{"2", "b"}});
  CHECK(parse(*parser, std::string(999, ',') + "z,y") == Fields{{"1000", "z"}});
}

TEST_CASE("a line that is no CSV is told from where it is wrong", "[csv]") {
  struct Row {
    std::string line;
    std::size_t offset;
    std::string reason;
  };
  const Row row = GENERATE(values<Row>({
      {"", 0, "the line is empty"},
      {"a,b", 3, "there are fewer fields than columns"},
      {"a,b,c,", 6, "there are more fields than columns"},
      {"a,b,c,\"", 6, "there are more fields than columns"},
      {"a,\"b", 2, "a quoted field is not closed; one that goes on in the next line cannot be read"},
      {"a,\"b,\"\"", 2, "a quoted field is not closed; one that goes on in the next line cannot be read"},
      {"a,b,\"", 4, "a quoted field is not closed; one that goes on in the next line cannot be read"},
      {"a,\"b\"x,c", 5, "there is text between a closing quote and the separator"},
      {"a,\"b\" ,c", 5, "there is text between a closing quote and the separator"},
  }));
  CAPTURE(row.line);
  const auto parser = make_separated_parser({',', {"x", "y", "z"}});
  CHECK_FALSE(parse(*parser, row.line));
  CHECK(parser->diagnose(row.line).offset == row.offset);
  CHECK(parser->diagnose(row.line).reason == row.reason);
}
