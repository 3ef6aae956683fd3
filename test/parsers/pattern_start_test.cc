// Where a match may begin; that the answers are RE2's is tested in lowered_pattern_test.cc.
#include "parsers/pattern_start.h"

#include <catch2/catch.hpp>

#include "parsers/pattern.h"

using namespace tailmeter;

TEST_CASE("a pattern's way is told in words", "[pattern]") {
  const auto [pattern, engine] = GENERATE(table<std::string, std::string>({
      {"^(\\S+) (\\S+)", "direct"},
      {"image=(\\S+)", "direct from \"image=\""},
      {"(?:^|[\\s\\[({,;])image=\"?(?P<image>[^\\s\",;\\])}]+)", "direct from \"image=\""},
      {"\\bimage=(\\S+)", "direct from \"image=\""},
      {"(?:^|,)(\\d+)", "direct from its first byte"},
      {"image=(\\w+?),?(?:,|$)", "RE2 where there is \"image=\" from \"image=\""},
      {"(\\S+) finished in (\\d+)s", "RE2 where there is \" finished in \""},
      {"(\\d+)(?:ms|s)", "RE2"},
      {"ab*c", "direct from \"a\""},
      {"(?:ab)?cd(e|f)", "RE2 where there is \"cd\""},
      {"(?i)image=(\\S+)", "RE2 where there is \"=\""},
      {"(?i)=([a-z]+)", "RE2 where there is \"=\""},  // what is behind the "=" means something else without the flag
      {"(^|,)image=", "RE2 where there is \"image=\""},
      {"image=|repo=", "RE2"},
      {"(?:image=)?x", "RE2 where there is \"x\""},
      {"(?:image=){0}x", "RE2 where there is \"x\""},
  }));
  CAPTURE(pattern);
  CHECK(Pattern(pattern).engine() == engine);
}

TEST_CASE("a whole match is direct or by RE2", "[pattern]") {
  const auto [pattern, engine] = GENERATE(table<std::string, std::string>({
      {".*SYNC_SUCCESS.*", "direct"},
      {"HIT|STALE|UPDATING|REVALIDATED", "direct"},
      {"[45]..", "direct"},
      {"2..|304|307", "direct"},
      {"(?:ab)*", "RE2"},
  }));
  CAPTURE(pattern);
  CHECK(Pattern(pattern, PatternUse::kWhole).engine() == engine);
}

TEST_CASE("a place is where the text stands behind what the guard asks for", "[pattern]") {
  const auto [pattern, text, from, place] = GENERATE(table<std::string, std::string, std::size_t, std::size_t>({
      {"image=", "image=a image=b", 0, 0},
      {"image=", "image=a image=b", 1, 8},
      {"image=", "image=a image=b", 9, std::string_view::npos},
      {"(?:^|[ ,])image=", "myimage=a,image=b", 0, 10},
      {"(?:^|[ ,])image=", "image=a", 0, 0},
      {"\\bimage=", "myimage=a,image=b", 0, 10},
      {"\\b-x", "-x a-x", 0, 4},
      {"(?:^|,)\\d", "a,b", 0, 0},
      {"(?:^|,)\\d", "a,b", 1, 2},
      {"(?:^|,)\\d", "a,", 1, 2},
      {"(?:^|,)\\d", "a,", 3, std::string_view::npos},
  }));
  CAPTURE(pattern, text, from);
  const auto start = PatternStart::from(*read_pattern_tree(pattern));
  REQUIRE(start);
  CHECK(start->find(text, from) == place);
}

TEST_CASE("a value that is not set is searched as an empty one", "[pattern]") {
  CHECK_FALSE(Pattern("image=(\\S+)").search({}, {}));
  CHECK_FALSE(Pattern("(\\S+) finished").search({}, {}));
  CHECK(Pattern("(?:^|,)\\d*").search({}, {}));
}

// Where each try reads on to the text's end, there are few of them: this test would take hours.
TEST_CASE("the time for a search from many places is linear in the text", "[pattern]") {
  std::string text;
  while (text.size() < 8'000'000) text += " image=";
  CHECK_FALSE(Pattern("(?:^| )image=([^;]*);").search(text, {}));
  CHECK(Pattern("(?:^| )image=([^;]*);").search(text + ";", {}));
}
