#include "parsers/pattern.h"

#include <array>

#include <catch2/catch.hpp>

using namespace tailmeter;
using namespace std::string_view_literals;

namespace {

std::string refusal(const std::string& text) {
  try {
    const Pattern pattern(text);
  } catch (const PatternError& error) {
    return error.what();
  }
  return "accepted";
}

std::string replacement_refusal(const Pattern& pattern, std::string_view replacement) {
  try {
    pattern.check_replacement(replacement);
  } catch (const PatternError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("matching is anchored at both ends, searching at neither", "[pattern]") {
  const Pattern pattern("5..");
  CHECK(pattern.matches("502"));
  CHECK_FALSE(pattern.matches("1502"));
  CHECK_FALSE(pattern.matches("5020"));
  CHECK_FALSE(pattern.matches(""));
  CHECK(pattern.search("status 5020", {}));
  CHECK_FALSE(pattern.search("42", {}));
}

TEST_CASE("anchoring holds for every alternative", "[pattern]") {
  const Pattern pattern("200|206");
  CHECK(pattern.matches("206"));
  CHECK_FALSE(pattern.matches("2000"));
  CHECK_FALSE(pattern.matches("x206"));
}

TEST_CASE("a pattern's dollar is the end of the text, not of a line", "[pattern]") {
  CHECK_FALSE(Pattern("^a$").search("a\n", {}));
  CHECK_FALSE(Pattern("^a$").search("b\na\nb", {}));
}

TEST_CASE("a search fills as many groups as are asked for", "[pattern]") {
  const Pattern pattern("(?P<image>[^:]+)(:(?P<tag>.+))?");
  CHECK(pattern.group_names() == std::vector<std::string>{"image", "", "tag"});
  std::array<std::string_view, 3> groups;
  REQUIRE(pattern.search("nginx:1.25", groups));
  CHECK(groups == std::array<std::string_view, 3>{"nginx", ":1.25", "1.25"});
  groups.fill("untouched");
  REQUIRE(pattern.search("redis:7", std::span(groups).first(1)));
  CHECK(groups == std::array<std::string_view, 3>{"redis", "untouched", "untouched"});
}

TEST_CASE("a group that took no part has no data", "[pattern]") {
  const Pattern pattern("(a)|(b)|c()");
  std::array<std::string_view, 3> groups;
  REQUIRE(pattern.search("b", groups));
  CHECK(groups[0].data() == nullptr);
  CHECK(groups[1] == "b");
  REQUIRE(pattern.search("c", groups));
  CHECK(groups[2].data() != nullptr);
  CHECK(groups[2].empty());
}

TEST_CASE("a pattern with many groups fills them all", "[pattern]") {
  std::string text;
  for (std::size_t i = 0; i < Pattern::kMaxGroups; ++i) text += "(.)";
  const Pattern pattern(text);
  const std::string line(Pattern::kMaxGroups, 'x');
  std::vector<std::string_view> groups(Pattern::kMaxGroups);
  REQUIRE(pattern.search(line, groups));
  CHECK(groups.back().data() == &line.back());
  CHECK(refusal(text + "()") == "the pattern has 101 groups, at most 100; write (?:...) where no value is needed");
}

TEST_CASE("patterns see bytes, valid UTF-8 or not", "[pattern]") {
  CHECK(
      Pattern("a.b").matches("a\xff"
                             "b"));
  CHECK(Pattern("é").matches("\xc3\xa9"));
  CHECK(Pattern("\\xff").matches("\xff"));
  CHECK(Pattern("a.c").matches("a\0c"sv));
}

TEST_CASE("a pattern that is wrong is refused in the user's terms", "[pattern]") {
  const auto [text, message] = GENERATE(table<std::string, std::string>({
      {"(?<image>x)", "(?<name>...) is not supported; write (?P<name>...)"},
      {"a(?=b)", "look-ahead and look-behind are not supported; match more and use a group, or a second pattern"},
      {"a(?!b)", "look-ahead and look-behind are not supported; match more and use a group, or a second pattern"},
      {"(?<=a)b", "look-ahead and look-behind are not supported; match more and use a group, or a second pattern"},
      {"(?<!a)b", "look-ahead and look-behind are not supported; match more and use a group, or a second pattern"},
      {"(?>a)", "\"(?>\" is not supported"},
      {"(a)\\1", "back-references such as \\1 are not supported"},
      {"a++", "possessive repeats such as ++ are not supported"},
      {"a**", "bad repetition operator: **"},
      {"\\h", "invalid escape sequence: \\h"},
      {"(a", "missing ): (a"},
      {"[a", "missing ]: [a"},
      {"*a", "no argument for repetition operator: *"},
      {"a{1001}", "invalid repetition size: {1001}"},
      {"(?P<a>x)|(?P<a>y)", "two groups are named \"a\"; rename one"},
  }));
  CAPTURE(text);
  CHECK(refusal(text) == message);
}

TEST_CASE("a pattern that would take much memory or time is refused", "[pattern]") {
  CHECK(refusal("a{1000}") == "accepted");
  CHECK(refusal("a{1000}b{1000}") ==
        "the pattern is too large (2004 instructions, at most 2000); use smaller repeats or fewer alternatives");
  CHECK(refusal("((a{100}){100}){100}") == "invalid repetition size: {100}");
}

TEST_CASE("a replacement takes the place of a value that matches as a whole", "[pattern]") {
  const Pattern pattern("(?P<name>[^:]+):([0-9]+)(x)?");
  const auto [replacement, result] = GENERATE(table<std::string, std::string>({
      {"$1", "host"},
      {"${name}", "host"},
      {"$name", "host"},
      {"${2}-${1}", "8080-host"},
      {"[$name]", "[host]"},
      {"${name}2", "host2"},
      {"$0", "host:8080"},
      {"a$$b", "a$b"},
      {"<$3>", "<>"},
      {"", ""},
      {"plain", "plain"},
  }));
  CAPTURE(replacement);
  CHECK(replacement_refusal(pattern, replacement) == "accepted");
  std::string out = "before";
  CHECK(pattern.replace("host:8080", replacement, out));
  CHECK(out == result);
}

TEST_CASE("a value that does not match as a whole is not replaced", "[pattern]") {
  std::string out = "before";
  CHECK_FALSE(Pattern("b+").replace("abb", "x", out));
  CHECK(out == "before");
}

TEST_CASE("a replacement that names no group is refused when it is loaded", "[pattern]") {
  const Pattern pattern("(?P<name>.)(.)");
  CHECK(replacement_refusal(pattern, "$nam") == "the pattern has no group \"nam\"");
  CHECK(replacement_refusal(pattern, "x${3}") == "the pattern has no group \"3\"");
  CHECK(replacement_refusal(pattern, "$name2") == "the pattern has no group \"name2\"");
  CHECK(replacement_refusal(pattern, "$99999999999999999999999") ==
        "the pattern has no group \"99999999999999999999999\"");
  CHECK(replacement_refusal(pattern, "5$") == "\"$\" names no group; write ${name} or ${1}, and $$ for a dollar sign");
  CHECK(replacement_refusal(pattern, "${name") ==
        "\"${name\" names no group; write ${name} or ${1}, and $$ for a dollar sign");
}

TEST_CASE("a quoted text is a pattern for just these bytes", "[pattern]") {
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  const Pattern pattern(quote_pattern(every_byte));
  CHECK(pattern.matches(every_byte));
  CHECK_FALSE(Pattern(quote_pattern("a.b")).matches("axb"));
}
