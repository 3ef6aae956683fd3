#include "rules/series/family.h"

#include <map>
#include <random>

#include <catch2/catch.hpp>

#include "rules/series/label_text.h"

namespace tailmeter {
namespace {

FamilyDescription counter(std::size_t max_series) {
  return {"requests_total", "", SeriesKind::kCounter, {"image"}, {}, max_series};
}

std::map<std::string, std::string> values_of(const FamilySnapshot& snapshot) {
  std::map<std::string, std::string> values;
  snapshot.for_each_series([&](std::string_view labels, std::uint32_t row) {
    values[std::string(labels)] = to_string(snapshot.value(row));
  });
  return values;
}

Row add(Family& family, const std::string& label, std::int64_t amount) {
  const Row row = family.find_or_add(std::vector<std::string>{label});
  family.add(row, Decimal::from_integer(amount));
  return row;
}

TEST_CASE("a snapshot stays as it was while its family goes on counting", "[series]") {
  Family family(counter(1000));
  add(family, "a", 1);
  const FamilySnapshot before = family.snapshot();
  for (int i = 0; i < 500; ++i) add(family, "b" + std::to_string(i), 7);
  add(family, "a", 1);
  CHECK(values_of(before) == std::map<std::string, std::string>{{R"(image="a")", "1"}});
  CHECK(values_of(family.snapshot()).size() == 501);
  CHECK(values_of(family.snapshot()).at(R"(image="a")") == "2");
}

TEST_CASE("series come in the order of their labels, whatever order they arrived in", "[series]") {
  const std::string arrivals[] = {"m", "c", "z", "a"};
  Family family(counter(1000));
  std::string seen;
  for (const std::string& arrival : arrivals) {
    add(family, arrival, 1);
    (void)family.snapshot();  // what is sorted in between must not matter
  }
  family.snapshot().for_each_series([&](std::string_view labels, std::uint32_t) { seen += labels; });
  CHECK(seen == R"(image="a"image="c"image="m"image="z")");
}

TEST_CASE("label sets beyond max_series share one series, and the total stays exact", "[series]") {
  Family family(counter(3));
  std::mt19937 random(7);
  std::int64_t total = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto amount = static_cast<std::int64_t>(random() % 100);
    add(family, std::to_string(random() % 50), amount);
    total += amount;
  }
  CHECK(family.series_count() == 4);
  Decimal sum;
  const FamilySnapshot snapshot = family.snapshot();
  snapshot.for_each_series([&](std::string_view, std::uint32_t row) { sum += snapshot.value(row); });
  CHECK(sum == Decimal::from_integer(total));
  CHECK(values_of(snapshot).count(R"(image="__other__")") == 1);
}

TEST_CASE("a value that is called __other__ shares the overflow series, and takes no room of the others", "[series]") {
  Family family(counter(1));
  CHECK_FALSE(family.is_overflow(add(family, std::string(kOverflowLabel), 1)));
  add(family, "a", 2);
  CHECK(family.is_overflow(add(family, "b", 4)));
  CHECK(values_of(family.snapshot()) ==
        std::map<std::string, std::string>{{R"(image="__other__")", "5"}, {R"(image="a")", "2"}});
}

TEST_CASE("a series of that value stays, however long it is idle", "[series]") {
  FamilyDescription description = counter(10);
  description.ttl_ms = 160'000;
  Family family(description);
  family.set_now(1'000'000'000);
  const std::vector<std::string> other{"__other__"};
  family.add(family.find_or_add(other), Decimal::from_integer(1));
  add(family, "a", 2);
  family.set_now(1'000'400'000);
  CHECK(family.let_go_of_idle());
  CHECK_FALSE(family.is_overflow(family.find_or_add(other)));
  CHECK(values_of(family.snapshot()) ==
        std::map<std::string, std::string>{{R"(image="__expired__")", "2"}, {R"(image="__other__")", "1"}});
}

TEST_CASE("the overflow series stays over a restart, and takes no room then either", "[series]") {
  FamilyDescription description = counter(2);
  description.ttl_ms = 160'000;
  Family before(description);
  before.set_now(1'000'000'000);
  for (const char* const label : {"a", "b", "c"}) add(before, label, 1);
  before.set_now(1'000'100'000);
  add(before, "a", 1);
  before.set_now(1'000'200'000);
  REQUIRE(before.let_go_of_idle());
  const FamilySnapshot kept = before.snapshot();
  Family after(description);
  after.set_now(1'000'200'000);
  kept.for_each_kept([&](std::string_view labels, std::uint32_t row) {
    after.restore(labels, kept.created_ms(row), kept.cells(row));
  });
  add(after, "d", 4);
  after.set_now(1'000'600'000);
  CHECK(after.let_go_of_idle());
  CHECK(values_of(after.snapshot()) ==
        std::map<std::string, std::string>{{R"(image="__expired__")", "7"}, {R"(image="__other__")", "1"}});
}

TEST_CASE("what is over the budget of all has to go before there is room for more", "[series]") {
  SeriesBudget budget{2};
  Family family(counter(10), &budget);
  const std::vector<std::uint64_t> cells(kDecimalCells);
  for (const char* const text : {"image=\"a\"", "image=\"b\"", "image=\"c\"", "image=\"d\""})
    family.restore(text, 1, cells);
  CHECK(budget.left == -2);
  const std::vector<std::string> more{"e"};
  CHECK(family.is_overflow(family.find_or_add(more)));
}

TEST_CASE("a gauge is not shown before its first value", "[series]") {
  Family family({"last_seconds", "", SeriesKind::kGauge, {}, {}, 1});
  const Row row = family.find_or_add({});
  CHECK(values_of(family.snapshot()).empty());
  family.lower(row, Decimal::from_integer(5));
  CHECK(values_of(family.snapshot()).at("") == "5");
  family.lower(row, Decimal::from_integer(7));
  CHECK(values_of(family.snapshot()).at("") == "5");
  family.raise(row, Decimal::from_integer(7));
  CHECK(values_of(family.snapshot()).at("") == "7");
  family.add_to_gauge(row, Decimal::from_integer(-10));
  CHECK(values_of(family.snapshot()).at("") == "-3");
  family.set(row, Decimal());
  CHECK(values_of(family.snapshot()).at("") == "0");
}

TEST_CASE("an observation counts in the first bucket whose bound is not below it", "[series]") {
  const Decimal tenth = Decimal::from_nanos(100'000'000);
  Family family({"seconds", "", SeriesKind::kHistogram, {}, {tenth, Decimal::from_integer(1)}, 1});
  const Row row = family.find_or_add({});
  for (const std::int64_t nanos : {0L, 100'000'000L, 100'000'001L, 1'000'000'000L, 1'000'000'001L}) {
    family.observe(row, Decimal::from_nanos(nanos));
  }
  const FamilySnapshot snapshot = family.snapshot();
  const HistogramView histogram = snapshot.histogram(row);
  CHECK(std::vector<std::uint64_t>(histogram.counts, histogram.counts + histogram.count_size) ==
        std::vector<std::uint64_t>{2, 2, 1});
  CHECK(to_string(histogram.sum) == "2.200000002");
}

TEST_CASE("a sum of a million thousandths does not drift", "[series]") {
  Family family(counter(10));
  const Row row = family.find_or_add(std::vector<std::string>{"a"});
  for (int i = 0; i < 1'000'000; ++i) family.add(row, Decimal::from_nanos(1'000'000));
  family.add(row, Decimal::from_integer(9'007'199'254'740'993));  // 2^53 + 1, which no double holds
  CHECK(values_of(family.snapshot()).at(R"(image="a")") == "9007199254741993");
}

}  // namespace
}  // namespace tailmeter
