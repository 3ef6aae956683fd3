#include "exporter/self_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>

#include "exporter/process_status.h"
#include "exporter/scrape.h"
#include "exporter/version.h"

namespace tailmeter {
namespace {

prometheus::Family<prometheus::Counter>& counter(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Gauge>& gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

// A counter that somebody else counts.
void raise_to(prometheus::Counter& counter, double value) {
  counter.Increment(value - counter.Value());
}
void raise_to(prometheus::Counter& counter, std::uint64_t value) {
  raise_to(counter, static_cast<double>(value));
}

std::size_t open_job_count(const RuleSet::Metric& metric) {
  std::size_t count = 0;
  for (const auto& jobs : metric.jobs) count += jobs->jobs().size();
  return count;
}

std::array<std::uint64_t, 3> values_of(const std::array<prometheus::Counter*, 3>& counters) {
  std::array<std::uint64_t, 3> values{};
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint64_t>(counters[i]->Value());
  return values;
}

}  // namespace

SelfMetrics::SelfMetrics(const RuleSet& rules, const Inputs& inputs) {
  gauge(registry_, "tailmeter_build_info", "The version of tailmeter that is running; always 1.")
      .Add({{"version", version()}, {"compiler", compiler()}})
      .Set(1);
  add_sources(rules, inputs);
  add_metrics(rules);
  catching_up_ =
      &gauge(registry_, kCatchingUpName, "1 while the series lack lines that were written before the scrape.").Add({});
  polling_ = &gauge(registry_, "tailmeter_polling",
                    "1 while some directories give no hints of changes, so that they are only looked at every second.")
                  .Add({});
  add_process();
}

void SelfMetrics::add_sources(const RuleSet& rules, const Inputs& inputs) {
  auto& lines = counter(registry_, "tailmeter_lines_total", "Lines read, by what became of them.");
  auto& bytes = counter(registry_, "tailmeter_bytes_total", "Bytes of the lines read, with their line ends.");
  auto& lag = gauge(registry_, "tailmeter_lag_bytes",
                    "Bytes in the files that are not counted yet, unended last lines among them.");
  auto& files = gauge(registry_, "tailmeter_files", "Files and inputs, by what is done with them.");
  auto& rotations = counter(registry_, "tailmeter_rotations_total", "Rotations seen, by how they were done.");
  auto& lost =
      counter(registry_, "tailmeter_lost_bytes_total", "Bytes that were in a file and are proven to be gone unread.");
  auto& rolled_back = counter(registry_, "tailmeter_rolled_back_bytes_total",
                              "Bytes that were counted and that a crash of the machine then took back from the file.");
  auto& uncertain = counter(registry_, "tailmeter_uncertain_bytes_total",
                            "Bytes that may be counted twice, at most, because of what a crash took back.");
  auto& info = gauge(registry_, "tailmeter_source_info",
                     "How often a line of the source is counted when the program or the machine stops; always 1.");
  auto& dropped = counter(registry_, "tailmeter_dropped_datagrams_total",
                          "Datagrams that the kernel dropped, for the program did not take them in time.");
  auto& last_line =
      gauge(registry_, "tailmeter_last_line_timestamp_seconds", "When lines last arrived; 0 if none has.");
  for (const RuleSet::Source& source : rules.sources()) {
    const std::string& name = source.rule.name.value;
    const auto index = static_cast<SourceIndex>(sources_.size());
    info.Add({{"source", name}, {"delivery", inputs.feeds(index) ? "at_most_once" : "exactly_once"}}).Set(1);
    const auto outcome = [&](const char* value) { return &lines.Add({{"source", name}, {"outcome", value}}); };
    const auto state = [&](const char* value) { return &files.Add({{"source", name}, {"state", value}}); };
    const auto kind = [&](const char* value) { return &rotations.Add({{"source", name}, {"kind", value}}); };
    const auto reason = [&](const char* value) { return &lost.Add({{"source", name}, {"reason", value}}); };
    sources_.push_back(
        {.matched = outcome("matched"),
         .unmatched = outcome("unmatched"),
         .oversize = outcome("oversize"),
         .bytes = &bytes.Add({{"source", name}}),
         .rolled_back_bytes = &rolled_back.Add({{"source", name}}),
         .uncertain_bytes = &uncertain.Add({{"source", name}}),
         .dropped_datagrams = inputs.sends_datagrams_to(index) ? &dropped.Add({{"source", name}}) : nullptr,
         .lag_bytes = &lag.Add({{"source", name}}),
         .last_line_timestamp = &last_line.Add({{"source", name}}),
         .following = state("following"),
         .draining = state("draining"),
         .unreadable = state("unreadable"),
         .rotations = {kind("rename"), kind("truncate"), kind("replace")},
         .lost = {reason("truncated_unread"), reason("unreadable"), reason("vanished")}});
  }
}

void SelfMetrics::add_metrics(const RuleSet& rules) {
  auto& updates = counter(registry_, "tailmeter_updates_total", "Updates made, by the metric of the rule file.");
  auto& skipped =
      counter(registry_, "tailmeter_updates_skipped_total", "Updates left out because the line's value would not do.");
  auto& series = gauge(registry_, "tailmeter_series", "Series, by the metric of the rule file.");
  auto& overflow =
      counter(registry_, "tailmeter_series_overflow_total",
              "Updates that were counted in the series __other__ because the metric has max_series already.");
  auto& seconds = counter(registry_, "tailmeter_rule_seconds_total",
                          "Time that the updates of the metric took, about: one line in 1,021 is timed.");
  auto& open_jobs = gauge(registry_, "tailmeter_open_jobs", "Jobs that were begun and have no end yet, by the metric.");
  for (const RuleSet::Metric& metric : rules.metrics()) {
    const std::string& name = metric.family->description().name;
    const bool has_jobs = !metric.jobs.empty();
    const auto reason = [&](const char* value) { return &skipped.Add({{"metric", name}, {"reason", value}}); };
    metrics_.push_back({.updates = &updates.Add({{"metric", name}}),
                        .no_value = reason("no_value"),
                        .not_a_number = reason("not_a_number"),
                        .negative = reason("negative"),
                        .unpaired = has_jobs ? reason("unpaired") : nullptr,
                        .open_jobs = has_jobs ? &open_jobs.Add({{"metric", name}}) : nullptr,
                        .overflowed = &overflow.Add({{"metric", name}}),
                        .seconds = &seconds.Add({{"metric", name}}),
                        .series = &series.Add({{"metric", name}})});
  }
}

void SelfMetrics::add_process() {
  const auto add = [this](const char* name, const char* help) { return &gauge(registry_, name, help).Add({}); };
  process_ = {
      .cpu_seconds = &counter(registry_, "process_cpu_seconds_total", "CPU time used, user and system.").Add({}),
      .open_fds = add("process_open_fds", "Open file descriptors."),
      .max_fds = add("process_max_fds", "How many file descriptors may be open."),
      .virtual_memory_bytes = add("process_virtual_memory_bytes", "Size of the virtual memory."),
      .virtual_memory_max_bytes =
          add("process_virtual_memory_max_bytes", "Limit of the virtual memory; 2^64 - 1 if there is none."),
      .resident_memory_bytes = add("process_resident_memory_bytes", "Size of the resident memory."),
      .start_time_seconds = add("process_start_time_seconds", "When the process was started, since 1970."),
      .network_receive_bytes = &counter(registry_, "process_network_receive_bytes_total",
                                        "Bytes received by all programs of the process's network namespace.")
                                    .Add({}),
      .network_transmit_bytes = &counter(registry_, "process_network_transmit_bytes_total",
                                         "Bytes sent by all programs of the process's network namespace.")
                                     .Add({})};
}

void SelfMetrics::count_rotation(SourceIndex source, Rotation kind) {
  sources_[source].rotations[static_cast<std::size_t>(kind)]->Increment();
}

void SelfMetrics::count_lost_bytes(SourceIndex source, std::uint64_t bytes, LossReason reason) {
  sources_[source].lost[static_cast<std::size_t>(reason)]->Increment(static_cast<double>(bytes));
}

std::array<std::uint64_t, 3> SelfMetrics::rotations(SourceIndex source) const {
  return values_of(sources_[source].rotations);
}

std::array<std::uint64_t, 3> SelfMetrics::lost_bytes(SourceIndex source) const {
  return values_of(sources_[source].lost);
}

void SelfMetrics::restore(SourceIndex source, const std::array<std::uint64_t, 3>& rotations,
                          const std::array<std::uint64_t, 3>& lost_bytes) {
  for (std::size_t i = 0; i < rotations.size(); ++i) raise_to(*sources_[source].rotations[i], rotations[i]);
  for (std::size_t i = 0; i < lost_bytes.size(); ++i) raise_to(*sources_[source].lost[i], lost_bytes[i]);
}

void SelfMetrics::update(const RuleSet& rules, const Pipeline& pipeline, const Tail& tail, const Inputs& inputs,
                         bool is_catching_up) {
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const Source& to = sources_[i];
    const SourceCounts& counts = pipeline.counts(static_cast<SourceIndex>(i));
    raise_to(*to.matched, counts.matched.lines);
    raise_to(*to.unmatched, counts.unmatched.lines);
    raise_to(*to.oversize, counts.oversize.lines);
    raise_to(*to.bytes, counts.bytes());
    to.last_line_timestamp->Set(counts.last_line_seconds);
    const SourceStatus status = tail.status(static_cast<SourceIndex>(i));
    raise_to(*to.rolled_back_bytes, status.totals.taken_back_bytes);
    raise_to(*to.uncertain_bytes, status.totals.uncertain_bytes);
    const InputStatus input = inputs.status(static_cast<SourceIndex>(i));
    to.lag_bytes->Set(static_cast<double>(status.lag_bytes + input.pending_bytes));
    to.following->Set(static_cast<double>(status.files_following + input.inputs_open));
    to.draining->Set(static_cast<double>(status.files_draining));
    to.unreadable->Set(static_cast<double>(status.files_unreadable + input.inputs_unreadable));
    if (to.dropped_datagrams != nullptr) raise_to(*to.dropped_datagrams, input.dropped_datagrams);
  }
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    const Metric& to = metrics_[i];
    const MetricStatistics& statistics = *rules.metrics()[i].statistics;
    raise_to(*to.updates, statistics.updates);
    raise_to(*to.no_value, statistics.skipped_no_value);
    raise_to(*to.not_a_number, statistics.skipped_not_a_number);
    raise_to(*to.negative, statistics.skipped_negative);
    if (to.unpaired != nullptr) {
      raise_to(*to.unpaired, statistics.skipped_unpaired);
      to.open_jobs->Set(static_cast<double>(open_job_count(rules.metrics()[i])));
    }
    raise_to(*to.overflowed, statistics.overflowed);
    raise_to(*to.seconds, static_cast<double>(statistics.nanoseconds) * 1e-9);
    to.series->Set(static_cast<double>(rules.metrics()[i].family->series_count()));
  }
  catching_up_->Set(is_catching_up ? 1 : 0);
  polling_->Set(tail.watch_error() ? 1 : 0);
  const ProcessStatus process = read_process_status();
  raise_to(*process_.cpu_seconds, process.cpu_seconds);
  process_.open_fds->Set(process.open_fds);
  process_.max_fds->Set(process.max_fds);
  process_.virtual_memory_bytes->Set(process.virtual_memory_bytes);
  process_.virtual_memory_max_bytes->Set(process.virtual_memory_max_bytes);
  process_.resident_memory_bytes->Set(process.resident_memory_bytes);
  process_.start_time_seconds->Set(process.start_time_seconds);
  raise_to(*process_.network_receive_bytes, process.network_receive_bytes);
  raise_to(*process_.network_transmit_bytes, process.network_transmit_bytes);
}

std::vector<prometheus::MetricFamily> SelfMetrics::collect() const {
  return registry_.Collect();
}

}  // namespace tailmeter
