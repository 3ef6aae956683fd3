// An observation that stands for the others of its bucket, and a label that leads to where it came from: a request's or
// a trace's id (OpenMetrics 1.0, "Exemplars").
//
// Pure functions; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "parsers/decimal.h"

namespace tailmeter {

struct Exemplar {
  std::string_view label_value;
  Decimal value;
  std::int64_t at_ms = 0;  // since 1970
};

// OpenMetrics allows 128 characters for the label's name and value together; see rule_file.h for the name.
inline constexpr std::size_t kMaxExemplarBytes = 64;  // of the value; a longer one is none

// An exemplar that is younger stays: one for each line would cost more than counting it.
inline constexpr std::int64_t kExemplarStaysMs = 1'000;

// The cells of one: when, the value, the size of the label's value, that value. All 0: there is none.
inline constexpr std::size_t kExemplarCells = 4 + kMaxExemplarBytes / sizeof(std::uint64_t);

[[nodiscard]] bool wants_exemplar(const std::uint64_t* cells, std::int64_t now_ms);
void store_exemplar(std::uint64_t* cells, const Exemplar& exemplar);

// Its label's value is a view into the cells.
[[nodiscard]] std::optional<Exemplar> load_exemplar(const std::uint64_t* cells);

}  // namespace tailmeter
