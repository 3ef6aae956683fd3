#include "exporter/web/exposition/text_format.h"

#include <algorithm>
#include <map>
#include <sstream>

#include <catch2/catch.hpp>
#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "exporter/web/exposition/own_families.h"
#include "rules/series/family.h"
#include "rules/series/label_text.h"
#include "test/support/rule_bench.h"

namespace tailmeter {
namespace {

const std::string kRules = R"(
sources:
  - {name: words, files: [w.log], format: {regex: '^(?P<a>\S*) (?P<b>\S*)$'}}
metrics:
  - {counter: words_total, help: "Words,\nover two lines with a \\ in them.", labels: {word: $a, other: $b}}
  - {histogram: length_bytes, help: Length., value: $b, buckets: [0.5, 1, 10], labels: {word: $a}}
  - {gauge: last, value: $b}
  - {counter: never_total, labels: {word: $a}, when: {a: never}}
)";

// The snapshot in prometheus-cpp's own model: an independent serializer can then say what it holds.
std::vector<prometheus::MetricFamily> model_of(const Snapshot& snapshot) {
  std::vector<prometheus::MetricFamily> families;
  for (const FamilySnapshot& family : snapshot) {
    const FamilyDescription& description = family.description();
    prometheus::MetricFamily& to = families.emplace_back();
    to.name = description.name;
    to.type = description.kind == SeriesKind::kCounter ? prometheus::MetricType::Counter
              : description.kind == SeriesKind::kGauge ? prometheus::MetricType::Gauge
                                                       : prometheus::MetricType::Histogram;
    family.for_each_series([&](std::string_view labels, std::uint32_t row) {
      prometheus::ClientMetric& metric = to.metric.emplace_back();
      for (const auto& [name, value] : parse_labels(labels)) metric.label.push_back({name, value});
      if (description.kind != SeriesKind::kHistogram) {
        metric.counter.value = metric.gauge.value = family.value(row).to_double();
        return;
      }
      const HistogramView histogram = family.histogram(row);
      std::uint64_t count = 0;
      for (std::size_t i = 0; i < histogram.count_size; ++i) {
        count += histogram.counts[i];
        const double bound =
            i < description.bounds.size() ? description.bounds[i].to_double() : std::numeric_limits<double>::infinity();
        metric.histogram.bucket.push_back({count, bound});
      }
      metric.histogram.sample_count = count;
      metric.histogram.sample_sum = histogram.sum.to_double();
    });
  }
  return families;
}

// A snapshot to whoever knows prometheus-cpp: its serializer, its gateways.
class CollectableSnapshot : public prometheus::Collectable {
 public:
  explicit CollectableSnapshot(const Snapshot& snapshot) : snapshot_(snapshot) {}
  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override { return model_of(snapshot_); }

 private:
  const Snapshot& snapshot_;
};

// Series to value, without regard to the order of lines and of labels.
std::map<std::string, double> parse(const std::string& text) {
  std::map<std::string, double> series;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') continue;
    const std::size_t blank = line.rfind(' ');
    series[series_text(parse_series(line.substr(0, blank)))] = std::stod(line.substr(blank + 1));
  }
  return series;
}

TEST_CASE("the text format is written as its specification says", "[web]") {
  RuleBench bench(kRules);
  bench.count("x 0.5\nx 2\n\" 3\n- 4\n");
  std::string out;
  append_text(out, bench.rules().snapshot());
  CHECK(out == R"(# HELP words_total Words,\nover two lines with a \\ in them.
# TYPE words_total counter
words_total{other="4"} 1
words_total{word="\"",other="3"} 1
words_total{word="x",other="0.5"} 1
words_total{word="x",other="2"} 1
# HELP length_bytes Length.
# TYPE length_bytes histogram
length_bytes_bucket{le="0.5"} 0
length_bytes_bucket{le="1"} 0
length_bytes_bucket{le="10"} 1
length_bytes_bucket{le="+Inf"} 1
length_bytes_sum 4
length_bytes_count 1
length_bytes_bucket{word="\"",le="0.5"} 0
length_bytes_bucket{word="\"",le="1"} 0
length_bytes_bucket{word="\"",le="10"} 1
length_bytes_bucket{word="\"",le="+Inf"} 1
length_bytes_sum{word="\""} 3
length_bytes_count{word="\""} 1
length_bytes_bucket{word="x",le="0.5"} 1
length_bytes_bucket{word="x",le="1"} 1
length_bytes_bucket{word="x",le="10"} 2
length_bytes_bucket{word="x",le="+Inf"} 2
length_bytes_sum{word="x"} 2.5
length_bytes_count{word="x"} 2
# TYPE last gauge
last 4
)");
}

TEST_CASE("prometheus-cpp serializes the same samples from the same series", "[web]") {
  RuleBench bench(kRules);
  for (int i = 0; i < 300; ++i)
    bench.count("w" + std::to_string(i % 17) + " " + std::to_string(i % 13) + "." + std::to_string(i) + "\n");
  const Snapshot snapshot = bench.rules().snapshot();
  std::string ours;
  append_text(ours, snapshot);
  const std::string theirs = prometheus::TextSerializer().Serialize(CollectableSnapshot(snapshot).Collect());
  CHECK(parse(ours) == parse(theirs));
  CHECK(parse(ours).size() > 300);
}

constexpr std::int64_t kNowMs = 1'700'000'000'250;

std::string openmetrics_of(std::vector<Family*> families, TextDialect dialect = TextDialect::kOpenMetrics) {
  Snapshot snapshot;
  for (Family* const family : families) snapshot.push_back(family->snapshot());
  std::string out;
  append_text(out, snapshot, dialect);
  return out;
}

Decimal thousandths(std::int64_t number) {
  return Decimal::from_nanos(Int128{number} * (Decimal::kUnit / 1000));
}

Family histogram(std::vector<Decimal> bounds) {
  return Family({.name = "took_seconds",
                 .kind = SeriesKind::kHistogram,
                 .bounds = std::move(bounds),
                 .max_series = 1,
                 .native = NativeResolution{},
                 .exemplar_label = "trace_id"});
}

void observe(Family& family, Decimal value, std::string_view id) {
  family.set_now(kNowMs);
  const Row row = family.find_or_add({});
  family.observe(row, value);
  family.set_exemplar(row, value, id);
}

TEST_CASE("OpenMetrics has its own names, bounds and exemplars", "[web]") {
  Family words({.name = "words_total", .help = "Words, \"all\".", .max_series = 1});
  words.add(words.find_or_add({}), Decimal::from_integer(2));
  Family took = histogram({thousandths(50), thousandths(1'000), thousandths(2'000'000'000)});
  observe(took, thousandths(500), "i\"1");
  observe(took, thousandths(1'500), "i2");
  Family heat({.name = "heat_celsius", .kind = SeriesKind::kGauge, .max_series = 1});
  heat.set(heat.find_or_add({}), thousandths(-1'500));
  Family speed({.name = "speed_knots", .kind = SeriesKind::kGauge, .max_series = 1, .unit = "knots"});
  speed.set(speed.find_or_add({}), thousandths(7'000));
  CHECK(openmetrics_of({&words, &took, &heat, &speed}) == R"(# TYPE words counter
# HELP words Words, \"all\".
words_total 2
# TYPE took_seconds histogram
# UNIT took_seconds seconds
took_seconds_bucket{le="0.05"} 0
took_seconds_bucket{le="1.0"} 1 # {trace_id="i\"1"} 0.5 1700000000.25
took_seconds_bucket{le="2e+06"} 2 # {trace_id="i2"} 1.5 1700000000.25
took_seconds_bucket{le="+Inf"} 2
took_seconds_sum 2
took_seconds_count 2
# TYPE heat_celsius gauge
# UNIT heat_celsius celsius
heat_celsius -1.5
# TYPE speed_knots gauge
# UNIT speed_knots knots
speed_knots 7
)");
}

TEST_CASE("OpenMetrics gets no sum that may fall", "[web]") {
  Family took = histogram({thousandths(-1'000), Decimal::from_nanos(50'000)});
  observe(took, thousandths(-2'000), "i");
  CHECK(openmetrics_of({&took}) == R"(# TYPE took_seconds histogram
# UNIT took_seconds seconds
took_seconds_bucket{le="-1.0"} 1 # {trace_id="i"} -2 1700000000.25
took_seconds_bucket{le="5e-05"} 1
took_seconds_bucket{le="+Inf"} 1
)");
}

TEST_CASE("a unit is said where the name ends with it", "[web]") {
  Family top({.name = "top_knots",
              .kind = SeriesKind::kTop,
              .label_names = {"w"},
              .max_series = 5,
              .shown = 1,
              .unit = "knots"});
  top.count_top("w=\"x\"", thousandths(2'000));
  CHECK(openmetrics_of({&top}) == R"(# TYPE top_knots gauge
# UNIT top_knots knots
top_knots{w="x"} 2
# TYPE top_knots_error gauge
# HELP top_knots_error By how much top_knots may be too high.
top_knots_error{w="x"} 0
)");
}

TEST_CASE("what counts says since when, where that is asked for", "[web]") {
  Family words({.name = "words_total", .label_names = {"word"}, .max_series = 9});
  words.set_now(kNowMs);
  words.add(words.find_or_add(std::vector<std::string>{"x"}), Decimal::from_integer(1));
  Family took = histogram({thousandths(1'000)});
  took.set_now(kNowMs);
  took.observe(took.find_or_add({}), thousandths(2'000));
  Family last({.name = "last", .kind = SeriesKind::kGauge, .max_series = 1});
  last.set(last.find_or_add({}), thousandths(2'000));
  CHECK(openmetrics_of({&words, &took, &last}, TextDialect::kOpenMetricsCreated) == R"(# TYPE words counter
words_total{word="x"} 1
words_created{word="x"} 1700000000.25
# TYPE took_seconds histogram
# UNIT took_seconds seconds
took_seconds_bucket{le="1.0"} 0
took_seconds_bucket{le="+Inf"} 1
took_seconds_sum 2
took_seconds_count 1
took_seconds_created 1700000000.25
# TYPE last gauge
last 2
)");
}

TEST_CASE("the program's own families are written in a stable order", "[web]") {
  prometheus::MetricFamily family;
  family.name = "tailmeter_files";
  family.help = "Files.";
  family.type = prometheus::MetricType::Gauge;
  for (const auto& [state, value] : {std::pair{"b", 2.5}, std::pair{"a", 1e15}, std::pair{"\xFF\n", 0.1}}) {
    prometheus::ClientMetric& metric = family.metric.emplace_back();
    metric.label.push_back({"state", state});
    metric.gauge.value = value;
  }
  std::string out;
  append_text(out, snapshot_of({family}));
  CHECK(out ==
        "# HELP tailmeter_files Files.\n"
        "# TYPE tailmeter_files gauge\n"
        "tailmeter_files{state=\"\\\\xFF\\\\x0A\"} 0.1\n"
        "tailmeter_files{state=\"a\"} 1000000000000000\n"
        "tailmeter_files{state=\"b\"} 2.5\n");
}

}  // namespace
}  // namespace tailmeter
