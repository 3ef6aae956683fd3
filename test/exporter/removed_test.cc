#include "exporter/removed.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace tailmeter {
namespace {

constexpr std::uint64_t kHourMs = 3'600'000;
constexpr std::uint64_t kNowMs = 1'795'000'000'000;

SavedFamily family(const std::string& name, std::uint64_t removed_ms = 0) {
  return {.removed_ms = removed_ms, .description = name};
}

std::vector<std::string> names(const std::vector<SavedFamily>& families) {
  std::vector<std::string> names;
  for (const SavedFamily& family : families) names.push_back(family.description);
  return names;
}

using Names = std::vector<std::string>;

TEST_CASE("what a removed metric had counted is kept for 24 hours from when it was removed", "[exporter]") {
  RemovedFamilies removed;
  removed.add(family("now"), kNowMs);
  removed.add(family("an hour ago", kNowMs - kHourMs), kNowMs);
  removed.add(family("a day ago", kNowMs - 24 * kHourMs), kNowMs);
  CHECK(names(removed.at(kNowMs)) == Names{"now", "an hour ago"});
  CHECK(removed.at(kNowMs).front().removed_ms == kNowMs);
  CHECK(names(removed.at(kNowMs + 23 * kHourMs - 1)) == Names{"now", "an hour ago"});
  CHECK(names(removed.at(kNowMs + 23 * kHourMs)) == Names{"now"});
  CHECK(names(removed.at(kNowMs + 24 * kHourMs)).empty());
  CHECK(names(removed.at(kNowMs - 48 * kHourMs)) == Names{"now", "an hour ago"});  // the clock was set back
}

TEST_CASE("removed metrics take no more bytes than they may, and the one that was removed first goes", "[exporter]") {
  RemovedFamilies removed;
  const std::vector<std::uint64_t> cells(1'000'000, ~std::uint64_t{0});
  for (const std::uint64_t hours : {2U, 5U, 1U, 4U, 3U}) {
    SavedFamily large = family(std::to_string(hours), kNowMs - hours * kHourMs);
    for (int series = 0; series < 2; ++series) large.series.add(std::to_string(series), 0, cells);
    REQUIRE(large.series.size_bytes() > RemovedFamilies::kBytesMax / 5);
    REQUIRE(large.series.size_bytes() < RemovedFamilies::kBytesMax / 3);
    removed.add(std::move(large), kNowMs);
  }
  CHECK(names(removed.at(kNowMs)) == Names{"2", "1", "3"});
}

TEST_CASE("of more removed metrics than are kept the one that was removed first goes", "[exporter]") {
  RemovedFamilies removed;
  for (std::size_t i = 0; i < RemovedFamilies::kMost; ++i)
    removed.add(family(std::to_string(i), kNowMs - (i == 7 ? 2 : 1)), kNowMs);
  CHECK(removed.at(kNowMs).size() == RemovedFamilies::kMost);
  removed.add(family("one more"), kNowMs);
  const Names kept = names(removed.at(kNowMs));
  CHECK(kept.size() == RemovedFamilies::kMost);
  CHECK(kept[7] == "8");
  CHECK(kept.back() == "one more");
}

}  // namespace
}  // namespace tailmeter
