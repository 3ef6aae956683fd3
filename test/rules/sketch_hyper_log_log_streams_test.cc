// HyperLogLog on streams that have a structure: what differs in few bits, or in one place only, has to hash as well as
// what is drawn by chance. They are counted where an estimator's regimes meet: where most registers are still empty,
// where linear counting and the raw estimate part (2.5 values a register), and where the raw one has no bias left (5).
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "rules/series/family.h"
#include "rules/sketch/hyper_log_log.h"
#include "rules/sketch/stable_hash.h"
#include "test/rules/sketch_streams.h"

namespace tailmeter {
namespace {

constexpr std::array kValuesPerRegister{0.125, 0.5, 1.0, 2.0, 2.5, 3.0, 5.0, 6.0};

using Member = std::function<std::string(std::size_t number)>;  // no two of a stream are equal

struct Structure {
  const char* name;
  Member (*stream)(Random& random);
};

std::string bytes_of(std::uint64_t number, std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(number >> (8 * i));
  return bytes;
}

std::string some_bytes(Random& random, std::size_t size) {
  std::string bytes;
  while (bytes.size() < size) bytes += static_cast<char>(random.bits());
  return bytes;
}

Member numbers_in_a_row(Random& random) {
  const std::uint64_t first = random.bits() >> (20 + random.below(30));
  return [=](std::size_t number) { return std::to_string(first + number); };
}

Member falling_numbers_of_one_width(Random& random) {
  const std::uint64_t last = 1'000'000'000'000 + random.below(8'000'000'000'000);
  return [=](std::size_t number) { return std::to_string(last - number); };
}

Member addresses_of_one_network(Random& random) {
  const std::size_t network = random.below(0xff00);
  return [=](std::size_t number) {
    const std::size_t address = (network << 16) + number;
    return std::to_string(address >> 24) + '.' + std::to_string(address >> 16 & 0xff) + '.' +
           std::to_string(address >> 8 & 0xff) + '.' + std::to_string(address & 0xff);
  };
}

Member last_bytes_differ(Random& random) {
  const std::string front = some_bytes(random, random.below(60));
  return [=](std::size_t number) { return front + bytes_of(number, 3); };
}

Member first_bytes_differ(Random& random) {
  const std::string rest = some_bytes(random, random.below(60));
  return [=](std::size_t number) { return bytes_of(number, 3) + rest; };
}

Member long_prefix_in_common(Random& random) {
  const std::string prefix = "/v2/" + std::string(100 + random.below(300), 'x') + '/';
  return [=](std::size_t number) { return prefix + std::to_string(number); };
}

Member one_byte_repeated(Random& random) {
  constexpr std::size_t kBytes = 64;
  const std::size_t first = random.below(256);
  return
      [=](std::size_t number) { return std::string(1 + number / kBytes, static_cast<char>(first + number % kBytes)); };
}

Member two_bits_differ(Random& random) {
  const std::string base = some_bytes(random, 64);
  return [=](std::size_t number) {
    const std::size_t bits = 8 * base.size();
    const std::size_t one = number % bits;
    const std::size_t other = (one + 1 + number / bits) % bits;
    std::string bytes = base;
    for (const std::size_t bit : {one, other}) bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
    return bytes;
  };
}

Member multiples_of_a_power_of_two(Random& random) {
  const std::size_t shift = random.below(46);
  return [=](std::size_t number) { return bytes_of(number << shift, 8); };
}

constexpr Structure kStructures[] = {{"numbers in a row", numbers_in_a_row},
                                     {"falling numbers of one width", falling_numbers_of_one_width},
                                     {"addresses of one network", addresses_of_one_network},
                                     {"the last bytes differ", last_bytes_differ},
                                     {"the first bytes differ", first_bytes_differ},
                                     {"a long prefix in common", long_prefix_in_common},
                                     {"one byte repeated, longer and longer", one_byte_repeated},
                                     {"two bits differ", two_bits_differ},
                                     {"multiples of a power of two", multiples_of_a_power_of_two}};

// How far estimates are off, in standard errors.
class Errors {
 public:
  explicit Errors(int precision) : precision_(precision) {}

  void add(double estimate, double exact) {
    const double error = (estimate - exact) / exact / distinct_error(precision_);
    ++count_;
    within_three_ += std::abs(error) <= 3 ? 1 : 0;
    sum_ += error;
  }

  [[nodiscard]] bool are_99_of_100_within_three() const { return 100 * within_three_ >= 99 * count_; }
  [[nodiscard]] double mean() const { return sum_ / count_; }

 private:
  int precision_;
  int count_ = 0;
  int within_three_ = 0;
  double sum_ = 0;
};

TEST_CASE("whatever structure a stream has, 99 of 100 are counted within three standard errors", "[sketch]") {
  constexpr int kPrecision = 8;
  const Structure& structure = GENERATE(from_range(std::begin(kStructures), std::end(kStructures)));
  std::vector<Errors> errors(kValuesPerRegister.size(), Errors(kPrecision));
  for (int run = 0; run < kRuns; ++run) {
    Random random(run);
    const std::uint64_t key = random.bits();
    const Member member = structure.stream(random);
    std::vector<std::uint64_t> cells(hyper_log_log_cells(kPrecision));
    std::size_t number = 0;
    for (std::size_t i = 0; i < errors.size(); ++i) {
      const double exact = std::ldexp(kValuesPerRegister[i], kPrecision);
      while (static_cast<double>(number) < exact) add_hash(cells, stable_hash(member(number++), key), kPrecision);
      errors[i].add(estimate_distinct(cells, kPrecision), exact);
    }
  }
  if (kRuns < 1000) return;  // under a sanitizer: of few runs, one in a hundred may well be one
  for (std::size_t i = 0; i < errors.size(); ++i) {
    CAPTURE(structure.name, kValuesPerRegister[i], errors[i].mean());
    CHECK(errors[i].are_99_of_100_within_three());
    CHECK(std::abs(errors[i].mean()) < 0.2);  // no regime is too high or too low
  }
}

TEST_CASE("a distinct counts structured members within three standard errors at its own precision and key",
          "[sketch]") {
  constexpr int kFamilies = std::max(1, kRuns / 100);
  const Structure& structure = GENERATE(from_range(std::begin(kStructures), std::end(kStructures)));
  Errors errors(kDefaultDistinctPrecision);
  for (int run = 0; run < kFamilies; ++run) {
    Random random(run);
    const Member member = structure.stream(random);
    Family family({.name = "members_total", .kind = SeriesKind::kDistinct, .max_series = 1});
    const Row row = family.find_or_add({});
    std::size_t number = 0;
    for (const double each : kValuesPerRegister) {
      const double exact = std::ldexp(each, kDefaultDistinctPrecision);
      while (static_cast<double>(number) < exact) family.count_distinct(row, member(number++));
      errors.add(family.snapshot().value(row).to_double(), exact);
    }
  }
  CAPTURE(structure.name, errors.mean());
  CHECK(errors.are_99_of_100_within_three());
}

TEST_CASE("the order in which members come changes no cell", "[sketch]") {
  const Structure& structure = GENERATE(from_range(std::begin(kStructures), std::end(kStructures)));
  CAPTURE(structure.name);
  for (int run = 0; run < kRuns / 20; ++run) {
    Random random(run);
    const Member member = structure.stream(random);
    std::vector<std::string> members;
    for (std::size_t number = 0; number < 500; ++number) members.push_back(member(number));
    const auto cells_of_all = [&] {
      std::vector<std::uint64_t> cells(hyper_log_log_cells(8));
      for (const std::string& each : members) add_hash(cells, stable_hash(each, 7), 8);
      return cells;
    };
    const auto cells = cells_of_all();
    std::reverse(members.begin(), members.end());
    REQUIRE(cells_of_all() == cells);
    std::sort(members.begin(), members.end());
    REQUIRE(std::adjacent_find(members.begin(), members.end()) == members.end());  // as Member says
    REQUIRE(cells_of_all() == cells);
    random.shuffle(members);
    REQUIRE(cells_of_all() == cells);
  }
}

}  // namespace
}  // namespace tailmeter
