#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "rules/sketch/hyper_log_log.h"
#include "rules/sketch/stable_hash.h"
#include "test/rules/sketch_streams.h"

namespace tailmeter {
namespace {

using Cells = std::vector<std::uint64_t>;

Cells nothing(int precision) {
  return Cells(hyper_log_log_cells(precision));
}

Cells added(const std::vector<std::uint64_t>& hashes, int precision) {
  Cells cells = nothing(precision);
  for (const std::uint64_t hash : hashes) add_hash(cells, hash, precision);
  return cells;
}

constexpr std::size_t kMostValues = effort(100'000);

// From one to the most, the logarithm evenly spread.
std::size_t some_size(Random& random) {
  return static_cast<std::size_t>(std::pow(kMostValues, random.fraction()));
}

bool is_within(double estimate, std::size_t exact, double error) {
  return std::abs(estimate - static_cast<double>(exact)) <= error * static_cast<double>(exact);
}

TEST_CASE("the stable hash is XXH3 as it was published, with the key for its seed", "[sketch]") {
  // The values and the bytes that they are of are those by which xxhsum checks itself.
  constexpr std::uint64_t kPrime = 11'400'714'785'074'694'797U;
  std::string bytes;
  for (std::uint64_t state = 2'654'435'761; bytes.size() < 2367; state *= kPrime) {
    bytes += static_cast<char>(state >> 56);
  }
  struct Row {
    std::size_t size;
    std::uint64_t unkeyed, keyed;
  };
  const Row row = GENERATE(values<Row>({{0, 0x2D06800538D394C2, 0xA8A6B918B2F0364A},
                                        {1, 0xC44BDFF4074EECDB, 0x032BE332DD766EF8},
                                        {6, 0x27B56A84CD2D7325, 0x84589C116AB59AB9},
                                        {12, 0xA713DAF0DFBB77E7, 0xE7303E1B2336DE0E},
                                        {24, 0xA3FE70BF9D3510EB, 0x850E80FC35BDD690},
                                        {48, 0x397DA259ECBA1F11, 0xADC2CBAA44ACC616},
                                        {80, 0xBCDEFBBB2C47C90A, 0xC6DD0CB699532E73},
                                        {195, 0xCD94217EE362EC3A, 0xBA68003D370CB3D9},
                                        {403, 0xCDEB804D65C6DEA4, 0x6259F6ECFD6443FD},
                                        {2367, 0xCB37AEB9E5D361ED, 0xD2DB3415B942B42A}}));
  CAPTURE(row.size);
  CHECK(stable_hash(std::string_view(bytes).substr(0, row.size), 0) == row.unkeyed);
  CHECK(stable_hash(std::string_view(bytes).substr(0, row.size), kPrime) == row.keyed);
}

TEST_CASE("99 of 100 streams are counted within three standard errors from precision 7 on, 97 below", "[sketch]") {
  const int precision = GENERATE(4, 7, 14);
  int within_three = 0;
  int within_one = 0;
  for (int run = 0; run < kRuns; ++run) {
    Random random(run);
    const std::size_t size = some_size(random);
    const std::uint64_t key = random.bits();
    Cells cells = nothing(precision);
    std::size_t distinct = size;
    if (run % 2 == 0) {  // numbers in a row, as text
      for (std::size_t i = 0; i < size; ++i) add_hash(cells, stable_hash(std::to_string(i), key), precision);
    } else {
      static const Zipf kZipf(kMostValues, 1.1);
      std::vector<bool> seen(kMostValues);
      for (std::size_t i = 0; i < size; ++i) {
        const std::size_t rank = kZipf.next(random);
        seen[rank] = true;
        add_hash(cells, stable_hash("client-" + std::to_string(rank), key), precision);
      }
      distinct = static_cast<std::size_t>(std::count(seen.begin(), seen.end(), true));
    }
    REQUIRE(cells.size() == hyper_log_log_cells(precision));
    const double estimate = estimate_distinct(cells, precision);
    within_three += is_within(estimate, distinct, 3 * distinct_error(precision)) ? 1 : 0;
    within_one += is_within(estimate, distinct, distinct_error(precision)) ? 1 : 0;
  }
  if (kRuns < 1000) return;  // under a sanitizer: of few runs, three in a hundred may well be three
  CAPTURE(precision, within_three, within_one);
  CHECK(within_three >= kRuns * (precision < 7 ? 97 : 99) / 100);
  CHECK(within_one >= kRuns * 63 / 100);  // as of a normal distribution, and more of small streams
}

// The cells after about `count` values, each register drawn as the longest of a Poisson number of runs.
Cells drawn(Random& random, double count, int precision) {
  const int hash_bits = 64 - precision;
  Cells cells = nothing(precision);
  const std::uint64_t registers = std::uint64_t{1} << precision;
  for (std::uint64_t index = 0; index < registers; ++index) {
    const double each = count / static_cast<double>(registers);
    const double run = std::ceil(std::log2(each / -std::log1p(-random.fraction())));
    if (run < 1) continue;
    const std::uint64_t rest = run > hash_bits ? 0 : std::uint64_t{1} << (hash_bits - static_cast<int>(run));
    add_hash(cells, index << hash_bits | rest, precision);
  }
  return cells;
}

TEST_CASE("counts from 10^6 to beyond 10^19 are estimated as well as small ones", "[sketch]") {
  const double count = GENERATE(1e6, 1e9, 1e12, 1e15, 1e18, 1e19, 3e19);
  const int precision = 10;
  int within = 0;
  for (int run = 0; run < kRuns / 5; ++run) {
    Random random(run);
    const double estimate = estimate_distinct(drawn(random, count, precision), precision);
    within += std::abs(estimate - count) <= 3 * distinct_error(precision) * count ? 1 : 0;
  }
  CAPTURE(count, within);
  CHECK(within >= kRuns / 5 * 99 / 100);
}

TEST_CASE("the standard error of the default precision is 0.81 %, in 13 KiB", "[sketch]") {
  CHECK(distinct_error(kDefaultDistinctPrecision) == Approx(0.0081).epsilon(0.005));
  CHECK(hyper_log_log_cells(kDefaultDistinctPrecision) * sizeof(std::uint64_t) == 13'112);
  CHECK(hyper_log_log_cells(kSmallestDistinctPrecision) == 2);
}

TEST_CASE("an estimate of few values is them", "[sketch]") {
  Cells cells = nothing(kDefaultDistinctPrecision);
  CHECK(estimate_distinct(cells, kDefaultDistinctPrecision) == 0);
  for (int i = 1; i <= 10; ++i) {
    add_hash(cells, stable_hash("203.0.113." + std::to_string(i), 7), kDefaultDistinctPrecision);
    CHECK(std::lround(estimate_distinct(cells, kDefaultDistinctPrecision)) == i);
  }
}

TEST_CASE("a value that comes a million times counts once", "[sketch]") {
  Cells cells = nothing(kDefaultDistinctPrecision);
  add_hash(cells, stable_hash("203.0.113.7", 7), kDefaultDistinctPrecision);
  const Cells once = cells;
  for (int i = 0; i < effort(1'000'000); ++i) {
    add_hash(cells, stable_hash("203.0.113.7", 7), kDefaultDistinctPrecision);
  }
  CHECK(cells == once);
}

TEST_CASE("a register holds the longest run of zero bits, and no other register changes", "[sketch]") {
  const int precision = GENERATE(range(kSmallestDistinctPrecision, kLargestDistinctPrecision + 1));
  const std::size_t registers = std::size_t{1} << precision;
  Random random(precision);
  std::vector<int> longest(registers);
  Cells cells = nothing(precision);
  for (int i = 0; i < 3000; ++i) {
    const std::size_t index = random.below(registers);
    const int zeros = static_cast<int>(random.below(static_cast<std::size_t>(64 - precision) + 1));
    // Of the bits behind the index, `zeros` are 0 and the next, if there is one, is 1.
    const std::uint64_t rest = zeros == 64 - precision ? 0 : random.bits() | std::uint64_t{1} << 63;
    add_hash(cells,
             std::uint64_t{index} << (64 - precision) | (zeros == 64 - precision ? 0 : rest >> (precision + zeros)),
             precision);
    longest[index] = std::max(longest[index], zeros + 1);
  }
  Cells expected = nothing(precision);
  for (std::size_t i = 0; i < registers; ++i) {
    expected[i / 10] |= static_cast<std::uint64_t>(longest[i]) << (6 * (i % 10));
  }
  CHECK(cells == expected);
}

TEST_CASE("an estimate never falls, whatever is added", "[sketch]") {
  for (int run = 0; run < kRuns; ++run) {
    Random random(run);
    const int precision = static_cast<int>(random.below(5)) + 4;
    // Hashes as they are, all of one register, or with long runs of zeros until all registers are full.
    const std::size_t kind = random.below(3);
    Cells cells = nothing(precision);
    double before = 0;
    int falls = 0;
    for (int i = 0; i < 300; ++i) {
      std::uint64_t hash = random.bits();
      if (kind == 1) hash >>= precision;
      if (kind == 2) hash &= (random.bits() & random.bits() & random.bits()) | ~std::uint64_t{0} << (64 - precision);
      add_hash(cells, hash, precision);
      const double estimate = estimate_distinct(cells, precision);
      falls += estimate >= before ? 0 : 1;
      before = estimate;
    }
    CAPTURE(run, precision, kind);
    REQUIRE(falls == 0);
  }
}

TEST_CASE("hashes of one register are one value or few", "[sketch]") {
  Random random(1);
  Cells cells = nothing(kDefaultDistinctPrecision);
  for (std::size_t i = 0; i < kMostValues; ++i) add_hash(cells, random.bits() >> 14, kDefaultDistinctPrecision);
  CHECK(estimate_distinct(cells, kDefaultDistinctPrecision) == Approx(1).epsilon(0.01));
}

TEST_CASE("what is merged has the cells of having seen all", "[sketch]") {
  for (int run = 0; run < kRuns; ++run) {
    Random random(run);
    const int precision = static_cast<int>(random.below(13)) + 4;
    std::vector<std::uint64_t> hashes(random.below(1000));
    for (std::uint64_t& hash : hashes) hash = random.bits();
    std::vector<std::vector<std::uint64_t>> parts(1 + random.below(4));
    for (const std::uint64_t hash : hashes) {
      parts[random.below(parts.size())].push_back(hash);
      parts[random.below(parts.size())].push_back(hash);  // some are in two
    }
    Cells merged = nothing(precision);
    for (const auto& part : parts) merge_hyper_log_log(merged, added(part, precision));
    CAPTURE(run, precision);
    REQUIRE(merged == added(hashes, precision));
  }
}

}  // namespace
}  // namespace tailmeter
