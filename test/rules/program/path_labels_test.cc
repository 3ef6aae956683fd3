// The step `path` of labels: templates, what is learned, what is remembered of it, and restarts.
#include <algorithm>
#include <random>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "exporter/record.h"
#include "test/support/effort.h"
#include "test/support/rule_bench.h"

namespace tailmeter {
namespace {

constexpr std::int64_t kNow = 1'795'286'971'000;  // of windows

// Two sources of words: a path, and two more.
std::string rules(const std::string& metrics) {
  return "sources:\n"
         "  - name: web\n"
         "    files: [a.log]\n"
         "    format: {regex: '^(?P<p>\\S*) (?P<q>\\S*) (?P<n>\\S*)$'}\n"
         "  - name: other\n"
         "    files: [b.log]\n"
         "    format: {regex: '^(?P<p>\\S*) (?P<q>\\S*) (?P<n>\\S*)$'}\n"
         "metrics:\n" +
         metrics;
}

// What a restart makes of it: everything that is saved, and nothing that is only remembered.
std::unique_ptr<RuleBench> restarted(const RuleSet& before, const std::string& text) {
  auto after = std::make_unique<RuleBench>(text);
  after->rules().set_now(kNow);
  for (std::size_t i = 0; i < before.metrics().size(); ++i) {
    const RuleSet::Metric& from = before.metrics()[i];
    const RuleSet::Metric& to = after->rules().metrics()[i];
    save_family(from.family->snapshot())
        .series.for_each([&](std::string_view labels, std::int64_t created_ms, std::span<const std::uint64_t> cells) {
          to.family->restore(labels, created_ms, cells);
        });
    for (const auto& [label, learner] : from.learners) to.learners.at(label)->restore(learner->save());
  }
  return after;
}

TEST_CASE("a template is the label's value, the first that matches wins, and the query is no part of a path",
          "[rules]") {
  RuleBench bench(
      rules("  - counter: n_total\n"
            "    labels: {path: {from: $p, path: ['/v2/{name...}/blobs/{digest}', '/v2/{rest...}', '/users/{id}']}}\n"
            "  - counter: short_total\n"
            "    labels: {path: {from: $p, path: '/users/{id}', default: none}}\n"
            "  - counter: users_total\n"
            "    labels: {path: {from: $p, path: '/users/{id}'}}\n"));
  bench.count(
      "/v2/library/nginx/blobs/sha256:ab 1 1\n"
      "/v2/library/nginx/blobs/sha256:cd?x=/users/1 1 1\n"
      "/v2/library/nginx/tags/list 1 1\n"
      "/users/7?a=b/c 1 1\n"
      "/users/7/orders 1 1\n"
      "?/users/7 1 1\n"
      "- 1 1\n");
  CHECK(bench.samples() ==
        "n_total 1\n"
        "n_total{path=\"/users/{id}\"} 1\n"
        "n_total{path=\"/v2/{name...}/blobs/{digest}\"} 2\n"
        "n_total{path=\"/v2/{rest...}\"} 1\n"
        "n_total{path=\"__other__\"} 2\n"
        "short_total{path=\"/users/{id}\"} 1\n"
        "short_total{path=\"__other__\"} 5\n"
        "short_total{path=\"none\"} 1\n"
        "users_total 1\n"
        "users_total{path=\"/users/{id}\"} 1\n"
        "users_total{path=\"__other__\"} 5\n");
}

TEST_CASE("the path comes behind regex and lower, before map, allow and the limit on the length", "[rules]") {
  RuleBench bench(
      rules("  - counter: n_total\n"
            "    labels:\n"
            "      a: {from: $p, regex: '/api(/.*)', replace: '$1', lower: true, path: ['/users/{id}', auto],\n"
            "          map: {'/users/[{]id[}]': user}, allow: [user, '/x.*'], max_length: 5}\n"
            "      b: {from: $p, path: /USERS/a, map: {'.*': all}}\n"));
  bench.count("/API/x/1 1 1\n/api/USERS/a 1 1\n/api/x/1234 1 1\n/USERS/a 1 1\n/y 1 1\n");
  CHECK(bench.samples() ==
        "n_total{a=\"/x/{n\",b=\"__other__\"} 1\n"
        "n_total{a=\"__other__\",b=\"__other__\"} 2\n"
        "n_total{a=\"user\",b=\"__other__\"} 1\n"
        "n_total{a=\"user\",b=\"all\"} 1\n");
}

TEST_CASE("templates come before what is learned, and teach it nothing", "[rules]") {
  RuleBench bench(rules("  - {counter: n_total, labels: {path: {from: $p, path: ['/users/{id}', auto]}}}\n"));
  for (int i = 0; i < 100; ++i) bench.count(fmt::format("/users/u{}x 1 1\n", i));
  bench.count("/users/1/2 1 1\n/users/u0x/orders 1 1\n");
  CHECK(bench.samples() ==
        "n_total{path=\"/users/u0x/orders\"} 1\n"
        "n_total{path=\"/users/{id}\"} 100\n"
        "n_total{path=\"/users/{number}/{number}\"} 1\n");
}

TEST_CASE("a value that was cut stays and gets no more, whoever remembers its row", "[rules]") {
  // Short paths are remembered by the plan, long ones by the look-up; the other source shares what is learned.
  const std::string far = GENERATE("", "/a-longer-name-than-plans-remember");
  CAPTURE(far);
  RuleBench bench(
      rules("  - {counter: n_total, labels: {path: {from: $p, path: auto}}}\n"
            "  - {counter: size_total, value: $n, labels: {path: {from: $p, path: auto}}}\n"));
  bench.count(far + "/n0x 1 5\n", 0).count(far + "/n0x 1 5\n", 1);
  for (std::size_t i = 1; i <= PathLearner::kMaxNames; ++i) bench.count(fmt::format("{}/n{}x 1 -\n", far, i), 0);
  bench.count(far + "/n0x 1 5\n", 0).count(far + "/n0x 1 5\n", 1);
  const std::string counts = bench.samples("n_total");
  CHECK(counts.find(fmt::format("n_total{{path=\"{}/n0x\"}} 2\n", far)) != std::string::npos);
  CHECK(counts.find(fmt::format("n_total{{path=\"{}/{{text}}\"}} 3\n", far)) != std::string::npos);
  // Each family learns of the lines that it counts: this one had values of /n0x only.
  CHECK(bench.samples("size_total") == fmt::format("size_total{{path=\"{}/n0x\"}} 20\n", far));
}

TEST_CASE("where one entry of a family cuts, the next has the new value for the same line", "[rules]") {
  RuleBench bench(
      rules("  - {counter: n_total, labels: {path: {from: $p, path: auto}}}\n"
            "  - {counter: n_total, labels: {path: {from: $q, path: auto}}}\n"));
  for (std::size_t i = 0; i <= PathLearner::kMaxNames; ++i) bench.count(fmt::format("/n{}x /n0x 1\n", i));
  const std::string counts = bench.samples();
  CHECK(counts.find("n_total{path=\"/n0x\"} 33\n") != std::string::npos);
  CHECK(counts.find("n_total{path=\"/{text}\"} 2\n") != std::string::npos);
}

TEST_CASE("a topk learns, too, and remembers no text that was cut", "[rules]") {
  RuleBench bench(rules("  - {topk: top, labels: {path: {from: $p, path: auto}}, k: 1}\n"));
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < 2 * PathLearner::kMaxNames; ++i) bench.count(fmt::format("/n{}x 1 1\n", i));
  }
  CHECK(bench.samples() == "top{path=\"/{text}\"} 96\ntop_error{path=\"/{text}\"} 0\n");
}

TEST_CASE("a restart at any line changes no count", "[rules]") {
  const std::string text = rules(
      "  - {counter: n_total, labels: {path: {from: $p, path: ['/t/{id}', auto]}}}\n"
      "  - {counter: n_total, source: web, when: {n: '[13].*'}, labels: {path: {from: $q, path: auto}}}\n"
      "  - {counter: both_total, labels: {a: {from: $p, path: auto}, b: {from: $q, path: [/t/1, auto]}}}\n"
      "  - {histogram: h, value: $n, buckets: [2], labels: {path: {from: $p, path: auto}}}\n"
      "  - {ratio: r, hit: {n: 1}, window: 1h, labels: {path: {from: $q, path: auto}}}\n"
      "  - {distinct: d_total, of: $n, labels: {path: {from: '$p$q', path: auto}}}\n");
  const unsigned seed = GENERATE(range(1U, 1U + std::max(1U, effort(60U) / 20)));
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const auto path = [&] {
    std::string made;
    for (std::uint64_t depth = 1 + random() % 3; depth > 0; --depth) {
      made += random() % 9 == 0 ? std::string("/t") : fmt::format("/n{}x", random() % (depth == 1 ? 80 : 6));
    }
    return made;
  };
  RuleBench unbroken(text);
  unbroken.rules().set_now(kNow);
  auto broken = restarted(unbroken.rules(), text);
  for (int i = 0; i < 3'000; ++i) {
    const std::string line = fmt::format("{} {} {}\n", path(), path(), random() % 5 == 0 ? "-" : fmt::to_string(i % 5));
    const auto source = static_cast<SourceIndex>(random() % 2);
    unbroken.count(line, source);
    broken->count(line, source);
    if (random() % 20 == 0) broken = restarted(broken->rules(), text);
  }
  std::uint64_t cuts = 0;
  for (const RuleSet::Metric& metric : unbroken.rules().metrics()) {
    for (const auto& [label, learner] : metric.learners) cuts += learner->cuts();
  }
  CHECK(cuts > 20);
  CHECK(unbroken.samples() == broken->samples());
}

TEST_CASE("a template that is wrong is refused where it is wrong, with a way out", "[rules]") {
  const std::string text =
      "sources:\n"
      "  - {name: web, files: [1.log], format: combined}\n"
      "  - {name: two, files: [2.log], format: combined}\n"
      "metrics:\n"
      "  - counter: n_total\n"
      "    labels: {path: {from: $uri, path: ['/users/{id}.json', atuo]}}\n";
  CHECK(
      reports(text) ==
      R"(rules.yml:6:48: metrics[0] "n_total": label "path": path: "{id}.json" has braces that are not around all of it: {name} stands for a whole segment, from "/" to "/"
    6 |     labels: {path: {from: $uri, path: ['/users/{id}.json', atuo]}}
      |                                                ^
rules.yml:6:60: metrics[0] "n_total": label "path": path: "atuo" is no path: write a template such as /users/{id}, or auto
    6 |     labels: {path: {from: $uri, path: ['/users/{id}.json', atuo]}}
      |                                                            ^)");
}

}  // namespace
}  // namespace tailmeter
