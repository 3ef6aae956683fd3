#include "rules/sketch/hyper_log_log.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>

namespace tailmeter {
namespace {

constexpr int kHashBits = 64;
constexpr int kRegisterBits = 6;
constexpr std::uint64_t kRegisterMask = (1 << kRegisterBits) - 1;

std::uint64_t load_register(std::uint64_t cell, std::size_t place) {
  return cell >> (place * kRegisterBits) & kRegisterMask;
}

// sigma and tau are Ertl's: what the registers at the lowest and at the highest value stand for, of which `share` is
// the part that is (sigma) or is not (tau) there. Both sums end when a term no longer changes them.
double sigma(double share) {
  if (share == 1) return std::numeric_limits<double>::infinity();
  double power = share;
  double weight = 1;
  double sum = share;
  for (double before = -1; sum != before;) {
    before = sum;
    power *= power;
    sum += power * weight;
    weight *= 2;
  }
  return sum;
}

double tau(double share) {
  if (share == 0 || share == 1) return 0;
  double root = share;
  double weight = 1;
  double sum = 1 - share;
  for (double before = -1; sum != before;) {
    before = sum;
    root = std::sqrt(root);
    weight /= 2;
    sum -= (1 - root) * (1 - root) * weight;
  }
  return sum / 3;
}

}  // namespace

void add_hash(std::span<std::uint64_t> cells, std::uint64_t hash, int precision) {
  assert(cells.size() == hyper_log_log_cells(precision));
  const std::size_t index = hash >> (kHashBits - precision);
  const std::uint64_t end_of_run = std::uint64_t{1} << (precision - 1);  // behind the hash's last bit
  const auto run = static_cast<std::uint64_t>(std::countl_zero(hash << precision | end_of_run)) + 1;
  std::uint64_t& cell = cells[index / kRegistersPerCell];
  const std::size_t place = index % kRegistersPerCell;
  const std::uint64_t before = load_register(cell, place);
  if (run > before) cell += (run - before) << (place * kRegisterBits);
}

void merge_hyper_log_log(std::span<std::uint64_t> into, std::span<const std::uint64_t> from) {
  assert(into.size() == from.size());
  for (std::size_t i = 0; i < into.size(); ++i) {
    std::uint64_t merged = 0;
    for (std::size_t place = 0; place < kRegistersPerCell; ++place) {
      merged |= std::max(load_register(into[i], place), load_register(from[i], place)) << (place * kRegisterBits);
    }
    into[i] = merged;
  }
}

double estimate_distinct(std::span<const std::uint64_t> cells, int precision) {
  assert(cells.size() == hyper_log_log_cells(precision));
  const std::size_t registers = std::size_t{1} << precision;
  std::array<std::uint32_t, kRegisterMask + 1> count_of{};
  for (std::size_t i = 0; i < registers; ++i) {
    ++count_of[load_register(cells[i / kRegistersPerCell], i % kRegistersPerCell)];
  }
  const auto size = static_cast<double>(registers);
  const auto longest = static_cast<std::size_t>(kHashBits - precision);
  double sum = size * tau(1 - count_of[longest + 1] / size);
  for (std::size_t run = longest; run >= 1; --run) sum = (sum + count_of[run]) / 2;
  sum += size * sigma(count_of[0] / size);
  return size * size / (2 * std::numbers::ln2 * sum);
}

double distinct_error(int precision) {
  return 1.04 / std::sqrt(std::ldexp(1, precision));
}

}  // namespace tailmeter
