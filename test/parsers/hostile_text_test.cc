// Which patterns are refused because some text would make them slow.
#include "parsers/hostile_text.h"

#include <algorithm>
#include <vector>

#include <catch2/catch.hpp>

#include "parsers/pattern.h"

using namespace tailmeter;

namespace {

// What a text needs of RE2's memory if a search goes through it; counted apart from what is tested: for each byte, the
// set of places at which `first` stood at most `reach` bytes ago, as in a pattern `first.{reach}`.
std::size_t count_windows(const std::string& text, char first, std::size_t reach) {
  std::vector<std::string> windows;
  for (std::size_t i = 0; i + reach <= text.size(); ++i) {
    std::string window = text.substr(i, reach);
    for (char& c : window) c = c == first ? '1' : '0';
    windows.push_back(window);
  }
  std::sort(windows.begin(), windows.end());
  return static_cast<std::size_t>(std::unique(windows.begin(), windows.end()) - windows.begin());
}

}  // namespace

// Of long texts that are made so, RE2 takes 0.1 to 0.6 megabytes a second.
TEST_CASE("a pattern is refused if a text makes ever new states", "[hostile]") {
  const auto [pattern, is_slow_search, is_slow_match] = GENERATE(table<std::string, bool, bool>({
      {"(a|b)*a(a|b){100}c", true, true},
      {"(a|b)*a(a|b){100}c[xyz]{5}", true, true},  // what ends a whole match is not walked into for good
      {"[ab]*a[ab]{30}(?:c[xyz]{50}|d)", true, true},
      {"(a|b)*a(a|b){100}", true, true},  // a longer match is sought, too
      {"[ab]*a[ab]{20}c", true, true},
      {"a[ab]{30}c", true, false},
      {"x[^y]{50}z", true, false},
      {"[a-z][a-z0-9-]{0,62}\\.example", true, false},
      {"x.{1,40}y.{1,40}z", true, false},
      {"error.{0,300}timeout", true, false},  // 0.1 to 0.4 megabytes a second where "error" stands here and there
      {"c[ab]{30}a[ab]*$", true, false},      // backward, it is a[ab]{30}
      {"a[ab]{30}c$", false, false},          // backward, it begins at the end only
      {"^[ab]*a[ab]{30}c$", true, true},
      {"a[ab]{9}c", false, false},  // 1,024 states are not many
      {"[a-z][a-z0-9-]{0,62}", false, false},
      {"^[a-z][a-z0-9-]{0,62}\\.example", false, false},
      {"host=([a-z][a-z0-9-]{0,62}) ", false, false},  // begins where "host=" is, and holds no "="
      {"(?:\\d{1,3}\\.){3}\\d{1,3}", false, false},
      {"(\\S+) (\\S+) (\\S+) \\[(.*?)\\] \"(.*?)\" (\\d+) (\\d+)", false, false},
      {"(.*?) (.*?) (.*?) \\[(.*?)\\] \"(.*?)\" (.*?) (.*?) \"(.*?)\" \"(.*?)\"", false, false},
      {"(x+x+)+y", false, false},
      {"^(\\w+\\s?)*$", false, false},
      {".*foo.*bar.*baz.*qux.*quux.*", false, false},
      {"(?i)error|fail(?:ed|ure)?|panic|fatal|exception|timeout|refused|denied", false, false},
      {".{200}x", false, false},
      {"\\b[0-9a-f]{64}\\b", false, false},
      {"sha256:[0-9a-f]{64}", false, false},
      {"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\.[A-Za-z]{2,}", false, false},
      {"\"([^\"]{0,200})\" took", false, false},
      {"error.{0,6}timeout", false, false},
      {"error.*timeout", false, false},
  }));
  CAPTURE(pattern);
  const auto tree = read_pattern_tree(pattern);
  REQUIRE(tree);
  CHECK(find_hostile_text(*tree, PatternUse::kSearch).has_value() == is_slow_search);
  CHECK(find_hostile_text(*tree, PatternUse::kWhole).has_value() == is_slow_match);
}

TEST_CASE("the hostile text that is found leads to a new state at nearly every byte", "[hostile]") {
  const auto text = find_hostile_text(*read_pattern_tree("x[^y]{50}z"), PatternUse::kSearch);
  REQUIRE(text);
  CHECK(count_windows(*text, 'x', 50) > text->size() * 9 / 10);
}

TEST_CASE("a slow pattern is refused with a way out", "[hostile]") {
  const std::string message =
      "the pattern would be slow on lines that a client can choose: a repeat with a limit, such as {0,60}, may begin "
      "at many places at once; write * or + for it, or text in front that it cannot hold, or ^";
  CHECK_THROWS_WITH(Pattern("[a-z][a-z0-9-]{0,62}\\.example"), message);
  CHECK_NOTHROW(Pattern("[a-z][a-z0-9-]{0,62}\\.example", PatternUse::kWhole));
  CHECK_NOTHROW(Pattern("[a-z][a-z0-9-]*\\.example"));
  CHECK_NOTHROW(Pattern("@[a-z][a-z0-9-]{0,62}\\.example"));
  CHECK_NOTHROW(Pattern("^[a-z][a-z0-9-]{0,62}\\.example"));
}

// Of long matches that are made so, RE2 finds the groups at half a megabyte a second or less.
TEST_CASE("a pattern is refused if a match may have too many of its parts at one place", "[hostile]") {
  const auto [pattern, is_slow] = GENERATE(table<std::string, bool>({
      {"(?:.*,){100}(?P<x>.*)", true},
      {"(?:.*,){300}(?P<x>.*)", true},
      {"(?P<x>(?:.*=.*,){100}.*)", true},
      {"(?:.*/){60}(?P<fname>.*)", true},
      {"^(?:.*/){60}(?P<fname>.*)$", true},
      {"(?:.*abc){60}(x)", true},  // of several bytes each
      {"(?:[^ ]* .*,){60}(x)", true},
      {"(x).*y.{0,200}z", true},
      {"(x).{0,200}y.{0,200}z", false},  // of 403 bytes at most
      {"(?:.*?,){100}(?P<x>.*)", true},
      {"fo{1,9}|(?:.*,){60}(x)", true},  // some texts soon come to an end
      {"^(?:(?:foo)?$|[^f].*bar(?:.*,){60}(x))", true},
      {"(?:.*,){40}(?P<x>.*)", false},
      {"^(?:a?b?c?d?e?f?g?h?i?j?k?l?m?n?o?p?q?r?s?t?u?v?w?x?y?z?){12}(x)$", false},  // of 313 bytes at most
      {"(?:[^,]*,){100}(?P<x>.*)", false},
      {"^(?:[^,]*,){300}(?P<x>[^,]*)$", false},
      {"(?:[^/]*/){60}(?P<fname>.*)", false},
      {"([a-z][a-z0-9-]{0,300})\\.example", false},
      {"(?:\\d{1,3}\\.){3}(\\d{1,3}) (.{0,99}x)", false},
      {"(foo|bar|baz|qux|quux|corge|grault|garply|waldo|fred|plugh|xyzzy|thud|one|two|three|four|five|six|seven)+",
       false},
      {"^(\\S+) (\\S+) (\\S+) \\[(.*)\\] \"(.*)\" (\\d+) (\\d+) \"(.*)\" \"(.*)\" (.*) (.*) (.*)$", false},
  }));
  CAPTURE(pattern);
  const auto tree = read_pattern_tree(pattern);
  REQUIRE(tree);
  CHECK(find_crowding_text(*tree).has_value() == is_slow);
}

TEST_CASE("the crowding text that is found has passed each part", "[hostile]") {
  const auto text = find_crowding_text(*read_pattern_tree("(?:.*,){100}(x)"));
  REQUIRE(text);
  CHECK(std::count(text->begin(), text->end(), ',') >= 50);  // two places each: the text before the comma, and it
}

TEST_CASE("a crowded pattern is refused with a way out, unless nobody asks for its groups", "[hostile]") {
  const std::string message =
      "the pattern would be slow on lines that a client can choose: too many of its parts may stand at one place, as "
      "in "
      "(?:.*,){100}; write what a part cannot hold, such as [^,]* for .*";
  CHECK_THROWS_WITH(Pattern("(?:.*,){100}(?P<x>.*)"), message);
  CHECK_THROWS_WITH(Pattern("(?:.*,){100}(?P<x>.*)", PatternUse::kWhole), message);
  CHECK_NOTHROW(Pattern("(?:.*,){100}.*"));
  CHECK_NOTHROW(Pattern("(?:[^,]*,){100}(?P<x>.*)"));
}
