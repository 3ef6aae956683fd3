#include "exporter/web/text_format.h"

#include <algorithm>
#include <map>
#include <sstream>

#include <catch2/catch.hpp>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

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
  const std::string theirs = prometheus::TextSerializer().Serialize(model_of(snapshot));
  CHECK(parse(ours) == parse(theirs));
  CHECK(parse(ours).size() > 300);
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
  append_text(out, std::vector{family});
  CHECK(out ==
        "# HELP tailmeter_files Files.\n"
        "# TYPE tailmeter_files gauge\n"
        "tailmeter_files{state=\"\\\\xFF\\\\x0A\"} 0.1\n"
        "tailmeter_files{state=\"a\"} 1e+15\n"
        "tailmeter_files{state=\"b\"} 2.5\n");
}

}  // namespace
}  // namespace tailmeter
