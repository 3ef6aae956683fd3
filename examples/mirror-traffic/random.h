// Random numbers that are the same on every machine: one seed, one log.
//
// The generator is SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014). The
// standard library's distributions differ between implementations, so the few that are needed are written out here.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace tailmeter {

// A number that depends on every bit of `number`, and looks as if it did not.
constexpr std::uint64_t scrambled(std::uint64_t number) {
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
  number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
  return number ^ (number >> 31);
}

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() { return scrambled(state_ += 0x9e3779b97f4a7c15); }

  // At least 0, less than 1.
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  // At least 0, less than `limit`, which is less than 2^32.
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(((next() >> 32) * limit) >> 32); }

  bool chance(double probability) { return unit() < probability; }

  // Half of the numbers are below `median`, one in six is above `spread` times it: about log-normal.
  double around(double median, double spread) {
    double sum = -2;
    for (int term = 0; term < 4; ++term) sum += unit();
    return median * std::exp(std::log(spread) * sum * 1.732);
  }

 private:
  std::uint64_t state_;
};

}  // namespace tailmeter
