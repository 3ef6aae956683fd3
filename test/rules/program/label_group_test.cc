// What is remembered of label sets changes no count.
#include <algorithm>
#include <limits>
#include <string>

#include <catch2/catch.hpp>
#include <malloc.h>

#include "test/rules/program/words.h"
#include "test/support/rule_bench.h"

namespace tailmeter {
namespace {

TEST_CASE("values that differ only in where one ends and the next begins are different label sets", "[rules]") {
  RuleBench bench(words("  - counter: n_total\n    labels: {a: $a, b: $b}\n"));
  bench.count("ab c x\n").count("a bc x\n");
  CHECK(bench.samples() == "n_total{a=\"a\",b=\"bc\"} 1\nn_total{a=\"ab\",b=\"c\"} 1\n");
}

TEST_CASE("label sets without end are forgotten and learnt again without a miscount", "[rules]") {
  RuleBench bench(
      words("  - counter: n_total\n    labels:\n      kind: {from: $a, regex: '([a-z]).*', replace: '$1'}\n"));
  std::string lines;
  constexpr int kLines = 150'000;  // more than LabelGroup remembers
  for (int i = 0; i < kLines; ++i)
    lines += std::string(1, static_cast<char>('a' + i % 3)) + std::to_string(i) + " b c\n";
  bench.count(lines);
  CHECK(bench.samples() == "n_total{kind=\"a\"} 50000\nn_total{kind=\"b\"} 50000\nn_total{kind=\"c\"} 50000\n");
}

TEST_CASE("of long label sets without end, no more bytes are remembered than of short ones", "[rules]") {
  RuleBench bench(
      words("  - counter: n_total\n    labels:\n      kind: {from: $a, regex: '([a-z]).*', replace: '$1'}\n"));
  const std::string rest(1'000, 'x');
  std::size_t least = std::numeric_limits<std::size_t>::max();
  std::size_t most = 0;
  for (int part = 0; part < 30; ++part) {
    std::string lines;
    for (int i = 0; i < 500; ++i) lines += "a" + std::to_string(500 * part + i) + rest + " b c\n";
    bench.count(lines);
    if (part < 2) continue;  // what is made once
    const auto bytes = mallinfo2();
    least = std::min(least, bytes.uordblks + bytes.hblkhd);
    most = std::max(most, bytes.uordblks + bytes.hblkhd);
  }
  CHECK(most - least < 1'500'000);
  CHECK(bench.samples() == "n_total{kind=\"a\"} 15000\n");
}

TEST_CASE("values too long to be remembered count as any, next to those that are", "[rules]") {
  RuleBench bench(words(
      "  - counter: n_total\n    labels: {kind: {from: $a, regex: '([a-z]).*', replace: '$1'}}\n"
      "  - counter: b_total\n    labels: {kind: {from: $a, regex: '([a-z]).*', replace: '$1'}}\n    value: $b\n"));
  const std::string rest(1'024, '0');  // with the letter longer than LabelGroup remembers
  std::string lines;
  for (int i = 0; i < 100; ++i) {
    for (const std::string& a : {"a" + rest, "b" + rest, std::string("c"), "a" + rest + "1"}) lines += a + " 2 c\n";
  }
  bench.count(lines);
  CHECK(bench.samples() ==
        "n_total{kind=\"a\"} 200\nn_total{kind=\"b\"} 100\nn_total{kind=\"c\"} 100\n"
        "b_total{kind=\"a\"} 400\nb_total{kind=\"b\"} 200\nb_total{kind=\"c\"} 200\n");
}

}  // namespace
}  // namespace tailmeter
