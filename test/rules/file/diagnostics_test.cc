#include "rules/file/diagnostics.h"

#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "rules/file/document.h"

namespace tailmeter {
namespace {

TEST_CASE("a report has the place, the message, the line and a caret", "[file]") {
  Diagnostics diagnostics("mirror.yml", "sources:\n  - name: nginx\n");
  diagnostics.error({2, 5}, "a message");
  CHECK(diagnostics.errors() ==
        "mirror.yml:2:5: a message\n"
        "    2 |   - name: nginx\n"
        "      |     ^");
}

TEST_CASE("a report about the file as a whole quotes no line, nor does one about its end", "[file]") {
  Diagnostics diagnostics("mirror.yml", "sources:\n");
  diagnostics.error({2, 1}, "at the end");
  diagnostics.error({}, "as a whole");
  CHECK(diagnostics.errors() == "mirror.yml: as a whole\nmirror.yml:2:1: at the end");
}

TEST_CASE("reports come in the order of their places, and at one place in the order they were made", "[file]") {
  Diagnostics diagnostics("t.yml", "");
  for (const Place place : {Place{3, 1}, Place{1, 7}, Place{1, 2}}) diagnostics.error(place, "first");
  diagnostics.error({1, 2}, "second");
  CHECK(diagnostics.errors() == "t.yml:1:2: first\nt.yml:1:2: second\nt.yml:1:7: first\nt.yml:3:1: first");
}

TEST_CASE("warnings are not errors", "[file]") {
  Diagnostics diagnostics("t.yml", "a: b\n");
  diagnostics.warning({1, 4}, "a label without a bound");
  CHECK_FALSE(diagnostics.has_errors());
  CHECK(diagnostics.errors().empty());
  CHECK_NOTHROW(diagnostics.throw_if_errors());
  CHECK(diagnostics.warnings() == "t.yml:1:4: warning: a label without a bound\n    1 | a: b\n      |    ^");
}

TEST_CASE("the exception says what errors() says", "[file]") {
  Diagnostics diagnostics("t.yml", "a: b\n");
  diagnostics.error({1, 1}, "wrong");
  CHECK_THROWS_AS(diagnostics.throw_if_errors(), RuleFileError);
  CHECK_THROWS_WITH(diagnostics.throw_if_errors(), diagnostics.errors());
}

TEST_CASE("the first twenty reports are shown and the others counted", "[file]") {
  Diagnostics diagnostics("t.yml", "");
  for (int line = 23; line >= 1; --line) diagnostics.error({line, 1}, "wrong");
  std::string expected;
  for (int line = 1; line <= 20; ++line) expected += "t.yml:" + std::to_string(line) + ":1: wrong\n";
  CHECK(diagnostics.errors() == expected + "... and 3 more errors");
}

TEST_CASE("the caret stands below its character behind tabs and characters of several bytes", "[file]") {
  struct Row {
    std::string line;
    Place place;
    std::string expected;
  };
  const auto row = GENERATE(values<Row>({
      {"a:\tb", {1, 4}, "t.yml:1:4: x\n    1 | a: b\n      |    ^"},
      {"\xC3\xA9t\xC3\xA9: b", {1, 8}, "t.yml:1:8: x\n    1 | \xC3\xA9t\xC3\xA9: b\n      |      ^"},
      {"\xE2\x82\xAC: \xF0\x9F\x90\xB3", {1, 6}, "t.yml:1:6: x\n    1 | \xE2\x82\xAC: \xF0\x9F\x90\xB3\n      |    ^"},
      {"a: b", {1, 5}, "t.yml:1:5: x\n    1 | a: b\n      |     ^"},
      {"a: b", {1, 99}, "t.yml:1:99: x\n    1 | a: b\n      |     ^"},
  }));
  CAPTURE(row.line);
  Diagnostics diagnostics("t.yml", row.line);
  diagnostics.error(row.place, "x");
  CHECK(diagnostics.errors() == row.expected);
}

TEST_CASE("a byte order mark and carriage returns are no part of the lines", "[file]") {
  Diagnostics diagnostics("t.yml",
                          "\xEF\xBB\xBF"
                          "a: b\r\nc: d\r\n");
  diagnostics.error({1, 1}, "x");
  diagnostics.error({2, 4}, "y");
  CHECK(diagnostics.errors() == "t.yml:1:1: x\n    1 | a: b\n      | ^\nt.yml:2:4: y\n    2 | c: d\n      |    ^");
}

TEST_CASE("nothing that steers a terminal is printed", "[file]") {
  Diagnostics diagnostics("t.yml", "a: \x1B[2J\xFF b");
  diagnostics.error({1, 9}, "key \x1B]0;x\x07\xC2\x9B");
  CHECK(diagnostics.errors() ==
        "t.yml:1:9: key \\x1B]0;x\\x07\\xC2\\x9B\n"
        "    1 | a: \\x1B[2J\\xFF b\n"
        "      |               ^");
}

TEST_CASE("of a long line the part around the caret is shown", "[file]") {
  const std::string line = std::string(500, 'a') + "!" + std::string(500, 'b');
  Diagnostics diagnostics("t.yml", line);
  diagnostics.error({1, 501}, "x");
  CHECK(diagnostics.errors() == "t.yml:1:501: x\n    1 | ..." + std::string(80, 'a') + "!" + std::string(79, 'b') +
                                    "...\n      | " + std::string(83, ' ') + "^");
}

TEST_CASE("a cut never goes through a character", "[file]") {
  std::string line;
  for (int i = 0; i < 200; ++i) line += "\xE2\x82\xAC";
  Diagnostics diagnostics("t.yml", line);
  diagnostics.error({1, 301}, "x");
  CHECK(diagnostics.errors().find("\\x") == std::string::npos);
}

TEST_CASE("the nearest name is offered when one is near", "[file]") {
  struct Row {
    std::string name;
    std::string expected;
  };
  const std::vector<std::string> known = {"buckets", "counter", "gauge", "labels", "le", "max_series", "op", "source"};
  const auto row = GENERATE(values<Row>({
      {"countr", " (did you mean \"counter\"?)"},
      {"Counter", " (did you mean \"counter\"?)"},
      {"soruce", " (did you mean \"source\"?)"},  // a swap is one slip
      {"max-series", " (did you mean \"max_series\"?)"},
      {"bucket", " (did you mean \"buckets\"?)"},
      {"label", " (did you mean \"labels\"?)"},
      {"pp", " (did you mean \"op\"?)"},
      {"gage", " (did you mean \"gauge\"?)"},
      {"histogram", ""},
      {"x", ""},
      {"", ""},
      {"counters_of_everything", ""},
  }));
  CAPTURE(row.name);
  CHECK(did_you_mean(row.name, known) == row.expected);
}

TEST_CASE("of several near names the nearest is offered, and of equally near ones the first", "[file]") {
  CHECK(did_you_mean("statuz", std::vector<std::string>{"stats", "status"}) == " (did you mean \"status\"?)");
  CHECK(did_you_mean("cat", std::vector<std::string>{"hat", "bat"}) == " (did you mean \"hat\"?)");
}

TEST_CASE("a long text is cut when it is quoted", "[file]") {
  CHECK(quoted("short") == "\"short\"");
  CHECK(quoted(std::string(81, 'x')) == "\"" + std::string(80, 'x') + "...\"");
  CHECK(quoted(std::string(79, 'x') + "\xE2\x82\xAC") == "\"" + std::string(79, 'x') + "...\"");
}

// Every place below is found by looking for a character that stands once in the file.
TEST_CASE("a place inside a scalar is found however the scalar is written", "[file]") {
  const std::string file = GENERATE(as<std::string>(),                //
                                    "a: one@two\n",                   //
                                    "a: 'one@two'\n",                 //
                                    "a: \"one@two\"\n",               //
                                    "a: 'it''s on@e'\n",              //
                                    "a: 'one\n    two @ three'\n",    //
                                    "a: one\n  two\n\n\n  three@\n",  //
                                    "a: \"one  \n\n two@\"\n",        //
                                    "a: |\n  one\n    two @\n",       //
                                    "a: |\n\n  one\n\n  two@\n",      //
                                    "a: >\n  one\n  two@\n",          //
                                    "a: >-\n  one\n\n  two@\n",       //
                                    "\xEF\xBB\xBF"
                                    "a: |\r\n  one\r\n  two@\r\n",  //
                                    "a: \xC3\xA9t\xC3\xA9 @\n");
  CAPTURE(file);
  Diagnostics diagnostics("t.yml", file);
  const auto document = read_document(file, diagnostics, {});
  REQUIRE(document);
  const DocumentNode& scalar = document->entries.at(0).value;
  const Place place = diagnostics.inside({scalar.text, scalar.place}, scalar.text.find('@'));

  const std::size_t mark = file.find('@');
  const std::size_t line_start = file.rfind('\n', mark) + 1;
  CHECK(place.line == std::count(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(mark), '\n') + 1);
  CHECK(place.column == static_cast<int>(mark - line_start) + 1);
}

TEST_CASE("a place behind an escape in double quotes is the scalar's beginning", "[file]") {
  struct Row {
    std::string file;
    std::string value;
  };
  const auto row = GENERATE(values<Row>({{"a: \"x\\ty@\"\n", "x\ty@"}, {"a: \"x\\\\@\"\n", "x\\@"}}));
  CAPTURE(row.file);
  Diagnostics diagnostics("t.yml", row.file);
  const Place place = diagnostics.inside({row.value, {1, 4}}, row.value.find('@'));
  CHECK(place.line == 1);
  CHECK(place.column == 4);
}

TEST_CASE("a place inside a text that is not in the file is the text's own", "[file]") {
  Diagnostics diagnostics("t.yml", "a: b\n");
  const auto text =
      GENERATE(values<Text>({{"made", {1, 4}}, {"b and more", {1, 4}}, {"x", {7, 1}}, {"x", {}}, {"x", {1, 50}}}));
  CAPTURE(text.value, text.place.line);
  const Place place = diagnostics.inside(text, text.value.size());
  CHECK(place.line == text.place.line);
  CHECK(place.column == text.place.column);
}

}  // namespace
}  // namespace tailmeter
