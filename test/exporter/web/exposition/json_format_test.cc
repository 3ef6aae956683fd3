#include "exporter/web/exposition/json_format.h"

#include <catch2/catch.hpp>

#include "test/support/rule_bench.h"

namespace tailmeter {
namespace {

TEST_CASE("samples are written as JSON, their values as texts", "[web]") {
  RuleBench bench(R"(
sources: [{name: words, files: [w.log], format: {regex: '^(?P<a>\S+) (?P<b>\S+)$'}}]
metrics:
  - {counter: words_total, value: $b, labels: {word: $a}}
  - {histogram: took_seconds, value: $b, buckets: [0.5]}
)");
  bench.count("a\"\\b 9007199254740993\n");
  std::string all;
  append_json(all, bench.rules().snapshot());
  CHECK(all == R"([{"name":"words_total","labels":{"word":"a\"\\b"},"value":"9007199254740993"},)"
               R"({"name":"took_seconds_bucket","labels":{"le":"0.5"},"value":"0"},)"
               R"({"name":"took_seconds_bucket","labels":{"le":"+Inf"},"value":"1"},)"
               R"({"name":"took_seconds_sum","labels":{},"value":"9007199254740993"},)"
               R"({"name":"took_seconds_count","labels":{},"value":"1"}])");
  std::string one;
  append_json(one, bench.rules().snapshot(), "words_total");
  CHECK(one == R"([{"name":"words_total","labels":{"word":"a\"\\b"},"value":"9007199254740993"}])");
  std::string none;
  append_json(none, bench.rules().snapshot(), "words");
  CHECK(none == "[]");
}

}  // namespace
}  // namespace tailmeter
