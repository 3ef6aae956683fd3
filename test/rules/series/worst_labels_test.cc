#include "rules/series/worst_labels.h"

#include <catch2/catch.hpp>

#include "rules/series/family.h"

namespace tailmeter {
namespace {

TEST_CASE("of each metric the label with the most values is named, the metric with the most series first", "[series]") {
  Family requests({.name = "requests_total", .label_names = {"method", "uri"}, .max_series = 5});
  for (const char* method : {"GET", "PUT"}) {
    for (const char* uri : {"/a", "/b", "/\"c\""}) requests.find_or_add(std::vector<std::string>{method, uri});
  }
  Family top({.name = "top", .kind = SeriesKind::kTop, .label_names = {"image"}, .max_series = 9, .shown = 2});
  for (int image = 0; image < 8; ++image)
    top.count_top("image=\"" + std::to_string(image) + '"', Decimal::from_integer(1));
  Family plain({.name = "lines_total", .max_series = 1});
  plain.find_or_add({});
  Snapshot snapshot;
  for (Family* const family : {&requests, &top, &plain}) snapshot.push_back(family->snapshot());
  CHECK(worst_labels(snapshot) ==
        std::vector<WorstLabel>{{"top", 8, 9, "image", 8}, {"requests_total", 6, 5, "uri", 4}});
}

}  // namespace
}  // namespace tailmeter
