#include "rules/series/exemplar.h"

#include <cassert>
#include <cstring>

#include "rules/series/cells.h"

namespace tailmeter {
namespace {

constexpr std::size_t kValue = 1;
constexpr std::size_t kSize = kValue + kDecimalCells;
constexpr std::size_t kText = kSize + 1;
static_assert(kText + kMaxExemplarBytes / sizeof(std::uint64_t) == kExemplarCells);

}  // namespace

// A clock that was set back leaves an exemplar of the future, which is not to stay until then.
bool wants_exemplar(const std::uint64_t* cells, std::int64_t now_ms) {
  const std::int64_t age_ms = now_ms - static_cast<std::int64_t>(cells[0]);
  return age_ms < 0 || age_ms >= kExemplarStaysMs;
}

void store_exemplar(std::uint64_t* cells, const Exemplar& exemplar) {
  assert(!exemplar.label_value.empty() && exemplar.label_value.size() <= kMaxExemplarBytes);
  cells[0] = static_cast<std::uint64_t>(exemplar.at_ms);
  store_decimal(cells + kValue, exemplar.value);
  cells[kSize] = exemplar.label_value.size();
  std::memset(cells + kText, 0, kMaxExemplarBytes);
  std::memcpy(cells + kText, exemplar.label_value.data(), exemplar.label_value.size());
}

std::optional<Exemplar> load_exemplar(const std::uint64_t* cells) {
  const std::uint64_t size = cells[kSize];
  if (size == 0 || size > kMaxExemplarBytes) return std::nullopt;
  const auto* const text = reinterpret_cast<const char*>(cells + kText);
  return Exemplar{{text, size}, load_decimal(cells + kValue), static_cast<std::int64_t>(cells[0])};
}

}  // namespace tailmeter
