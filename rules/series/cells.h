// What the 64-bit cells of a row hold.
//
// A row is all that is known of a series: a snapshot copies it, the state on the disk keeps it. So everything that a
// series is made of has its place in cells, sketches too. Cells that are all 0 are a series that nothing came to, but
// for a gauge.
//
// Pure functions; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>

#include "parsers/decimal.h"
#include "rules/series/family_description.h"
#include "rules/sketch/sliding_window.h"

namespace tailmeter {

inline constexpr std::size_t kDecimalCells = 2;

inline Decimal load_decimal(const std::uint64_t* cells) {
  Int128 nanos;
  std::memcpy(&nanos, cells, sizeof nanos);
  return Decimal::from_nanos(nanos);
}

inline void store_decimal(std::uint64_t* cells, Decimal value) {
  const Int128 nanos = value.nanos();
  std::memcpy(cells, &nanos, sizeof nanos);
}

inline void add_decimal(std::uint64_t* cells, Decimal amount) {
  store_decimal(cells, load_decimal(cells) + amount);
}

// What a gauge's row holds until its first value, which is neither added to 0 nor compared with it. Not shown.
inline constexpr Decimal kUnsetGauge =
    Decimal::from_nanos(std::numeric_limits<std::int64_t>::min() * (Int128{1} << 64));

inline constexpr NativeResolution kSummaryResolution{};  // for quantiles within 4.4 %

// Where the parts of a family's rows are; 0 for those that it does not have, and for the part in front.
//
// counter, gauge: the value. histogram: the sum, the counts of its buckets, its native buckets, an exemplar of each
// bucket. summary: the sum, the count, native buckets for each slice of the window. ratio: hits and all, for each
// slice. distinct: a HyperLogLog, or one for each slice. topk: the count, and by how much it may be too high.
struct CellLayout {
  explicit CellLayout(const FamilyDescription& family);

  std::size_t native = 0;     // histogram
  std::size_t exemplars = 0;  // histogram
  std::size_t count = 0;      // summary
  std::size_t slices = 0;     // of the window
  std::size_t last_used = 0;  // milliseconds since 1970, where series are let go of
  std::size_t size = 0;
  std::optional<SlidingWindow> window{};  // over which is measured, if not from the beginning on
};

}  // namespace tailmeter
