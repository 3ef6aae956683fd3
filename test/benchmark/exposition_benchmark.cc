// What it takes to write a page of metrics in each of its forms, beside prometheus-cpp's own text of the same samples.
//
// Usage: exposition_benchmark [--check]. Prints milliseconds of CPU time a page, of counters with two labels and of
// histograms: the least of several rounds, for what other programs take is only ever added. With --check ends with 1 if
// a bar is missed.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <prometheus/text_serializer.h>

#include "exporter/web/exposition/exposition.h"
#include "rules/series/family.h"
#include "rules/series/label_text.h"

namespace {

using namespace tailmeter;

constexpr int kRounds = 40;

double cpu_milliseconds() {
  std::timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double least(int rounds, const std::function<void()>& work) {
  double best = std::numeric_limits<double>::max();
  for (int round = 0; round < rounds; ++round) {
    const double begin = cpu_milliseconds();
    work();
    best = std::min(best, cpu_milliseconds() - begin);
  }
  return best;
}

// Counters of requests by image and status, as a mirror has them, with counts of one to seven digits; bytes, of up to
// fourteen.
Snapshot counters(std::size_t series) {
  Snapshot snapshot;
  Family family({.name = "image_requests_total",
                 .help = "Requests, by image and status.",
                 .kind = SeriesKind::kCounter,
                 .label_names = {"image", "status"},
                 .max_series = series});
  for (std::size_t i = 0; i < series; ++i) {
    // In no order, as lines come.
    const std::size_t number = i * 7'919 % series;
    const Row row = family.find_or_add(std::vector<std::string>{
        "library/team-" + std::to_string(number / 3) + "/application", number % 3 == 0   ? "200"
                                                                       : number % 3 == 1 ? "206"
                                                                                         : "404"});
    family.add(row,
               Decimal::from_integer(static_cast<std::int64_t>(i % 2 == 0 ? i * 31 % 10'000'000 : i * 1'048'583 * 97)));
  }
  snapshot.push_back(family.snapshot());
  return snapshot;
}

// Each is sixteen samples.
Snapshot histograms(std::size_t series) {
  std::vector<Decimal> bounds;
  for (int i = 1; i < 14; ++i) bounds.push_back(Decimal::from_nanos(Int128{5'000'000} << i));
  Snapshot snapshot;
  Family family({.name = "request_duration_seconds",
                 .help = "How long requests took.",
                 .kind = SeriesKind::kHistogram,
                 .label_names = {"image"},
                 .bounds = bounds,
                 .max_series = series,
                 .native = NativeResolution{}});
  for (std::size_t i = 0; i < series; ++i) {
    const Row row = family.find_or_add(std::vector<std::string>{"library/team-" + std::to_string(i)});
    for (int j = 1; j < 30; ++j) family.observe(row, Decimal::from_nanos(Int128{1'234'567} * j * j));
  }
  snapshot.push_back(family.snapshot());
  return snapshot;
}

std::vector<prometheus::MetricFamily> model_of(const Snapshot& snapshot) {
  std::vector<prometheus::MetricFamily> families;
  for (const FamilySnapshot& family : snapshot) {
    prometheus::MetricFamily& to = families.emplace_back();
    to.name = family.description().name;
    to.help = family.description().help;
    to.type = prometheus::MetricType::Counter;
    family.for_each_series([&](std::string_view labels, std::uint32_t row) {
      prometheus::ClientMetric& metric = to.metric.emplace_back();
      for (const auto& [name, value] : parse_labels(labels)) metric.label.push_back({name, value});
      metric.counter.value = family.value(row).to_double();
    });
  }
  return families;
}

struct Form {
  const char* name;
  Exposition exposition;
  double bar_ms;  // for 100,000 counters
};
constexpr Form kForms[] = {{"text", {ExpositionFormat::kText}, 5},
                           {"OpenMetrics", {ExpositionFormat::kOpenMetrics}, 5},
                           {"protobuf", {ExpositionFormat::kProtobuf}, 4},
                           {"text, gzip", {ExpositionFormat::kText, ContentCoding::kGzip}, 25},
                           {"text, zstd", {ExpositionFormat::kText, ContentCoding::kZstd}, 25}};

bool measure(const char* what, const Snapshot& snapshot, double part_of_bar) {
  bool holds = true;
  for (const Form& form : kForms) {
    std::size_t bytes = 0;
    const double ms = least(kRounds, [&] { bytes = render(form.exposition, snapshot).size(); });
    std::printf("%-22s %-12s %9.3f ms  %9zu bytes", what, form.name, ms, bytes);
    if (part_of_bar > 0) std::printf("  (bar: %g ms)", form.bar_ms * part_of_bar);
    std::printf("\n");
    if (part_of_bar > 0 && ms > form.bar_ms * part_of_bar) holds = false;
  }
  return holds;
}

}  // namespace

int main(int argc, char** argv) {
  const bool must_hold = argc > 1 && std::string(argv[1]) == "--check";
  const Snapshot many = counters(100'000);
  bool holds = measure("100,000 counters", many, 1);
  const std::vector<prometheus::MetricFamily> model = model_of(many);
  const double theirs = least(3, [&] { (void)prometheus::TextSerializer().Serialize(model); });
  std::printf("%-22s %-12s %9.3f ms\n", "", "prometheus-cpp", theirs);
  holds = measure("1,000 counters", counters(1'000), 0.06) && holds;
  (void)measure("6,250 histograms", histograms(6'250), 0);
  if (must_hold && !holds) std::printf("a bar is missed\n");
  return must_hold && !holds ? 1 : 0;
}
