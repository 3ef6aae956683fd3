#include "exporter/pipeline.h"

#include <catch2/catch.hpp>

#include "test/support/rule_bench.h"

namespace tailmeter {
namespace {

const std::string kRules =
    "sources:\n  - {name: words, files: [w.log], max_line_bytes: 10, format: {regex: '^(?P<a>[a-z]+)$'}}\n"
    "metrics:\n  - {counter: words_total, labels: {word: $a}}\n";

TEST_CASE("every byte of a batch belongs to a line with one outcome", "[pipeline]") {
  RuleBench bench(kRules);
  const std::string lines = "abc\nabc\r\n\n123\nabcdefghij\nabcdefghijk\nz\r\r\n";
  bench.count(lines);
  const SourceCounts& counts = bench.pipeline().counts(0);
  CHECK(counts.matched.lines == 3);
  CHECK(counts.unmatched.lines ==
        3);  // the empty one, the number, and "z\r": one carriage return belongs to the line end
  CHECK(counts.oversize.lines == 1);
  CHECK(counts.bytes() == lines.size());
  CHECK(bench.samples() == "words_total{word=\"abc\"} 2\nwords_total{word=\"abcdefghij\"} 1\n");
}

TEST_CASE("lines that matched nothing are heard, lines that are too long are not looked at", "[pipeline]") {
  const auto rules = read_rules("r.yml", kRules);
  std::string heard;
  Pipeline pipeline(*rules, [&](const Mismatch& mismatch, std::string_view line) {
    heard += mismatch.reason + " at " + std::to_string(mismatch.offset) + ":" + std::string(line) + ";";
  });
  pipeline.take({0, "w.log", "ABC\nok\nABCDEFGHIJKL\n"});
  CHECK(heard == "the regex does not match at 0:ABC;");
  pipeline.take_oversize(0, 1'000'000);
  CHECK(pipeline.counts(0).oversize.lines == 2);
  CHECK(pipeline.counts(0).bytes() == 4 + 3 + 13 + 1'000'000);
}

}  // namespace
}  // namespace tailmeter
