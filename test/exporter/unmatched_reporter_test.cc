#include "exporter/unmatched_reporter.h"

#include <catch2/catch.hpp>

#include "test/support/rule_bench.h"

namespace tailmeter {
namespace {

const std::string kTwoSources =
    "sources:\n  - {name: a, files: [a.log], format: '$status'}\n  - {name: b, files: [b.log], format: '$status'}\n"
    "metrics:\n  - {counter: lines_total, help: L.}\n";

TEST_CASE("of a flood of unmatched lines few are looked into, of each source", "[unmatched]") {
  RuleBench bench(kTwoSources);
  UnmatchedReporter reporter(bench.rules());
  std::size_t wanted = 0;
  for (int i = 0; i < 100'000; ++i) wanted += reporter.wants(0) ? 1 : 0;
  CHECK(wanted == 1'000 + 990);  // the first, then one in a hundred
  CHECK(reporter.wants(1));
}

TEST_CASE("when many reasons of a source are told, no line of it is looked into any more", "[unmatched]") {
  RuleBench bench(kTwoSources);
  UnmatchedReporter reporter(bench.rules());
  for (std::size_t i = 0; i < UnmatchedReporter::kMaxReasons; ++i) {
    REQUIRE(reporter.wants(0));
    reporter.report({0, "one reason"}, "x");  // told once, whatever comes
  }
  for (std::size_t i = 1; i < UnmatchedReporter::kMaxReasons; ++i) {
    REQUIRE(reporter.wants(0));
    reporter.report({0, "reason " + std::to_string(i)}, "x");
  }
  CHECK_FALSE(reporter.wants(0));
  CHECK(reporter.wants(1));
}

TEST_CASE("an excerpt shows the place and cannot be more than text", "[unmatched]") {
  CHECK(excerpt_of("a\n\x1B[31m\xFF", 0) == "a\\x0A\\x1B[31m\\xFF");
  CHECK(excerpt_of("", 0).empty());
  const std::string line = std::string(1'000, 'a') + "X" + std::string(1'000, 'b');
  CHECK(excerpt_of(line, 1'000) == "..." + std::string(100, 'a') + "X" + std::string(99, 'b'));
  CHECK(excerpt_of(line, 5'000) == "...");
}

}  // namespace
}  // namespace tailmeter
