// What a metric family is, apart from its values. A value type; any thread may use its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "parsers/decimal.h"

namespace tailmeter {

enum class SeriesKind { kCounter, kGauge, kHistogram, kSummary, kRatio, kDistinct, kTop };

// A native histogram's resolution: bounds grow by 2^(2^-schema), which is halved where max_buckets would not do.
struct NativeResolution {
  int schema = 3;
  std::size_t max_buckets = 160;

  bool operator==(const NativeResolution&) const = default;
};

struct FamilyDescription {
  std::string name{};
  std::string help{};
  SeriesKind kind = SeriesKind::kCounter;
  std::vector<std::string> label_names{};
  std::vector<Decimal> bounds{};             // histogram: rising, without +Inf
  std::size_t max_series = 0;                // those that others are put into not included
  std::optional<NativeResolution> native{};  // histogram: native buckets too
  std::string exemplar_label{};              // histogram: the name of an exemplar's label; "": there are none
  std::vector<Decimal> quantiles{};          // summary
  std::int64_t window_ms = 0;                // summary, ratio, distinct; 0: from the beginning on
  std::int64_t ttl_ms = 0;                   // a series that was idle for so long is let go of; 0: none is
  std::size_t shown = 0;                     // topk: how many of its entries
  std::string meaning{};                     // what is counted: values of another meaning are not this family's
  std::string unit{};                        // the end of the name, where the rule file says that it is one
};

}  // namespace tailmeter
