#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "rules/sketch/exponential_buckets.h"
#include "rules/sketch/hyper_log_log.h"
#include "rules/sketch/sliding_window.h"
#include "test/rules/sketch_streams.h"

namespace tailmeter {
namespace {

using Cells = std::vector<std::uint64_t>;

constexpr std::int64_t kNowMs = 1'795'000'000'000;
constexpr std::int64_t kYearMs = 365LL * 24 * 3600 * 1000;

// A window whose sketch is a set of observations' numbers, each below 512.
class Observations {
 public:
  Observations(std::int64_t window_ms, std::size_t slices)
      : window_({window_ms, slices, kCells}), cells_(window_.cells()) {}

  void observe(std::size_t number, std::int64_t now_ms) {
    window_.current(cells_, now_ms)[number / 64] |= std::uint64_t{1} << number % 64;
  }
  [[nodiscard]] std::vector<std::size_t> seen(std::int64_t now_ms) const {
    Cells united(kCells);
    window_.for_each_valid(cells_, now_ms, [&](std::span<const std::uint64_t> slice) {
      REQUIRE(slice.size() == kCells);
      for (std::size_t i = 0; i < kCells; ++i) united[i] += slice[i];  // an observation is in one slice
    });
    std::vector<std::size_t> numbers;
    for (std::size_t number = 0; number < kCells * 64; ++number) {
      if ((united[number / 64] >> number % 64 & 1) != 0) numbers.push_back(number);
    }
    return numbers;
  }

 private:
  static constexpr std::size_t kCells = 8;
  SlidingWindow window_;
  Cells cells_;
};

TEST_CASE("a window of 10 s in 5 slices forgets by slices of 2 s", "[sketch]") {
  Observations observations(10'000, 5);
  for (const std::size_t second : {0U, 1U, 2U, 5U, 9U}) {
    observations.observe(second, kNowMs + static_cast<std::int64_t>(second) * 1000);
  }
  const auto [after_ms, seen] = GENERATE(table<std::int64_t, std::vector<std::size_t>>({{9'000, {0, 1, 2, 5, 9}},
                                                                                        {9'999, {0, 1, 2, 5, 9}},
                                                                                        {10'000, {2, 5, 9}},
                                                                                        {12'000, {5, 9}},
                                                                                        {13'999, {5, 9}},
                                                                                        {14'000, {9}},
                                                                                        {17'999, {9}},
                                                                                        {18'000, {}},
                                                                                        {kYearMs, {}}}));
  CAPTURE(after_ms);
  CHECK(observations.seen(kNowMs + after_ms) == seen);
}

TEST_CASE("all that came in the window less a slice is in it, and nothing from before the window", "[sketch]") {
  for (int run = 0; run < kRuns; ++run) {
    Random random(run);
    const std::size_t slices = 1 + random.below(12);
    const std::int64_t slice_ms = 1 + static_cast<std::int64_t>(random.below(100));
    const std::int64_t window_ms = slice_ms * static_cast<std::int64_t>(slices);
    Observations observations(window_ms, slices);
    std::vector<std::int64_t> times_ms;
    std::int64_t now_ms = run % 10 == 0 ? 0 : kNowMs + run;
    bool is_right = true;
    for (std::size_t number = 0; number < 50; ++number) {
      now_ms += static_cast<std::int64_t>(random.below(random.below(20) == 0 ? 2000 : 60));
      if (random.below(3) != 0) {
        observations.observe(times_ms.size(), now_ms);
        times_ms.push_back(now_ms);
      }
      std::vector<std::size_t> expected;
      for (std::size_t i = 0; i < times_ms.size(); ++i) {
        if (now_ms / slice_ms - times_ms[i] / slice_ms < static_cast<std::int64_t>(slices)) expected.push_back(i);
        const bool is_expected = !expected.empty() && expected.back() == i;
        if (now_ms - times_ms[i] <= window_ms - slice_ms) is_right = is_right && is_expected;
        if (now_ms - times_ms[i] >= window_ms) is_right = is_right && !is_expected;
      }
      is_right = is_right && observations.seen(now_ms) == expected;
    }
    CAPTURE(run, slices, slice_ms);
    REQUIRE(is_right);
  }
}

TEST_CASE("a clock that goes back takes nothing out of the window and nothing back into it", "[sketch]") {
  for (int run = 0; run < kRuns; ++run) {
    Random random(run);
    const std::size_t slices = 1 + random.below(12);
    Observations observations(100 * static_cast<std::int64_t>(slices), slices);
    std::int64_t now_ms = kNowMs;
    std::vector<std::size_t> before;
    bool is_right = true;
    for (std::size_t number = 0; number < 60; ++number) {
      const std::int64_t steps_ms[] = {0, 10, 70, 300, 3000, -10, -150, -700, -5000, kYearMs, -kYearMs};
      const std::int64_t step_ms = random.one_of(steps_ms);
      now_ms += step_ms;
      const std::vector<std::size_t> unchanged = observations.seen(now_ms);
      observations.observe(number, now_ms);
      const std::vector<std::size_t> seen = observations.seen(now_ms);
      before.push_back(number);
      is_right = is_right && std::includes(before.begin(), before.end(), seen.begin(), seen.end());
      is_right = is_right && !seen.empty() && seen.back() == number;
      is_right = is_right && seen.size() == unchanged.size() + 1;
      if (step_ms <= 0) is_right = is_right && seen == before;
      before = seen;
    }
    CAPTURE(run, slices);
    REQUIRE(is_right);
  }
}

TEST_CASE("what was observed in a wrong year is gone two windows after the clock was set right", "[sketch]") {
  Observations observations(10'000, 5);
  observations.observe(1, kNowMs + 14 * kYearMs);
  observations.observe(2, kNowMs);
  CHECK(observations.seen(kNowMs) == std::vector<std::size_t>{1, 2});
  observations.observe(3, kNowMs + 9'000);
  CHECK(observations.seen(kNowMs + 9'000).back() == 3);
  CHECK(observations.seen(kNowMs + 20'000).empty());
}

TEST_CASE("cells that are all 0 have no slice in the window, not even in 1970", "[sketch]") {
  const SlidingWindow window({10'000, 5, 1});
  const Cells cells(window.cells());
  for (const std::int64_t now_ms : {std::int64_t{0}, kNowMs}) {
    window.for_each_valid(cells, now_ms, [](auto) { FAIL("a slice that never began"); });
  }
  Observations observations(10'000, 5);
  observations.observe(7, -50'000);
  observations.observe(8, 0);
  CHECK(observations.seen(9'999) == std::vector<std::size_t>{7, 8});
  CHECK(observations.seen(10'000).empty());
}

TEST_CASE("a window over buckets, merged, is the buckets of what is in the window", "[sketch]") {
  const SlidingWindow window({300'000, kDefaultWindowSlices, exponential_cells(40)});
  REQUIRE(window.cells() == 10 * (1 + exponential_cells(40)));
  for (int run = 0; run < kRuns / 10; ++run) {
    Random random(run);
    Cells cells(window.cells());
    std::vector<std::pair<std::int64_t, double>> observations;
    std::int64_t now_ms = kNowMs;
    for (int i = 0; i < 500; ++i) {
      now_ms += static_cast<std::int64_t>(random.below(3000));
      observations.emplace_back(now_ms / 30'000, std::exp(10 * random.fraction() - 5));
      observe_exponential(window.current(cells, now_ms), observations.back().second, 5);
    }
    Cells merged(exponential_cells(40));
    window.for_each_valid(cells, now_ms, [&](auto slice) { merge_exponential(merged, slice); });
    Cells expected(exponential_cells(40));
    for (const auto& [slice, value] : observations) {
      if (slice > now_ms / 30'000 - 10) observe_exponential(expected, value, 5);
    }
    REQUIRE(merged == expected);
  }
}

TEST_CASE("a window over distinct counts, merged, counts a value once that is in all slices", "[sketch]") {
  const int precision = 10;
  const SlidingWindow window({10'000, 5, hyper_log_log_cells(precision)});
  Cells cells(window.cells());
  Random random(1);
  const std::uint64_t steady = random.bits();
  std::vector<std::uint64_t> hashes;
  for (std::int64_t now_ms = kNowMs; now_ms < kNowMs + 60'000; now_ms += 100) {
    hashes.push_back(random.bits());
    add_hash(window.current(cells, now_ms), steady, precision);
    add_hash(window.current(cells, now_ms), hashes.back(), precision);
  }
  Cells merged(hyper_log_log_cells(precision));
  window.for_each_valid(cells, kNowMs + 59'999, [&](auto slice) { merge_hyper_log_log(merged, slice); });
  Cells expected(hyper_log_log_cells(precision));
  add_hash(expected, steady, precision);
  for (std::size_t i = hashes.size() - 100; i < hashes.size(); ++i) add_hash(expected, hashes[i], precision);
  CHECK(merged == expected);
}

}  // namespace
}  // namespace tailmeter
