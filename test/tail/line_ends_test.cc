#include "exporter/lines/line_ends.h"

#include <random>

#include <catch2/catch.hpp>

#include "test/tail/line_parts.h"

namespace tailmeter {
namespace {

std::string join(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += text;
  return all;
}

TEST_CASE("a line ends where no line has a part to come", "[tail]") {
  struct Case {
    std::string bytes;
    std::size_t last;
    std::size_t last_in_excerpt;
  };
  const Case c = GENERATE(values<Case>({
      {"", 0, 0},
      {"one", 0, 0},
      {"one\ntwo", 4, 4},
      {"aP1\n", 0, 4},
      {"aP1\naF2", 0, 4},
      {"aP1\naF2\n", 8, 8},
      {"aP1\nbF2\n", 0, 8},
      {"aP1\nbP2\naF3\n", 0, 4},
      {"aP1\nbP2\naF3\nbF4\naP5\n", 16, 16},
      {"one\naP1\ntwo\naF2\nthree\naP3\n", 22, 22},
      {"aF1\naP1\n", 4, 4},
  }));
  CAPTURE(c.bytes);
  CHECK(line_ends_of_parts().last_in(c.bytes) == c.last);
  CHECK(line_ends_of_parts().last_in_excerpt(c.bytes) == c.last_in_excerpt);
  CHECK(LineEnds().last_in(c.bytes) == c.bytes.rfind('\n') + 1);
}

// Reads `text` in pieces of random sizes, and gives again what was left to wait.
CutText cut_in_pieces(const LineEnds& line_ends, const std::string& text, std::size_t longest_bytes,
                      std::mt19937_64& random) {
  CutText all;
  LineEnds::Skipped skipped;
  std::string waiting;
  std::string lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t room = longest_bytes - waiting.size();
    const std::size_t size = std::min({std::size_t{1} + random() % longest_bytes, room, text.size() - at});
    waiting += text.substr(at, size);
    at += size;
    const LineEnds::Cut cut = line_ends.cut(waiting, longest_bytes, skipped);
    REQUIRE(cut.begun.size() < longest_bytes);
    REQUIRE(cut.skipped.size() + cut.lines.size() + cut.begun.size() == waiting.size());
    if (cut.oversize_bytes > 0) all.oversize.push_back(cut.oversize_bytes);
    all.whole.emplace_back(cut.lines);
    waiting = std::string(cut.begun);
  }
  all.rest = std::string(skipped.bytes, '?') + waiting;
  return all;
}

TEST_CASE("the pieces in which bytes are read change nothing about where they are cut", "[tail]") {
  constexpr int kTexts = 20'000;
  std::mt19937_64 random(20'261'122);
  std::size_t oversize = 0;
  std::size_t whole = 0;
  for (int i = 0; i < kTexts; ++i) {
    std::string text;
    for (std::size_t count = random() % 20; count > 0; --count) {
      constexpr const char* kBegins[] = {"aP", "aF", "bP", "bF", "", "a", "x"};
      text += kBegins[random() % 7];
      for (std::size_t pairs = random() % (random() % 8 == 0 ? 35 : 3); pairs > 0; --pairs) text += "aP";
      if (count > 1 || random() % 2 == 0) text += '\n';
    }
    const std::size_t longest_bytes = 4 + random() % 60;
    CAPTURE(text, longest_bytes);
    const CutText right = cut_slowly(text, longest_bytes);
    const CutText cut = cut_in_pieces(line_ends_of_parts(), text, longest_bytes, random);
    if (join(cut.whole) != join(right.whole)) FAIL("whole lines: " << join(cut.whole));
    if (cut.oversize != right.oversize) FAIL("oversize lines: " << cut.oversize.size());
    if (cut.rest.size() != right.rest.size()) FAIL("rest: " << cut.rest);
    oversize += right.oversize.size();
    whole += right.whole.size();
  }
  CHECK(oversize > 10'000);
  CHECK(whole > 30'000);
}

}  // namespace
}  // namespace tailmeter
