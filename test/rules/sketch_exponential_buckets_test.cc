#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

#include <catch2/catch.hpp>

#include "rules/sketch/exponential_buckets.h"
#include "test/rules/sketch_streams.h"

namespace tailmeter {
namespace {

using Cells = std::vector<std::uint64_t>;

Cells observed(const std::vector<double>& values, std::size_t max_buckets, int schema) {
  Cells cells(exponential_cells(max_buckets));
  for (const double value : values) observe_exponential(cells, value, schema);
  return cells;
}

// What a view says of buckets: their counts by index.
std::map<std::int32_t, std::uint64_t> counts_of(const ExponentialView& view) {
  std::map<std::int32_t, std::uint64_t> counts;
  for (std::size_t i = 0; i < view.counts.size(); ++i) {
    if (view.counts[i] != 0) counts[view.first_index + static_cast<std::int32_t>(i)] = view.counts[i];
  }
  return counts;
}

// A number of any size, in digits of 32 bits, the lowest first.
std::vector<std::uint64_t> squared(const std::vector<std::uint64_t>& digits) {
  std::vector<std::uint64_t> result(2 * digits.size());
  for (std::size_t i = 0; i < digits.size(); ++i) {
    std::uint64_t carry = 0;
    for (std::size_t k = 0; k < digits.size(); ++k) {
      carry += digits[i] * digits[k] + result[i + k];
      result[i + k] = carry & 0xffffffff;
      carry >>= 32;
    }
    result[i + digits.size()] = carry;
  }
  while (result.back() == 0) result.pop_back();
  return result;
}

// The smallest i with value <= 2^(i / 2^schema), in integers. For schemas above 0: value is m * 2^e with an odd m, so
// 2^i >= m^(2^schema) * 2^(e * 2^schema), and i - e * 2^schema is how many bits the power of m has, of which only 1 is
// a power of two.
std::int32_t exact_index(double value, int schema) {
  int exponent = 0;
  auto odd = static_cast<std::uint64_t>(std::ldexp(std::frexp(value, &exponent), 53));
  exponent += std::countr_zero(odd) - 53;
  odd >>= std::countr_zero(odd);
  std::vector<std::uint64_t> power{odd & 0xffffffff};
  if (odd >> 32 != 0) power.push_back(odd >> 32);
  for (int i = 0; i < schema; ++i) power = squared(power);
  const int bits = static_cast<int>((power.size() - 1) * 32 + std::bit_width(power.back()));
  std::int32_t index = exponent * (1 << std::max(schema, 0)) + (odd == 1 ? 0 : bits);
  if (schema >= 0) return index;
  const int octaves = 1 << -schema;  // of a bucket
  while (index % octaves != 0) ++index;
  return index / octaves;
}

// The largest schema, `largest` at most, in which these values have no more than `max_buckets` between them.
int exact_schema(const std::vector<double>& sorted, std::size_t max_buckets, int largest) {
  int schema = largest;
  while (exact_index(sorted.back(), schema) - exact_index(sorted.front(), schema) >=
         static_cast<std::int32_t>(max_buckets)) {
    --schema;
  }
  return schema;
}

std::vector<double> doubling_values() {
  std::vector<double> values;
  for (double value = 1e-9; value <= 1e12; value *= 2) values.push_back(value);
  return values;
}

// Streams that are like request times, like sizes, or made to be difficult.
std::vector<double> stream_of(Random& random) {
  const std::size_t size = 1 + random.below(2000);
  const std::size_t kind = random.below(6);
  const Zipf zipf(1000, 1 + random.fraction());
  std::vector<double> values;
  double value = 0.001 + random.fraction();
  while (values.size() < size) {
    switch (kind) {
      case 0:
        value = std::exp(4 * random.fraction() * random.fraction()) / 100;
        break;
      case 1:
        value = static_cast<double>(zipf.next(random) + 1);
        break;
      case 2:
        value = random.one_of(doubling_values());
        break;
      case 3:
        break;  // one value
      case 4:
        value = std::exp2(std::ldexp(static_cast<double>(random.below(200)), -3) - 12);  // at a bound or beside it
        break;
      default:
        value = value > 1e12 ? 1e-9 : value * 2;
    }
    values.push_back(value);
  }
  return values;
}

TEST_CASE("a value is in the bucket that exact arithmetic puts it in, at and beside each bound", "[sketch]") {
  Random random(1);
  std::vector<double> values{kLargestExponentialValue, std::nextafter(kExponentialZeroThreshold, 1), 1e-9, 0.1, 1e12};
  for (int step = 0; step < 256; step += 256 / effort(256)) {
    const double bound = std::exp2(step / 256.0 + static_cast<double>(random.below(100)) - 50);
    const double below = std::nextafter(bound, 0);
    const double above = std::nextafter(bound, 1e300);
    values.insert(values.end(), {std::nextafter(below, 0), below, bound, above, std::nextafter(above, 1e300)});
  }
  for (int i = 0; i < effort(500); ++i) values.push_back(std::exp2(60 * random.fraction() - 30));
  for (int schema = kSmallestExponentialSchema; schema <= kLargestExponentialSchema; ++schema) {
    std::size_t wrong = 0;
    for (const double value : values) {
      const Cells cells = observed({value}, kFewestExponentialBuckets, schema);
      const std::map<std::int32_t, std::uint64_t> expected{{exact_index(value, schema), 1}};
      if (counts_of(view_exponential(cells)) != expected || view_exponential(cells).schema != schema) ++wrong;
    }
    CAPTURE(schema);
    CHECK(wrong == 0);
  }
}

TEST_CASE("a power of two is the last value of its bucket at every schema above 0", "[sketch]") {
  for (int schema = 0; schema <= kLargestExponentialSchema; ++schema) {
    for (const int exponent : {-30, -1, 0, 1, 40}) {
      const double value = std::ldexp(1, exponent);
      const std::int32_t index = exponent * (1 << schema);
      const Cells cells = observed({value, std::nextafter(value, 1e300), std::nextafter(value, 0)}, 160, schema);
      CHECK(counts_of(view_exponential(cells)) == std::map<std::int32_t, std::uint64_t>{{index, 2}, {index + 1, 1}});
    }
  }
}

TEST_CASE("the counts of buckets are those of exact arithmetic at the largest schema that has room", "[sketch]") {
  for (int run = 0; run < kRuns / 10; ++run) {
    Random random(run);
    std::vector<double> values = stream_of(random);
    values.resize(std::min<std::size_t>(values.size(), 300));
    const std::size_t max_buckets = 16 + random.below(150);
    const int largest = static_cast<int>(random.below(8)) - 4;
    const Cells cells = observed(values, max_buckets, largest);
    std::sort(values.begin(), values.end());
    const int schema = exact_schema(values, max_buckets, largest);
    std::map<std::int32_t, std::uint64_t> expected;
    for (const double value : values) ++expected[exact_index(value, schema)];
    const ExponentialView view = view_exponential(cells);
    CAPTURE(run, largest, max_buckets);
    REQUIRE(view.schema == schema);
    REQUIRE(counts_of(view) == expected);
    REQUIRE(view.counts.front() != 0);
    REQUIRE(view.counts.back() != 0);
  }
}

TEST_CASE("a quantile is within half a bucket of the exact one", "[sketch]") {
  for (int run = 0; run < kRuns; ++run) {
    Random random(run);
    std::vector<double> values = stream_of(random);
    const std::size_t max_buckets = random.one_of(std::vector<std::size_t>{16, 40, 160});
    const int largest = static_cast<int>(random.below(9));
    const Cells cells = observed(values, max_buckets, largest);
    REQUIRE(cells.size() == exponential_cells(max_buckets));
    const ExponentialView view = view_exponential(cells);
    std::sort(values.begin(), values.end());
    const double error = quantile_error(view.schema) + 1e-12;
    for (const std::size_t percent : {0U, 1U, 7U, 25U, 50U, 90U, 99U, 100U}) {
      const std::size_t rank = std::max<std::size_t>(1, (percent * values.size() + 99) / 100);
      const double exact = values[rank - 1];
      const double estimate = quantile(view, static_cast<double>(percent) / 100);
      CAPTURE(run, largest, max_buckets, view.schema, percent, exact, estimate);
      REQUIRE(std::abs(estimate - exact) <= error * exact);
    }
  }
}

TEST_CASE("the error of a quantile is 4.33 % at schema 3, and each schema below has about twice that", "[sketch]") {
  CHECK(quantile_error(3) == Approx((1.0905077326652577 - 1) / (1.0905077326652577 + 1)));  // 2^(1/8)
  CHECK(quantile_error(0) == Approx(1.0 / 3));
  CHECK(quantile_error(-1) == Approx(3.0 / 5));
}

TEST_CASE("160 buckets hold values that are 9e5 times apart at schema 3, 9e11 at 2, and 8e23 at 1", "[sketch]") {
  const auto [apart, schema] = GENERATE(table<double, int>({{9e5, 3}, {9e11, 2}, {8e23, 1}}));
  Random random(schema);
  for (int run = 0; run < kRuns; ++run) {
    const double smallest = std::exp2(40 * random.fraction() - 30);
    const Cells cells = observed({smallest, smallest * apart}, kDefaultExponentialBuckets, kDefaultExponentialSchema);
    CAPTURE(smallest, apart);
    REQUIRE(view_exponential(cells).schema >= schema);
  }
}

TEST_CASE("what is merged is what one would have observed, to the last cell", "[sketch]") {
  for (int run = 0; run < kRuns; ++run) {
    Random random(run);
    std::vector<double> values = stream_of(random);
    if (random.below(3) == 0) values.resize(values.size() + random.below(10));  // zeros
    const std::size_t max_buckets = 16 + random.below(150);
    const int schema = static_cast<int>(random.below(13)) - 4;
    const Cells all = observed(values, max_buckets, schema);
    random.shuffle(values);
    REQUIRE(observed(values, max_buckets, schema) == all);
    std::vector<std::vector<double>> parts(1 + random.below(10));
    for (const double value : values) parts[random.below(parts.size())].push_back(value);
    Cells merged(exponential_cells(max_buckets));
    for (const std::vector<double>& part : parts) merge_exponential(merged, observed(part, max_buckets, schema));
    CAPTURE(run, max_buckets, schema);
    REQUIRE(merged == all);
  }
}

TEST_CASE("of two schemas the coarser wins, and of two limits that of the cells merged into", "[sketch]") {
  for (int run = 0; run < kRuns / 4; ++run) {
    Random random(run);
    const std::vector<double> left = stream_of(random);
    const std::vector<double> right = stream_of(random);
    const int left_schema = static_cast<int>(random.below(13)) - 4;
    const int right_schema = static_cast<int>(random.below(13)) - 4;
    std::vector<double> both = left;
    both.insert(both.end(), right.begin(), right.end());
    Cells merged = observed(left, 16, left_schema);
    merge_exponential(merged, observed(right, 160, right_schema));
    CAPTURE(run, left_schema, right_schema);
    REQUIRE(merged == observed(both, 16, std::min(left_schema, right_schema)));
    Cells copy(exponential_cells(16));
    merge_exponential(copy, merged);
    REQUIRE(copy == merged);
  }
}

TEST_CASE("the whole range of values fits into 16 buckets", "[sketch]") {
  const Cells cells = observed({std::nextafter(kExponentialZeroThreshold, 1), 1, kLargestExponentialValue}, 16, 8);
  const ExponentialView view = view_exponential(cells);
  CHECK(view.schema == -4);
  CHECK(counts_of(view) == std::map<std::int32_t, std::uint64_t>{{-7, 1}, {0, 1}, {8, 1}});
}

TEST_CASE("values up to the zero threshold are in the bucket of zero, and in no other", "[sketch]") {
  const Cells cells = observed({0, kExponentialZeroThreshold, -1, 1e-300}, 160, 3);
  const ExponentialView view = view_exponential(cells);
  CHECK(view.schema == 3);
  CHECK(view.zero_threshold == std::ldexp(1, -128));
  CHECK(view.zero_count == 4);
  CHECK(view.counts.empty());
  CHECK(quantile(view, 1) == 0);
  Cells merged = observed({1}, 160, 3);
  merge_exponential(merged, cells);
  CHECK(view_exponential(merged).zero_count == 4);
  CHECK(quantile(view_exponential(merged), 0.8) == 0);
  CHECK(quantile(view_exponential(merged), 0.81) == Approx(1).epsilon(0.044));
}

TEST_CASE("cells that are all 0 have seen nothing", "[sketch]") {
  const Cells nothing(exponential_cells(160));
  const ExponentialView view = view_exponential(nothing);
  CHECK(view.zero_count == 0);
  CHECK(view.counts.empty());
  CHECK(std::isnan(quantile(view, 0.5)));
  const Cells before = observed({0, 1, 5}, 160, 3);
  Cells cells = before;
  merge_exponential(cells, nothing);
  CHECK(cells == before);
  cells = nothing;
  merge_exponential(cells, nothing);
  CHECK(cells == nothing);
}

TEST_CASE("a quantile counts like a hand does", "[sketch]") {
  std::vector<double> values(100);
  std::iota(values.begin(), values.end(), 1);
  const Cells cells = observed(values, 2000, 8);  // buckets of 0.3 %: each value has its own
  const ExponentialView view = view_exponential(cells);
  REQUIRE(view.schema == 8);
  const auto [q, value] = GENERATE(table<double, int>(
      {{0, 1}, {0.01, 1}, {0.011, 2}, {0.07, 7}, {0.29, 29}, {0.5, 50}, {0.505, 51}, {0.99, 99}, {1, 100}}));
  CAPTURE(q);
  CHECK(std::lround(quantile(view, q)) == value);
}

}  // namespace
}  // namespace tailmeter
