#include "rules/series/sample_list.h"

#include <stdexcept>

#include <catch2/catch.hpp>

namespace tailmeter {
namespace {

TEST_CASE("a series is read with its labels in any order", "[cli]") {
  CHECK(series_text(parse_series("up")) == "up");
  CHECK(series_text(parse_series("up{}")) == "up");
  CHECK(series_text(parse_series(R"(n_total{b="2", a="1",})")) == R"(n_total{a="1",b="2"})");
  CHECK(series_text(parse_series(R"(n_total{a="q\"\\\n,}"})")) == R"(n_total{a="q\"\\\n,}"})");
}

TEST_CASE("what is no series is refused", "[cli]") {
  for (const char* text : {"", "{a=\"b\"}", "n{", "n{a}", "n{a=b}", "n{a=\"b}", "n{a=\"b\"", "n{a=\"b\"} 5", "n m"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_series(text), std::invalid_argument);
  }
}

}  // namespace
}  // namespace tailmeter
