// A hash that the writers of log lines cannot aim at: XXH3 with a seed drawn when the process starts.
//
// Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string_view>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tailmeter {

inline std::uint64_t process_hash_seed() {
  static const std::uint64_t seed = [] {
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
  }();
  return seed;
}

// Keeps its own copy of the seed: reading a function's static costs a guard on each call.
struct SeededHash {
  using is_transparent = void;
  using is_avalanching = void;  // tells Boost not to mix again

  std::size_t operator()(std::string_view bytes) const {
    return static_cast<std::size_t>(XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed));
  }

  std::uint64_t seed = process_hash_seed();
};

}  // namespace tailmeter
