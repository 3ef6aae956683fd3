// A snapshot as the single numbers that Prometheus would store, for output that people and tests read.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parsers/decimal.h"
#include "rules/series/snapshot.h"

namespace tailmeter {

struct Sample {
  std::string name;
  std::vector<std::pair<std::string, std::string>> labels;  // by name
  Decimal value;
};

[[nodiscard]] std::vector<Sample> samples_of(const Snapshot& snapshot);

// `name{a="b"}`, or `name` without labels.
[[nodiscard]] std::string series_text(const Sample& sample);

// Reads what series_text() writes, with labels in any order and blanks between them. Throws std::invalid_argument.
[[nodiscard]] Sample parse_series(std::string_view text);

}  // namespace tailmeter
