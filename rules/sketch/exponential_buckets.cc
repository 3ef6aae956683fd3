#include "rules/sketch/exponential_buckets.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace tailmeter {
namespace {

constexpr std::size_t kZeroCell = 0;
constexpr std::size_t kHeadCell = 1;
constexpr std::size_t kHeadCells = exponential_cells(0);

using Counts = std::span<std::uint64_t>;

// Of which buckets the counts are. The first count is not 0 if any is: equal contents are equal cells.
struct Head {
  int schema = kLargestExponentialSchema;
  std::int32_t first_index = 0;
};

bool has_head(std::span<const std::uint64_t> cells) {
  return cells[kHeadCell] != 0;
}

Head load_head(std::span<const std::uint64_t> cells) {
  const std::uint64_t packed = cells[kHeadCell];
  return {static_cast<int>(packed & 0xff) + kSmallestExponentialSchema - 1, static_cast<std::int32_t>(packed >> 32)};
}

void store_head(std::span<std::uint64_t> cells, Head head) {
  cells[kHeadCell] = std::uint64_t{static_cast<std::uint32_t>(head.first_index)} << 32 |
                     static_cast<std::uint64_t>(head.schema - kSmallestExponentialSchema + 1);
}

constexpr int kStepsPerOctave = 1 << kLargestExponentialSchema;

// The bounds of the largest schema from 1/2 to below 1, each by the largest double that is not above it. Those of the
// other schemas are among them.
std::array<double, kStepsPerOctave> bounds_of_octave() {
  std::array<double, kStepsPerOctave> bounds{};
  for (int step = 0; step < kStepsPerOctave; ++step) {
    const long double bound = std::exp2(static_cast<long double>(step) / kStepsPerOctave - 1);
    double& below = bounds[static_cast<std::size_t>(step)] = static_cast<double>(bound);
    if (static_cast<long double>(below) > bound) below = std::nextafter(below, 0.0);
  }
  return bounds;
}

const std::array<double, kStepsPerOctave> kBoundsOfOctave = bounds_of_octave();

std::int32_t index_at_largest_schema(double value) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  const auto bound = std::lower_bound(kBoundsOfOctave.begin(), kBoundsOfOctave.end(), fraction);
  return (exponent - 1) * kStepsPerOctave + static_cast<std::int32_t>(bound - kBoundsOfOctave.begin());
}

// The bucket that bucket `index` is part of `by` schemas below.
std::int32_t coarser(std::int32_t index, int by) {
  return (index + (1 << by) - 1) >> by;
}

void coarsen(Head& head, Counts counts, int by) {
  const std::int32_t old_first = std::exchange(head.first_index, coarser(head.first_index, by));
  head.schema -= by;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::uint64_t count = std::exchange(counts[i], 0);
    if (count == 0) continue;  // behind the largest value there may be no place to move to
    const std::int32_t index = coarser(old_first + static_cast<std::int32_t>(i), by);
    counts[static_cast<std::size_t>(index - head.first_index)] += count;
  }
}

std::int32_t last_index(Head head, std::span<const std::uint64_t> counts) {
  const auto last = std::find_if(counts.rbegin(), counts.rend(), [](std::uint64_t count) { return count != 0; });
  return head.first_index + static_cast<std::int32_t>(counts.rend() - last) - 1;
}

// Sees to it that the buckets `first` to `last` of the schema are among the counts, if need be as parts of larger ones.
void make_room(Head& head, Counts counts, std::int32_t first, std::int32_t last) {
  const auto size = static_cast<std::int32_t>(counts.size());
  const bool is_empty = counts.front() == 0;
  if (!is_empty && first >= head.first_index && last < head.first_index + size) return;
  assert(counts.size() >= kFewestExponentialBuckets);
  if (is_empty) {
    head.first_index = first;
  } else {
    first = std::min(first, head.first_index);
    last = std::max(last, last_index(head, counts));
  }
  int by = 0;
  while (coarser(last, by) - coarser(first, by) >= size) ++by;
  assert(head.schema - by >= kSmallestExponentialSchema);
  if (by > 0) coarsen(head, counts, by);
  const std::int32_t shift = head.first_index - coarser(first, by);
  head.first_index -= shift;
  std::copy_backward(counts.begin(), counts.end() - shift, counts.end());
  std::fill_n(counts.begin(), shift, 0);
}

double base_of(int schema) {
  return std::exp2(std::ldexp(1, -schema));
}

// The value from which no value of the bucket is further off than quantile_error().
double middle_of(int schema, std::int32_t index) {
  return 2 * std::exp2(std::ldexp(index, -schema)) / (base_of(schema) + 1);
}

}  // namespace

void observe_exponential(std::span<std::uint64_t> cells, double value, int largest_schema) {
  assert(value <= kLargestExponentialValue);
  Head head = has_head(cells) ? load_head(cells) : Head{largest_schema, 0};
  if (value <= kExponentialZeroThreshold) {
    ++cells[kZeroCell];
  } else {
    const Counts counts = cells.subspan(kHeadCells);
    const std::int32_t fine = index_at_largest_schema(value);
    const std::int32_t index = coarser(fine, kLargestExponentialSchema - head.schema);
    make_room(head, counts, index, index);
    ++counts[static_cast<std::size_t>(coarser(fine, kLargestExponentialSchema - head.schema) - head.first_index)];
  }
  store_head(cells, head);
}

void merge_exponential(std::span<std::uint64_t> into, std::span<const std::uint64_t> from) {
  if (!has_head(from)) return;
  const ExponentialView added = view_exponential(from);
  Head head = has_head(into) ? load_head(into) : Head{added.schema, 0};
  const Counts counts = into.subspan(kHeadCells);
  into[kZeroCell] += added.zero_count;
  if (head.schema > added.schema) coarsen(head, counts, head.schema - added.schema);
  if (!added.counts.empty()) {
    const std::int32_t last = added.first_index + static_cast<std::int32_t>(added.counts.size()) - 1;
    const int by = added.schema - head.schema;
    make_room(head, counts, coarser(added.first_index, by), coarser(last, by));
    for (std::int32_t index = added.first_index; index <= last; ++index) {
      counts[static_cast<std::size_t>(coarser(index, added.schema - head.schema) - head.first_index)] +=
          added.counts[static_cast<std::size_t>(index - added.first_index)];
    }
  }
  store_head(into, head);
}

ExponentialView view_exponential(std::span<const std::uint64_t> cells) {
  if (!has_head(cells)) return {};
  const Head head = load_head(cells);
  ExponentialView view{head.schema, kExponentialZeroThreshold, cells[kZeroCell], head.first_index, {}};
  const auto counts = cells.subspan(kHeadCells);
  if (counts.front() != 0) {
    view.counts = counts.first(static_cast<std::size_t>(last_index(head, counts) - head.first_index) + 1);
  }
  return view;
}

double quantile(const ExponentialView& view, double q) {
  assert(q >= 0 && q <= 1);
  const std::uint64_t total = std::accumulate(view.counts.begin(), view.counts.end(), view.zero_count);
  if (total == 0) return std::numeric_limits<double>::quiet_NaN();
  // 0.07 * 100 is a little more than 7, and yet the seventh of a hundred is meant.
  const double share = q * static_cast<double>(total) * (1 - std::numeric_limits<double>::epsilon());
  const double rank = std::max(1.0, std::ceil(share));
  std::uint64_t passed = view.zero_count;
  if (rank <= static_cast<double>(passed)) return 0;
  std::int32_t index = view.first_index - 1;
  for (const std::uint64_t count : view.counts) {
    ++index;
    passed += count;
    if (rank <= static_cast<double>(passed)) break;
  }
  return middle_of(view.schema, index);
}

double quantile_error(int schema) {
  const double base = base_of(schema);
  return (base - 1) / (base + 1);
}

}  // namespace tailmeter
