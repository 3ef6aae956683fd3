// How many different values there were, in cells that somebody else owns (HyperLogLog: Flajolet and others, 2007).
//
// A precision of p takes 2^p registers, and has a standard error of 1.04 / 2^(p/2). Each register holds the longest run
// of zero bits that a hash of its own had; the estimate is Ertl's improved raw estimator ("New cardinality estimation
// algorithms for HyperLogLog sketches", 2017), which needs no tables and no threshold between small and large counts.
// An estimate never falls when hashes are added, so it can be shown as a counter.
//
// From precision 7 on, 99 of 100 estimates are within three standard errors. The estimator's constant is that of many
// registers: with few it is too high, by 7.5 % in the mean at precision 4, where the error is 1.2 times the one stated
// and 2.5 of 100 estimates are beyond three of it (1.6 at 5, 0.9 at 6; measured on 10,000 streams).
//
// Hashes are the caller's, of well mixed bits, and the same over restarts: see stable_hash.h.
//
// Cells that are all 0 have seen nothing. Nothing here allocates. Any thread may use its own cells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tailmeter {

inline constexpr int kDefaultDistinctPrecision = 14;  // 13 KiB
inline constexpr int kSmallestDistinctPrecision = 4;
inline constexpr int kLargestDistinctPrecision = 16;

inline constexpr std::size_t kRegistersPerCell = 10;  // of six bits: none lies in two cells

constexpr std::size_t hyper_log_log_cells(int precision) {
  return ((std::size_t{1} << precision) + kRegistersPerCell - 1) / kRegistersPerCell;
}

void add_hash(std::span<std::uint64_t> cells, std::uint64_t hash, int precision);

// Adds what other cells of the same precision have seen: the result is that of having seen all of it.
void merge_hyper_log_log(std::span<std::uint64_t> into, std::span<const std::uint64_t> from);

// About how many different hashes were added.
[[nodiscard]] double estimate_distinct(std::span<const std::uint64_t> cells, int precision);

// The standard error of estimate_distinct(), relative: 0.0081 at precision 14.
[[nodiscard]] double distinct_error(int precision);

}  // namespace tailmeter
