// Seeded streams for the tests of sketches, and how many runs of them there are.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "test/support/effort.h"

namespace tailmeter {

inline constexpr int kRuns = effort(1000);

class Random {
 public:
  explicit Random(int seed) : bits_(static_cast<std::uint64_t>(seed)) {}

  std::uint64_t bits() { return bits_(); }
  std::size_t below(std::size_t bound) { return bits_() % bound; }  // distributions differ between libraries
  double fraction() { return std::ldexp(static_cast<double>(bits_() >> 11), -53); }
  template <typename Values>
  const auto& one_of(const Values& values) {
    return values[below(std::size(values))];
  }
  template <typename T>
  void shuffle(std::vector<T>& values) {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

 private:
  std::mt19937_64 bits_;
};

// Ranks from 0, of which rank r comes in proportion to 1 / (r + 1)^exponent.
class Zipf {
 public:
  Zipf(std::size_t ranks, double exponent) {
    double sum = 0;
    for (std::size_t rank = 0; rank < ranks; ++rank) {
      sum += std::pow(static_cast<double>(rank + 1), -exponent);
      sums_.push_back(sum);
    }
  }

  std::size_t next(Random& random) const {
    const auto found = std::upper_bound(sums_.begin(), sums_.end() - 1, random.fraction() * sums_.back());
    return static_cast<std::size_t>(found - sums_.begin());
  }

 private:
  std::vector<double> sums_;
};

}  // namespace tailmeter
