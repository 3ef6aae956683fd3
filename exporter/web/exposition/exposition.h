// A page of metrics, in each of the forms in which it can be had.
//
// Pure functions; any thread.
#pragma once

#include <compare>
#include <string>

#include "rules/series/snapshot.h"

namespace tailmeter {

enum class ExpositionFormat { kText, kOpenMetrics, kOpenMetricsCreated, kProtobuf };
enum class ContentCoding { kIdentity, kGzip, kZstd };

struct Exposition {
  ExpositionFormat format = ExpositionFormat::kText;
  ContentCoding coding = ContentCoding::kIdentity;

  auto operator<=>(const Exposition&) const = default;
};

// All of `series`, then all of `own`, which have no family in common.
[[nodiscard]] std::string render(Exposition exposition, const Snapshot& series, const Snapshot& own = {});

}  // namespace tailmeter
