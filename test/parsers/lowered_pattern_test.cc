// Lowered patterns against RE2, which defines what is right.
#include "parsers/lowered_pattern.h"

#include <algorithm>
#include <random>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "parsers/pattern.h"
#include "test/parsers/pattern_generator.h"
#include "test/parsers/re2_alone.h"
#include "test/support/effort.h"

using namespace tailmeter;

namespace {

constexpr std::string_view kPull = "^/v2/(?P<image>.+)/(?P<object>blobs/uploads|manifests|blobs)/(?P<reference>[^/]*)$";

std::vector<std::string> groups_of(std::string_view pattern, std::string_view text, std::size_t count) {
  std::vector<std::string_view> groups(count);
  const auto lowered = LoweredPattern::from(*read_pattern_tree(pattern), PatternUse::kSearch);
  REQUIRE(lowered);
  if (!lowered->search(text, groups)) return {"no match"};
  return {groups.begin(), groups.end()};
}

// A pattern by both ways.
class Comparison {
 public:
  explicit Comparison(const std::string& pattern)
      : pattern_(pattern), whole_(pattern, PatternUse::kWhole), re2_(for_re2_alone(pattern)) {
    REQUIRE(re2_.engine() == "RE2");
    // One more than there are, to see that it is cleared.
    groups_.resize(pattern_.group_names().size() + 1);
    right_groups_.resize(groups_.size());
  }

  [[nodiscard]] bool is_lowered() const { return pattern_.is_lowered(); }
  [[nodiscard]] std::string engine() const { return pattern_.engine(); }

  // Returns whether `text` matches. Plain ifs, since a Catch assertion costs more than a search.
  bool search(std::string_view text, std::size_t group_count) {
    const auto groups = std::span(groups_).first(group_count);
    const auto right_groups = std::span(right_groups_).first(group_count);
    std::fill(groups.begin(), groups.end(), "stale");
    const bool is_right = re2_.search(text, right_groups);
    if (pattern_.search(text, groups) != is_right) FAIL("RE2 says " << is_right << ": " << text);
    for (std::size_t i = 0; is_right && i < group_count; ++i) {
      if (groups[i].data() == right_groups[i].data() && groups[i].size() == right_groups[i].size()) continue;
      FAIL("group " << i << " is \"" << groups[i] << "\" and not \"" << right_groups[i] << "\": " << text);
    }
    return is_right;
  }
  bool search(std::string_view text) { return search(text, groups_.size()); }
  bool match(std::string_view text) {
    const bool is_right = re2_.matches(text);
    if (whole_.matches(text) != is_right) FAIL("as a whole, RE2 says " << is_right << ": " << text);
    return is_right;
  }
  [[nodiscard]] std::size_t group_count() const { return groups_.size(); }

 private:
  Pattern pattern_;
  Pattern whole_;
  Pattern re2_;
  std::vector<std::string_view> groups_;
  std::vector<std::string_view> right_groups_;
};

struct Example {
  std::string pattern;
  std::string text;  // it matches
};

const Example kExamples[] = {
    {std::string(kPull), "/v2/library/nginx/blobs/uploads/5f-3a"},
    {"^/v2/(?P<image>[^?]+)/(?P<object>manifests|blobs)/(?P<reference>[^/?]+)", "/v2/a/b/manifests/1.25?ns=docker.io"},
    {"^/v2/(?P<image>.+)/(?P<object>manifests|blobs)/(?P<reference>[^/]+)$", "/v2/blobs/blobs/sha256:00ff"},
    {"^/v2/(?:.+)/tags/list$", "/v2/org/app/tags/list"},
    {"^/(?P<repository>[^/]+)/(?P<path>.+)$", "/debian/pool/main/n/nginx.deb"},
    {"^/(?P<repository>[^/]+)/(?P<path>.*)", "/debian/"},
    {R"(^/pypi/simple/(?P<project>[\w.-]+)/*$)", "/pypi/simple/zope.interface/"},
    {R"(^/(?P<directory>.*)/(?P<file>[^/.]*)\.(?P<suffix>deb|rpm|tar\.gz)$)", "/pool/a/b/file.tar.gz"},
    {R"(^(?P<path>[^?]*)\?(?P<query>.*)$)", "/a/b?x=1&y=2"},
    {R"(^(?P<path>.*)\?(?P<query>.*))", "/a/b?x=1?y=2"},
    {"^(?P<host>[^:]+):(?P<port>\\d+)$", "example.org:8080"},
    {"^(?P<host>.+):(?P<port>\\d+)$", "[2001:db8::1]:8080"},
    {R"(^\[(?P<time>[^\]]+)\] (?P<level>[A-Z]+) (?P<message>.*)$)", "[12:00:01] ERROR disk full"},
    {R"(^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}))", "2026-11-21T18:49:31Z"},
    {R"(^(\S+) (\S+) (\S+)$)", "one two three"},
    {R"(^(\S+)\s+(\S+)\s*$)", "one \t two  "},
    {"^GET ([^ ?]+)(?:)", "GET /a?b"},
    {"^(a|ba)(c|d)$", "bac"},
    {"^(.*)(a|ab)(c|d)$", "babd"},
    {"^(.+)/(a|ab)/([ab]*)$", "x/y/ab/ba"},
    {R"(^(\d+)-(.*)-(\w*)$)", "12--x-y"},
    {"^((a+)(b*))(c)$", "aabbc"},
    {"^()a()$", "a"},
    {"^[^\\s\\S]*x", "x"},
    {"^[]a]+[^]a]+$", "]a]bcd"},
    {"^[a-c-e]+\\-", "abe-c"},
    {"^.*", "anything\nbut a line"},
    {"^[^x]*$", "two\nlines"},
    {"^", "anything"},
    {"^$", ""},
    {"^(.+)x", "axbxcx\nx"},
    {"^(.*)(?:ab|ac)(b*)", "ababacbb"},
    {"^(a*)a{3}b", "aaaaaab"},
    {"^([ab]*)a[ab]{2}$", "abbaaab"},
    {"^\xe9+([^\xe9-\xff]+)", "\xe9\xe9\x80\xff"},
    {R"(^\t(\w+)\n)", "\ta\n"},
    {"^x}]+,", "x}]],"},
    {R"(^(?P<took>\d+(?:\.\d+)?)(?P<unit>ms|s)?$)", "12.5ms"},
    {R"(^(?P<path>[^?]*)(?:\?(?P<query>.*))?$)", "/a/b?x=1&y=2"},
    {R"((?i)^(succeeded|failed): (\d{1,3}), (?:skipped: (\d+))?)", "Succeeded: 12, skipped: 3"},
    {"(?i)^([a-c]+)-([^x]*)x", "AbC-yyX"},
    {"^((?i)a|b)(c)", "Ac"},
    {"^(?i:a)b(B*)", "AbBB"},
    {R"(^(?:\d{1,3}\.){2}(\d{2,})$)", "10.1.200"},
    {R"(^/v2/(?P<image>.+?)/(?P<object>blobs|manifests)/(?P<reference>.*)$)", "/v2/a/blobs/blobs/b/x"},
    {"(?P<message>.*SYNC_(?:SUCCESS|FAILED).*)", "a SYNC_SYNC_FAILED b"},
    {R"re(^(?P<ip>\S+) - "(?P<method>\S+) (?P<uri>\S+) (?P<protocol>\S+)" (?P<status>\d+)$)re",
     "::1 - \"GET / HTTP/1.1\" 200"},
    {R"(^(?P<host>\S+):(?P<port>\d+) \[(?P<time>[^\]]+)\] )", "[2001:db8::1]:51522 [21/Nov/2026:18:49:31] x"},
    {R"re(^(?P<ip>\S+) "(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\d+) "((?:\\.|[^"\\]+)*)"$)re",
     R"re(::1 "GET /\"a\\" 200 "")re"},
    {R"(^(?P<name>\S*)\.(?P<suffix>gz|zst) (.*)$)", "a.log.1.gz x"},
    {R"(^([^/]+?)-(\d+)(-*)/([^/]*))", "a-1-22-/x"},
    {R"(^(?P<image>\S+)(?: duration=(?P<duration>[\d.]+)s)?(?: bytes=(?P<bytes>\d+))?$)", "a/b duration=1.5s bytes=7"},
    {R"re(^(?P<a>\w+)(?:, client: (?P<client>[^,]+))?(?:, server: (?P<server>[^,]*))?(?:, host: "([^"]*)")?$)re",
     "x, client: ::1, host: \"h\""},
    {R"(^(?:([+-])?(\d+)|(nan)|x(a|b*)y)(?:,(.{0,3}))?$)", "-12,abc"},
};

}  // namespace

TEST_CASE("the gap is the longest that lets the rest match", "[lowered]") {
  using Groups = std::vector<std::string>;
  CHECK(groups_of(kPull, "/v2/library/nginx/manifests/1.25", 3) == Groups{"library/nginx", "manifests", "1.25"});
  CHECK(groups_of(kPull, "/v2/a/blobs/uploads/", 3) == Groups{"a", "blobs/uploads", ""});
  CHECK(groups_of(kPull, "/v2/a/blobs/uploads", 3) == Groups{"a", "blobs", "uploads"});
  CHECK(groups_of(kPull, "/v2/blobs/blobs/blobs/blobs", 3) == Groups{"blobs/blobs", "blobs", "blobs"});
  CHECK(groups_of(kPull, "/v2/a/tags/list", 3) == Groups{"no match"});
  CHECK(groups_of(kPull, "/v2//blobs/x", 3) == Groups{"no match"});
  CHECK(groups_of("^(.+)/([^/]+)", "a/b/c/", 2) == Groups{"a/b", "c"});
}

TEST_CASE("a pattern is lowered if it leaves one gap to choose at most", "[lowered]") {
  const auto [pattern, is_lowered] = GENERATE(table<std::string, bool>({
      {std::string(kPull), true},
      // What is behind the gap is known from the end of the text.
      {"^(.+)/([^/]+)$", true},
      {"^(.+)/([^?]*)$", false},           // the last run may begin behind any "/"
      {"^(.+)/(.*)$", true},               // but this one takes whatever is left of a line
      {"^(.+)/([^?]*)\\?$", false},        // the same
      {"^(.+)/([^?]*)/([^/?]*)$", false},  // the same for one in between
      {"^(.+)(?:ab|b)$", false},           // one text ends with the other, so the gap may end in two places
      {"^(.+)(?:ba|b)$", true},
      {"^(.+)/*$", false},  // the gap may end with the byte of the run
      {"^([^/]*)/*$", true},
      {"^(.+)[/?]$", true},
      {"^(.+)/(a|ab)(c|cd)$", true},   // no text ends with another: that one begins with another is no matter
      {"^(.+)/(.+)/([^/]+)$", false},  // two gaps
      {"^(a|ab)(.+)/$", false},        // in front of the gap, it is
      // What is behind it is tried.
      {"^(.+)/([^/]+)", true},
      {"^(.+)/(.*)", true},         // the last run takes what there is, and that is a match
      {"^(.+)/([^?]*)\\?", false},  // the run behind the gap goes over the next "/"
      {"^(.+)(?:/a|/b)", true},     // both texts begin with the byte behind the gap
      {"^(.+)(?:/a|b)", false},     // the gap may end in front of two bytes
      {"^(.+)[/?]", false},         // the same
      {"^(.+)/(a|ab)", false},      // one text begins with the other
      {"^(.+)/*", true},            // always a match
      // There is no gap.
      {"^(a*)/*(b*)$", true},
      {"^(a*)/*([ab]*)$", false},  // where there is no "/", either run may hold an "a"
      {"^(a|b)(c|d)", true},
      {"^(a|ab)", false},
      {"^(a|)", false},  // every text begins with the empty one
      // Bytes and escaped bytes are like a run.
      {R"re(^"((?:[^"\\]|\\.)*)"$)re", true},
      {R"re(^"((?:[^"\\]|\\.)+?)")re", true},
      {R"re(^"((?:[^"]|\\.)*)"$)re", false},  // the escape is a byte by itself, too
      {R"re(^((?:[^"\\]|\\.)*)\\)re", false},
      {R"re(^((?:[^"\\]|\\.)*)a)re", false},
      {R"re(^((?:[^"\\]|\\.)*))re", true},
      {R"re(^((?:[^"\\]|\\.)*?))re", false},
      {R"re(^((?:[^"\\]|\\.){2,})")re", false},
      {R"re(^(.*)/((?:[^/x\\]|\\[^/])*)x)re", true},
      {R"re(^(.*)/((?:[^/x\\]|\\.)*)x)re", false},  // the units go over the next "/"
      // Behind a run stands what it could hold as well, and then what it cannot: a fence.
      {"^([^/]+)b/", true},
      {"^([^/]+?)b/", true},
      {"^([^/]+)b", true},      // a gap, which is tried
      {"^([^/]+)bb*/", false},  // the b's may be of either run
      {"^([^/]+)-b*/", true},
      {"^([^/]+)(?:ab|b)/", false},  // one text ends with the other
      {"^([^/]+)(?:a|b)/", true},
      {"^([^/]+)(?:b)?/", false},   // a choice
      {"^(?:([^/]+)b/)?", false},   // the run is in a choice
      {"^([^/]*)b(?:/a)?$", true},  // the end of the text is a fence, too
      {"^([^/]*)b(?:/a)?", true},   // a gap, which is tried
      {"^(.+)/([^/]*)b/x", true},   // behind a gap
      {"^(.+)-([^/]*)b/x", false},
  }));
  CAPTURE(pattern);
  CHECK(Pattern(pattern).is_lowered() == is_lowered);
}

TEST_CASE("an optional group, or one of several, is chosen by a byte that it alone has", "[lowered]") {
  const auto [pattern, is_lowered] = GENERATE(table<std::string, bool>({
      {"^a?", true},
      {"^a*?", false},  // the fewest that let the rest match
      {"^a*?b", true},
      {"^(.*?)/(.*)$", true},
      {"^(.*?)/[^/]+/(.*?)/", false},  // two gaps
      {"^a{2}?", true},
      {"^a{2,}", true},
      {"^a{2,3}", true},
      {"^a{2,3}a", true},  // the gap
      {"^[ab]{2,3}(a)$", true},
      {"^(?:a)?", true},
      {"^(a)?b", true},
      {"^(?:a)?a", false},
      {"^(?: ab)?(?: ac)?$", true},  // by its third byte
      {"^(?: ab)?(?: a)?$", true},   // the other side has no third one
      {"^(?: ab)?(?: a)?([a-c]?)$", false},
      {"^(?: [ab]+)?(?: b)?$", false},
      {"^(?: \\d+-a)?(?: b)?$", true},
      {"^(?: \\d*a)?(?: b)?$", true},
      {"^(?: \\d*a)?(?: 1)?$", false},
      {"^(?: ab| ac)$", true},
      {"^(?:( a)b|( a)c)", true},
      {"^(?:a|b*)?", false},
      {"^(?:b*)?a", false},  // may be empty in two ways
      {"^(?:a)??b", false},
      {"^(?:a){2}", true},
      {"^(?:a\\d+){3}$", true},
      {"^(a){2}", false},  // the last one's text is asked for
      {"^(a+|b)", true},
      {"^(a+|ab)c", false},
      {"^(a[bc]|d)", true},
      {"^(a|(b))", true},
      {"^((a)|b)", true},
      {"^(a(?:b|c)|d)", true},
      {R"(^(\d+)(?:\.(\d+))?(ms|s)?$)", true},
      {R"(^(\d+)(?:[\d.]+)?s$)", false},
      {"(?i)^a", true},
      {"^[[:alpha:]]", true},
      {"^[^[:^digit:]]+", true},
      {"(?i)^[[:lower:]]", true},
      {"(?i)^[[:^lower:]]", false},  // bytes that are no ASCII have cases, too
      {"^(?i)a", true},
      {"^(?i:a)", true},
      {"^a\\z", true},
      {"(?P<m>.*SYNC_(?:SUCCESS|FAILED).*)", true},
      {"[^/]*SYNC", false},
  }));
  CAPTURE(pattern);
  CHECK(Pattern(pattern).is_lowered() == is_lowered);
}

TEST_CASE("a pattern that means more than items, groups and choices is not lowered", "[lowered]") {
  const auto* const pattern =
      GENERATE("a", "(^a)", "^a|b", "(?:^a)$", "^a$b", "^(a$)", "^^a", "^a\\b", "^\\Aa", "^a{0}", "^a{", "^a{01}",
               "^(a)*", "^(a)+", "^(()|a)", "^\\pL", "^[\\pL]", "^\\x41", "^\\101", "^\\Qa\\E", "^\\C", "^\\a",
               "^[\\x41]", "(?m)^a", "(?U)^a", "(?i)^\xe9");
  CAPTURE(pattern);
  CHECK_FALSE(Pattern(pattern).is_lowered());
}

TEST_CASE("a class with a name holds the bytes that RE2 lets it hold", "[lowered]") {
  for (const char* const name : {"alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print",
                                 "punct", "space", "upper", "word", "xdigit"}) {
    for (const char* const format : {"^[[:{}:]]", "^[[:^{}:]]", "^[^[:{}:]]", "^[x[:{}:]-]", "(?i)^[[:{}:]]"}) {
      const std::string pattern = fmt::format(fmt::runtime(format), name);
      INFO(pattern);
      Comparison comparison(pattern);
      CHECK(comparison.is_lowered());
      for (int byte = 0; byte < 256; ++byte) comparison.search(std::string(1, static_cast<char>(byte)));
    }
  }
}

TEST_CASE("a pattern with more steps than a search has room for is not lowered", "[lowered]") {
  std::string pattern = "^";
  for (std::size_t i = 0; i < LoweredPattern::kMaxSteps; ++i) pattern += "(.)";
  const std::string text(LoweredPattern::kMaxSteps, 'x');
  Comparison comparison(pattern);
  CHECK(comparison.is_lowered());
  CHECK(comparison.search(text));
  CHECK_FALSE(Pattern(pattern + ".").is_lowered());
}

TEST_CASE("a lowered pattern gives RE2's answer and groups for whole and damaged texts", "[lowered]") {
  constexpr std::size_t kTexts = effort(2'000);  // for each pattern
  Random random(20'261'121);
  for (const Example& example : kExamples) {
    INFO(example.pattern);
    Comparison comparison(example.pattern);
    REQUIRE(comparison.is_lowered());
    CHECK(comparison.search(example.text));
    const std::string bytes = example.text + "/?a\n";
    for (std::size_t i = 0; i < kTexts; ++i) comparison.search(random.damage(example.text, bytes));
  }
}

TEST_CASE("a lowered pattern of whatever shape gives RE2's answer and groups", "[lowered]") {
  constexpr std::size_t kPatterns = effort(2'500);
  constexpr std::size_t kTexts = 150;  // for each pattern
  PatternGenerator generator(20'261'121);
  std::size_t lowered = 0;
  std::size_t matched = 0;
  while (lowered < kPatterns) {
    const std::string pattern = generator.pattern();
    INFO(pattern);
    Comparison comparison(pattern);
    if (!comparison.is_lowered()) continue;
    ++lowered;
    for (std::size_t i = 0; i < kTexts; ++i) {
      if (comparison.search(generator.text(), i % (comparison.group_count() + 1))) ++matched;
    }
  }
  // Neither answer is rare.
  CHECK(matched > kPatterns * kTexts / 4);
  CHECK(matched < kPatterns * kTexts * 3 / 4);
}

TEST_CASE("a pattern that may begin anywhere gives RE2's answer and groups, by whatever way", "[lowered]") {
  constexpr std::size_t kPatterns = effort(std::size_t{6'000});
  constexpr std::size_t kTexts = 120;  // for each pattern
  PatternGenerator generator(20'261'122);
  std::size_t direct = 0;
  std::size_t from_starts = 0;
  std::size_t matched = 0;
  std::size_t matched_whole = 0;
  for (std::size_t i = 0; i < kPatterns; ++i) {
    const std::string pattern = generator.unanchored_pattern();
    INFO(pattern);
    Comparison comparison(pattern);
    if (comparison.is_lowered()) ++direct;
    if (comparison.engine().find(" from ") != std::string::npos) ++from_starts;
    for (std::size_t k = 0; k < kTexts; ++k) {
      const std::string text = generator.text();
      if (comparison.search(text, k % (comparison.group_count() + 1))) ++matched;
      if (comparison.match(text)) ++matched_whole;
    }
  }
  CHECK(direct > kPatterns / 10);
  CHECK(from_starts > kPatterns / 3);
  CHECK(matched > kPatterns * kTexts / 4);
  CHECK(matched < kPatterns * kTexts * 9 / 10);
  CHECK(matched_whole > kPatterns * kTexts / 50);
}

// Where a run would pass the text anew for every place where the gap may end, the pattern is not lowered: this test
// would take hours.
TEST_CASE("the time for a text is linear in its size", "[lowered]") {
  const std::string text =
      "/" + std::string(effort(std::size_t{4'000'000}), 'a') + std::string(effort(std::size_t{4'000'000}), '/');
  const auto [pattern, is_lowered] = GENERATE(table<std::string, bool>({{"^(.+)/([^/]*)/([^/x]*)x$", true},
                                                                        {"^(.+)/([^/]*)/([^/x]*)x", true},
                                                                        {"^(.*)a(b|c|)[^a]{9}[^ax]*x", false},
                                                                        {"^(.*)a[^/]{9}[^ax]*x", true},
                                                                        {"^(.+)/[^/xy]+(?:x|y)", true},
                                                                        {"^(.+)/([^?x]*)x", false},
                                                                        {"^(.+)/([^/x]+)a[^/x]x", true},
                                                                        {"^(.+)/([^x?]+)a[^/x]x", false},
                                                                        {"^(.+)/(.+)/([^/x]+)x$", false}}));
  CAPTURE(pattern);
  const Pattern tested(pattern);
  CHECK(tested.is_lowered() == is_lowered);
  CHECK_FALSE(tested.search(text, {}));
}
