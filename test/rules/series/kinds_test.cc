// What each kind of metric makes of its updates, over time and over a restart.
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <random>
#include <set>

#include <catch2/catch.hpp>

#include "rules/series/family.h"
#include "test/rules/series/shown.h"
#include "test/support/effort.h"

namespace tailmeter {
namespace {

constexpr std::int64_t kStartMs = 1'764'000'000'000;
constexpr std::int64_t kMinuteMs = 60'000;

Decimal decimal(double value) {
  return Decimal::from_nanos(static_cast<Int128>(std::llround(value * 1e9)));
}

Row row_of(Family& family, const std::string& label) {
  return family.find_or_add(std::vector<std::string>{label});
}

TEST_CASE("a ratio is that of the newest part of its window, and nothing where nothing came", "[series]") {
  Family family({.name = "hit_ratio", .kind = SeriesKind::kRatio, .max_series = 1, .window_ms = 10 * kMinuteMs});
  const Row row = family.find_or_add({});
  const auto count = [&](int all, int hits) {
    family.count_in_ratio(row, Decimal::from_integer(all));
    family.count_hit(row, Decimal::from_integer(hits));
  };
  family.set_now(kStartMs);
  CHECK(shown(family.snapshot()).empty());
  count(8, 1);
  CHECK(shown(family.snapshot()) == "hit_ratio{} 0.125\n");
  family.set_now(kStartMs + 5 * kMinuteMs);
  count(8, 7);
  CHECK(shown(family.snapshot()) == "hit_ratio{} 0.5\n");
  family.set_now(kStartMs + 11 * kMinuteMs);
  CHECK(shown(family.snapshot()) == "hit_ratio{} 0.875\n");
  family.set_now(kStartMs + 20 * kMinuteMs);
  CHECK(shown(family.snapshot()).empty());
}

TEST_CASE("a summary's quantiles are of its window, its sum and count of all", "[series]") {
  Family family({.name = "took_seconds",
                 .kind = SeriesKind::kSummary,
                 .max_series = 1,
                 .quantiles = {decimal(0.5), decimal(0.99)},
                 .window_ms = 10 * kMinuteMs});
  const Row row = family.find_or_add({});
  family.set_now(kStartMs);
  CHECK(shown(family.snapshot()) == "took_seconds_sum{} 0\ntook_seconds_count{} 0\n");
  std::mt19937_64 random(5);
  std::vector<double> values;
  for (int i = 0; i < 10'000; ++i) {
    const double value = std::round(std::exp(std::normal_distribution(-3.0, 1.5)(random)) * 1e6) / 1e6;
    values.push_back(value);
    family.observe_in_window(row, decimal(value));
  }
  std::sort(values.begin(), values.end());
  double median = 0;
  double highest = 0;
  for_each_sample(family.snapshot(), ShownFamily::Part::kValue, row,
                  [&](std::string_view, const ExtraLabel* extra, Decimal value) {
                    if (extra != nullptr) (extra->value == decimal(0.5) ? median : highest) = value.to_double();
                  });
  CHECK(median == Approx(values[5'000]).epsilon(0.0434));
  CHECK(highest == Approx(values[9'900]).epsilon(0.0434));
  family.set_now(kStartMs + 11 * kMinuteMs);
  const std::string later = shown(family.snapshot());
  CHECK(later.find("quantile") == std::string::npos);
  CHECK(later.find("took_seconds_count{} 10000\n") != std::string::npos);
}

TEST_CASE("distinct members are counted once, from the beginning on or in the window", "[series]") {
  Family all({.name = "users_total", .kind = SeriesKind::kDistinct, .max_series = 1});
  Family recent({.name = "users", .kind = SeriesKind::kDistinct, .max_series = 1, .window_ms = 10 * kMinuteMs});
  const auto come = [&](int first, int last) {
    for (int i = first; i < last; ++i) {
      const std::string member = "192.0.2." + std::to_string(i);
      all.count_distinct(all.find_or_add({}), member);
      recent.count_distinct(recent.find_or_add({}), member);
    }
  };
  const auto at = [&](std::int64_t ms) {
    all.set_now(ms);
    recent.set_now(ms);
  };
  at(kStartMs);
  come(0, 3);
  come(0, 3);
  CHECK(shown(all.snapshot()) == "users_total{} 3\n");
  CHECK(shown(recent.snapshot()) == "users{} 3\n");
  at(kStartMs + 5 * kMinuteMs);
  come(2, 12);
  CHECK(shown(recent.snapshot()) == "users{} 12\n");
  at(kStartMs + 12 * kMinuteMs);
  CHECK(shown(recent.snapshot()) == "users{} 10\n");
  CHECK(shown(all.snapshot()) == "users_total{} 12\n");
}

TEST_CASE("a topk shows the most, and by how much each may be too high", "[series]") {
  Family family(
      {.name = "top_images", .kind = SeriesKind::kTop, .label_names = {"image"}, .max_series = 3, .shown = 2});
  const auto count = [&](const std::string& image, int times) {
    for (int i = 0; i < times; ++i) family.count_top("image=\"" + image + '"', Decimal::from_integer(1));
  };
  count("a", 5);
  count("b", 9);
  count("c", 1);
  CHECK(shown(family.snapshot()) == R"(top_images{image="a"} 5
top_images{image="b"} 9
top_images_error{image="a"} 0
top_images_error{image="b"} 0
)");
  count("d", 6);  // takes the place of c, which had 1
  CHECK(shown(family.snapshot()) == R"(top_images{image="b"} 9
top_images{image="d"} 7
top_images_error{image="b"} 0
top_images_error{image="d"} 1
)");
}

FamilyDescription expiring(SeriesKind kind) {
  return {.name = "a", .kind = kind, .label_names = {"x"}, .max_series = 100, .ttl_ms = 60 * kMinuteMs};
}

TEST_CASE("a series that was idle for its ttl goes, and what it had counted stays in the sum", "[series]") {
  Family family(expiring(SeriesKind::kCounter));
  family.set_now(kStartMs);
  family.declare(std::vector<std::string>{"declared"});
  family.add(row_of(family, "idle"), decimal(2.5));
  family.add(row_of(family, "busy"), decimal(1));
  family.set_now(kStartMs + 59 * kMinuteMs);
  CHECK_FALSE(family.let_go_of_idle());
  family.add(row_of(family, "busy"), decimal(1));
  family.set_now(kStartMs + 63 * kMinuteMs);
  CHECK(family.let_go_of_idle());
  CHECK(shown(family.snapshot()) == "a{x=\"__expired__\"} 2.5\na{x=\"busy\"} 2\na{x=\"declared\"} 0\n");
  family.add(row_of(family, "idle"), decimal(1));  // comes again, from 0
  family.set_now(kStartMs + 600 * kMinuteMs);
  CHECK(family.let_go_of_idle());
  CHECK(shown(family.snapshot()) == "a{x=\"__expired__\"} 5.5\na{x=\"declared\"} 0\n");
}

TEST_CASE("a gauge that was idle for its ttl just goes", "[series]") {
  Family family(expiring(SeriesKind::kGauge));
  family.set_now(kStartMs);
  family.set(row_of(family, "idle"), decimal(2.5));
  family.set_now(kStartMs + 61 * kMinuteMs);
  CHECK(family.let_go_of_idle());
  CHECK(shown(family.snapshot()).empty());
  CHECK(family.series_count() == 0);
}

TEST_CASE("series that come and go leave the sum over all exact, and never lower", "[series]") {
  SeriesBudget budget{40};
  FamilyDescription description = expiring(SeriesKind::kHistogram);
  description.bounds = {decimal(1), decimal(10)};
  description.native = NativeResolution{};
  description.max_series = 30;
  Family family(description, &budget);
  std::mt19937_64 random(11);
  Decimal sum;
  std::uint64_t count = 0;
  for (std::int64_t now = kStartMs; count < 20'000; now += static_cast<std::int64_t>(random() % 30) * 1'000) {
    family.set_now(now);
    const Decimal value = Decimal::from_integer(static_cast<std::int64_t>(random() % 20));
    family.observe(row_of(family, std::to_string(count / 100 + random() % 60)), value);
    sum += value;
    ++count;
    static_cast<void>(family.let_go_of_idle());
    if (count % 1'000 != 0) continue;
    Decimal shown_sum;
    std::uint64_t shown_count = 0;
    std::uint64_t native_count = 0;
    const FamilySnapshot snapshot = family.snapshot();
    std::size_t series = 0;
    snapshot.for_each_series([&](std::string_view, std::uint32_t row) {
      ++series;
      const HistogramView histogram = snapshot.histogram(row);
      shown_sum += histogram.sum;
      for (std::size_t i = 0; i < histogram.count_size; ++i) shown_count += histogram.counts[i];
      const ExponentialView native = *snapshot.native(row);
      native_count += native.zero_count;
      for (const std::uint64_t bucket : native.counts) native_count += bucket;
    });
    REQUIRE(shown_sum == sum);
    REQUIRE(shown_count == count);
    REQUIRE(native_count == count);
    REQUIRE(series <= 32);  // with those of all others, and of all that have gone
  }
}

TEST_CASE("families that share a budget have no more series than it allows", "[series]") {
  SeriesBudget budget{5};
  const FamilyDescription description{.name = "a_total", .label_names = {"x"}, .max_series = 4};
  Family first(description, &budget);
  Family second(description, &budget);
  for (int i = 0; i < 10; ++i) {
    first.add(row_of(first, std::to_string(i)), decimal(1));
    second.add(row_of(second, std::to_string(i)), decimal(1));
  }
  CHECK(shown(first.snapshot()) == R"(a_total{x="0"} 1
a_total{x="1"} 1
a_total{x="2"} 1
a_total{x="__other__"} 7
)");
  CHECK(shown(second.snapshot()) == R"(a_total{x="0"} 1
a_total{x="1"} 1
a_total{x="__other__"} 8
)");
}

// A family of each kind, with an update of it.
struct Kind {
  FamilyDescription description;
  std::function<void(Family&, const std::string& label, int number)> update;
};

const std::map<std::string, Kind>& kinds() {
  static const std::map<std::string, Kind> all = {
      {"counter",
       {{.kind = SeriesKind::kCounter, .max_series = 9, .ttl_ms = 60 * kMinuteMs},
        [](Family& f, const std::string& label, int n) { f.add(row_of(f, label), decimal(n * 0.001)); }}},
      {"counter of which series come, go and have no room",
       {{.kind = SeriesKind::kCounter, .max_series = 6, .ttl_ms = 2 * kMinuteMs},
        [](Family& f, const std::string& label, int n) { f.add(row_of(f, label), decimal(n * 0.001)); }}},
      {"gauge",
       {{.kind = SeriesKind::kGauge, .max_series = 9},
        [](Family& f, const std::string& label, int n) { f.raise(row_of(f, label), decimal(n * 0.001)); }}},
      {"histogram",
       {{.kind = SeriesKind::kHistogram, .bounds = {decimal(1)}, .max_series = 9, .native = NativeResolution{4, 20}},
        [](Family& f, const std::string& label, int n) { f.observe(row_of(f, label), decimal(n * 0.001)); }}},
      {"summary",
       {{.kind = SeriesKind::kSummary, .max_series = 9, .quantiles = {decimal(0.9)}, .window_ms = 10 * kMinuteMs},
        [](Family& f, const std::string& label, int n) { f.observe_in_window(row_of(f, label), decimal(n * 0.001)); }}},
      {"ratio",
       {{.kind = SeriesKind::kRatio, .max_series = 9, .window_ms = 10 * kMinuteMs},
        [](Family& f, const std::string& label, int n) {
          f.count_in_ratio(row_of(f, label), decimal(n));
          if (n % 3 == 0) f.count_hit(row_of(f, label), decimal(n));
        }}},
      {"distinct",
       {{.kind = SeriesKind::kDistinct, .max_series = 9},
        [](Family& f, const std::string& label, int n) { f.count_distinct(row_of(f, label), std::to_string(n)); }}},
      {"distinct in a window",
       {{.kind = SeriesKind::kDistinct, .max_series = 9, .window_ms = 10 * kMinuteMs},
        [](Family& f, const std::string& label, int n) { f.count_distinct(row_of(f, label), std::to_string(n)); }}},
      {"topk",
       {{.kind = SeriesKind::kTop, .max_series = 7, .shown = 5},
        [](Family& f, const std::string& label, int n) { f.count_top("x=\"" + label + '"', decimal(n)); }}},
  };
  return all;
}

TEST_CASE("a family that goes on from what was kept shows what one shows that was never stopped", "[series]") {
  const auto& [name, kind] = GENERATE(from_range(kinds()));
  CAPTURE(name);
  FamilyDescription description = kind.description;
  description.name = "a_total";
  description.label_names = {"x"};
  Family undisturbed(description);
  auto restarted = std::make_unique<Family>(description);
  std::mt19937_64 random(3);
  std::int64_t now = kStartMs;
  for (int step = 0; step < effort(4'000); ++step) {
    now += static_cast<std::int64_t>(random() % 20'000);
    const std::string label = std::to_string(random() % (1 + random() % 20));
    const int number = static_cast<int>(random() % 5'000);
    for (Family* const family : {&undisturbed, restarted.get()}) {
      family->set_now(now);
      if (step % 3 == 0) static_cast<void>(family->let_go_of_idle());
      kind.update(*family, label, number);
    }
    if (random() % 50 != 0) continue;
    const FamilySnapshot kept = restarted->snapshot();
    REQUIRE(shown(kept) == shown(undisturbed.snapshot()));
    restarted = std::make_unique<Family>(description);
    restarted->set_now(now);
    kept.for_each_kept([&](std::string_view labels, std::uint32_t row) {
      restarted->restore(labels, kept.created_ms(row), kept.cells(row));
    });
    REQUIRE(shown(restarted->snapshot()) == shown(undisturbed.snapshot()));
  }
}

}  // namespace
}  // namespace tailmeter
