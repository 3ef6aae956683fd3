// The buckets of a native histogram, in cells that somebody else owns: those of a series, or of a slice of a window.
//
// Bucket i of schema s holds the values above base^(i-1) and up to base^i, where base is 2^(2^-s) (Prometheus: native
// histograms; OpenTelemetry: exponential histograms). A value is put where exact arithmetic puts it: 2^k is the last
// one of its bucket. Values up to 2^-128, and so all that are not positive, are counted together as zero.
//
// The buckets between the smallest and the largest value are kept, empty ones too, and no more than there are cells
// for. A value that has no room halves the resolution until it has: bucket i becomes part of (i+1)/2 of the schema
// below. So what the cells hold depends on what was observed, not on its order, nor on how it was merged.
//
// Cells that are all 0 have seen nothing. Nothing here allocates. Any thread may use its own cells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tailmeter {

inline constexpr int kDefaultExponentialSchema = 3;  // a bucket's bound is 1.09 times the one before
inline constexpr int kLargestExponentialSchema = 8;
inline constexpr int kSmallestExponentialSchema = -4;
inline constexpr std::size_t kDefaultExponentialBuckets = 160;
inline constexpr std::size_t kFewestExponentialBuckets = 16;  // hold all values at the smallest schema
inline constexpr double kExponentialZeroThreshold = 0x1p-128;
inline constexpr double kLargestExponentialValue = 0x1p128;  // more than a Decimal can be

// The cells of at most `max_buckets` buckets.
constexpr std::size_t exponential_cells(std::size_t max_buckets) {
  return 2 + max_buckets;
}

// Counts `value`, which is at most kLargestExponentialValue and no NaN. `largest_schema` is that of the first value.
void observe_exponential(std::span<std::uint64_t> cells, double value, int largest_schema = kDefaultExponentialSchema);

// Adds what other cells have counted, of which there may be more or fewer. The coarser schema wins.
void merge_exponential(std::span<std::uint64_t> into, std::span<const std::uint64_t> from);

// What cells have counted. `counts` are those of the buckets first_index, first_index + 1, ...; the first and the last
// are not 0. Cells that have seen nothing are of the largest schema, so that no scrape sees a resolution rise.
struct ExponentialView {
  int schema = kLargestExponentialSchema;
  double zero_threshold = kExponentialZeroThreshold;
  std::uint64_t zero_count = 0;
  std::int32_t first_index = 0;
  std::span<const std::uint64_t> counts;  // in the cells
};
[[nodiscard]] ExponentialView view_exponential(std::span<const std::uint64_t> cells);

// About the smallest value that a share of `q`, from 0 to 1, of all values do not exceed: off by quantile_error() of
// that value at most, half a bucket. NaN if there are none.
[[nodiscard]] double quantile(const ExponentialView& view, double q);

// The largest relative error of quantile(): 0.0433 at schema 3.
[[nodiscard]] double quantile_error(int schema);

}  // namespace tailmeter
