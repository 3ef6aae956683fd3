#include "exporter/label_census.h"

#include <catch2/catch.hpp>

#include "rules/series/family.h"

namespace tailmeter {
namespace {

using namespace std::chrono_literals;

Snapshot images(int number) {
  Family family({.name = "pulls_total", .kind = SeriesKind::kCounter, .label_names = {"image"}, .max_series = 9});
  for (int i = 0; i < number; ++i) {
    static_cast<void>(family.find_or_add(std::vector<std::string>{"image-" + std::to_string(i)}));
  }
  return {family.snapshot()};
}

TEST_CASE("labels are looked through every ten seconds at most, whoever asks", "[exporter]") {
  LabelCensus census;
  const LabelCensus::Clock::time_point start;
  const auto values_at = [&](std::chrono::milliseconds time, int number) {
    const std::vector<WorstLabel> labels = census.worst_labels(images(number), start + time);
    REQUIRE(labels.size() == 1);
    return labels[0].values;
  };
  CHECK(values_at(0ms, 1) == 1);
  CHECK(values_at(9'999ms, 2) == 1);
  CHECK(values_at(10'000ms, 3) == 3);
  CHECK(values_at(19'999ms, 4) == 3);
  CHECK(values_at(20'000ms, 5) == 5);
}

}  // namespace
}  // namespace tailmeter
