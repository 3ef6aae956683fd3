#include "rules/series/exemplar.h"

#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "test/support/rule_bench.h"

namespace tailmeter {
namespace {

constexpr std::int64_t kStartMs = 1'764'000'000'000;

FamilyDescription took_seconds() {
  return {.name = "took_seconds",
          .kind = SeriesKind::kHistogram,
          .label_names = {"a"},
          .bounds = {Decimal::from_integer(1), Decimal::from_integer(5)},
          .max_series = 10,
          .exemplar_label = "id",
          .ttl_ms = 3'600'000};
}

Row row_of(Family& family, const std::string& label) {
  return family.find_or_add(std::vector<std::string>{label});
}

void observe(Family& family, Row row, std::int64_t value, const std::string& id) {
  const Decimal observed = Decimal::from_integer(value);
  family.observe(row, observed);
  if (family.wants_exemplar(row, observed)) family.set_exemplar(row, observed, id);
}

// Of each series "labels" and its exemplars, "BUCKET id value age" in milliseconds since kStartMs.
std::string exemplars(const FamilySnapshot& snapshot) {
  std::string out;
  snapshot.for_each_series([&](std::string_view labels, std::uint32_t row) {
    out += fmt::format("{}\n", labels);
    for (std::size_t bucket = 0; bucket <= snapshot.description().bounds.size(); ++bucket) {
      const auto exemplar = snapshot.exemplar(row, bucket);
      if (!exemplar) continue;
      out += fmt::format("  {} {} {} {}\n", bucket, exemplar->label_value, to_string(exemplar->value),
                         exemplar->at_ms - kStartMs);
    }
  });
  return out;
}

TEST_CASE("an exemplar of each bucket is kept, and replaced when it is a second old", "[series]") {
  Family family(took_seconds());
  family.set_now(kStartMs);
  const Row row = row_of(family, "x");
  observe(family, row, 1, "first");
  observe(family, row, 9, std::string(kMaxExemplarBytes, 'l'));
  family.set_now(kStartMs + 999);
  observe(family, row, 0, "too early");
  observe(family, row, 2, "other bucket");
  CHECK(exemplars(family.snapshot()) ==
        "a=\"x\"\n  0 first 1 0\n  1 other bucket 2 999\n  2 " + std::string(kMaxExemplarBytes, 'l') + " 9 0\n");
  family.set_now(kStartMs + 1000);
  observe(family, row, 0, "in time");
  observe(family, row, 10, "s");
  CHECK(exemplars(family.snapshot()) == "a=\"x\"\n  0 in time 0 1000\n  1 other bucket 2 999\n  2 s 10 1000\n");
  family.set_now(kStartMs - 60'000);
  observe(family, row, 1, "by a clock set back");
  CHECK(exemplars(family.snapshot()) ==
        "a=\"x\"\n  0 by a clock set back 1 -60000\n  1 other bucket 2 999\n  2 s 10 1000\n");
}

TEST_CASE("exemplars come back with the state, and go with their series", "[series]") {
  Family family(took_seconds());
  family.set_now(kStartMs);
  observe(family, row_of(family, "idle"), 3, "old");
  family.set_now(kStartMs + 3'500'000);
  observe(family, row_of(family, "busy"), 7, "new");
  const FamilySnapshot before = family.snapshot();
  Family restored(took_seconds());
  before.for_each_kept([&](std::string_view labels, std::uint32_t row) {
    restored.restore(labels, before.created_ms(row), before.cells(row));
  });
  CHECK(exemplars(restored.snapshot()) == "a=\"busy\"\n  2 new 7 3500000\na=\"idle\"\n  1 old 3 0\n");
  restored.set_now(kStartMs + 4'000'000);
  REQUIRE(restored.let_go_of_idle());
  CHECK(exemplars(restored.snapshot()) == "a=\"__expired__\"\na=\"busy\"\n  2 new 7 3500000\n");
}

TEST_CASE("a line's field is the exemplar of what the line took, if it has a value that is not too long", "[rules]") {
  const auto exemplar = [](const std::string& steps, const std::string& id) {
    RuleBench bench(
        "sources: [{name: web, files: a.log, format: '$request_time $request_id'}]\n"
        "metrics: [{histogram: took_seconds, value: $request_time, buckets: [1], exemplar: {id: " +
        steps + "}}]\n");
    bench.count("0.5 " + id + "\n");
    const FamilySnapshot snapshot = bench.rules().snapshot().front();
    const auto found = snapshot.exemplar(0, 0);
    CHECK(bench.samples("took_seconds_count") == "took_seconds_count 1\n");
    CHECK_FALSE(snapshot.exemplar(0, 1).has_value());
    return found ? fmt::format("{} {}", found->label_value, to_string(found->value)) : "none";
  };
  CHECK(exemplar("$request_id", "6f1e") == "6f1e 0.5");
  CHECK(exemplar("$request_id", "-") == "none");
  CHECK(exemplar("$request_id", std::string(64, 'x')) == std::string(64, 'x') + " 0.5");
  CHECK(exemplar("$request_id", std::string(65, 'x')) == "none");
  CHECK(exemplar("{from: $request_id, regex: '00-([0-9a-f]+)-.*', replace: '$1'}", "00-4bf92f-00f0-01") ==
        "4bf92f 0.5");
}

TEST_CASE("an exemplar has one label, with a name that is not too long, alike in all entries of a family", "[file]") {
  const std::string sources = "sources: [{name: web, files: a.log, format: combined}]\n";
  const auto reported = [&](const std::string& exemplar) {
    const std::string report =
        reports(sources + "metrics: [{histogram: h, value: $status, exemplar: " + exemplar + "}]\n");
    return report.substr(0, report.find('\n'));
  };
  const std::string one = "metrics[0] \"h\": exemplar: an exemplar has one label, such as {request_id: $request_id}";
  CHECK(reported("{a: $status, b: $status}") == "rules.yml:2:52: " + one);
  CHECK(reported("{a: ''}") == "rules.yml:2:52: " + one);
  CHECK(reported("{" + std::string(65, 'a') + ": $status}") ==
        "rules.yml:2:53: metrics[0] \"h\": exemplar: an exemplar's label has at most 64 bytes");
  CHECK(reported("{" + std::string(64, 'a') + ": $status}").empty());
  const std::string differing = reports(sources +
                                        "metrics:\n  - {histogram: h, value: $status, exemplar: {a: $status}}\n"
                                        "  - {histogram: h, value: $status, exemplar: {b: $status}}\n");
  CHECK(differing.substr(0, differing.find('\n')) ==
        "rules.yml:4:17: metrics[1] \"h\": the entry in line 3 has the same name, but another label of its exemplars");
}

}  // namespace
}  // namespace tailmeter
