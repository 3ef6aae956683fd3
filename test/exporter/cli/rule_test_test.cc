#include "exporter/cli/rule_test.h"

#include <catch2/catch.hpp>

#include "rules/presets/presets.h"
#include "rules/program/compile.h"

namespace tailmeter {
namespace {

const std::string kRules =
    "sources:\n  - {name: words, files: [w.log], format: {regex: '^(?P<a>[a-z]+)$'}}\n"
    "metrics:\n  - {counter: words_total, labels: {word: $a}}\n  - {histogram: n, value: $a, buckets: [1]}\n";

std::vector<std::string> differences(const std::string& lines, const std::string& expect) {
  TestRule test;
  test.lines.value = lines;
  test.expect.value = expect;
  return run_rule_test({"rules.yml", kRules, ""}, test);
}

using Lines = std::vector<std::string>;

TEST_CASE("a test passes when every series that it names has its value", "[cli]") {
  CHECK(differences("x\nx\ny",
                    "words_total{word=\"x\"} 2\n\n  words_total{word=\"y\"}   1.0  \nwords_total{word=\"z\"} absent\n")
            .empty());
  CHECK(differences("", "n_count 0\nn_bucket{le=\"+Inf\"} 0\n").empty());
}

TEST_CASE("a test fails with what is and what was expected", "[cli]") {
  CHECK(differences("x", "words_total{word=\"x\"} 2") == Lines{"words_total{word=\"x\"} is 1, expected 2"});
  CHECK(differences("x", "words_total{word=\"y\"} 1") == Lines{"words_total{word=\"y\"} does not exist, expected 1"});
  CHECK(differences("x", "words_total{word=\"y\"} 0") == Lines{"words_total{word=\"y\"} does not exist, expected 0"});
  CHECK(differences("x", "words_total{word=\"x\"} absent") == Lines{"words_total{word=\"x\"} is 1, expected none"});
  CHECK(differences("x", "words_total{word=\"x\"} many") ==
        Lines{"words_total{word=\"x\"}: \"many\" is neither a number nor \"absent\""});
  CHECK(differences("x", "words_total") == Lines{"\"words_total\": write a series, a blank and its value"});
  CHECK(differences("x", "words_total{word} 1") ==
        Lines{"\"words_total{word}\" is not a series: write name or name{label=\"value\"}"});
}

TEST_CASE("what no series could be is found without running the tests", "[cli]") {
  const std::string text =
      "tests:\n  - name: a\n    lines: x\n    expect: |\n      words_total{word=\"x\"} 9\n      words_total{word} 1\n"
      "      words_total\n  - {name: b, lines: x, expect: n_count many}\n";
  Diagnostics diagnostics("r.yml", kRules + text);
  const RuleFile rules = load_rule_file(kRules + text, diagnostics);
  REQUIRE_FALSE(diagnostics.has_errors());
  check_expectations(rules.tests, diagnostics);
  const std::string errors = diagnostics.errors();
  CHECK_THAT(errors, Catch::Contains("r.yml:9:13: tests[0] \"a\": expect: \"words_total{word}\" is not a series: write "
                                     "name or name{label=\"value\"}\n"));
  CHECK_THAT(errors,
             Catch::Contains("tests[0] \"a\": expect: \"words_total\": write a series, a blank and its value\n"));
  CHECK_THAT(errors, Catch::Contains("tests[1] \"b\": expect: n_count: \"many\" is neither a number nor \"absent\"\n"));
  CHECK(std::count(errors.begin(), errors.end(), '^') == 3);  // what may be is not reported, though it is not so
}

TEST_CASE("a line without the format is shown only when the test fails", "[cli]") {
  CHECK(differences("X9\nx", "words_total{word=\"x\"} 1").empty());
  const Lines failed = differences("X9\nx", "words_total{word=\"x\"} 2");
  REQUIRE(failed.size() == 2);
  CHECK(failed[1].find("this line does not have the format: ") == 0);
  CHECK(failed[1].find(": X9") != std::string::npos);
}

TEST_CASE("each preset has tests, and they pass", "[cli][presets]") {
  for (const Preset& preset : presets()) {
    CAPTURE(preset.name);
    const std::string text(preset.text);
    const auto rules = read_rules(std::string(preset.name), text);
    CHECK(rules->tests().size() >= 2);
    for (const TestRule& test : rules->tests()) {
      CAPTURE(test.name.value);
      CHECK(run_rule_test({std::string(preset.name), text, ""}, test) == Lines());
    }
  }
}

TEST_CASE("check finds nothing to warn of in a preset", "[cli][presets]") {
  for (const Preset& preset : presets()) {
    CAPTURE(preset.name);
    Diagnostics diagnostics(std::string(preset.name), preset.text);
    static_cast<void>(compile_rules(load_rule_file(std::string(preset.text), diagnostics), diagnostics));
    CHECK(diagnostics.errors() + diagnostics.warnings() == "");
  }
}

}  // namespace
}  // namespace tailmeter
