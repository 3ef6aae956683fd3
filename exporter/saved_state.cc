#include "exporter/saved_state.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <map>
#include <memory>
#include <string_view>
#include <system_error>

#include "rules/series/wall_clock.h"

namespace tailmeter {
namespace {

constexpr int kMaxIdBytes = 127;  // machine-id(5) has 32, a boot's id 36

// The first line of a file that tells of the machine; "" if there is none, as in a container. One that is there but
// cannot be read must not pass for that: a state would be taken for another machine's, and all series begin anew.
std::string first_line(const char* path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path, "re"), &std::fclose);
  std::array<char, kMaxIdBytes + 1> line{};
  if (!file && errno == ENOENT) return {};
  if (!file || (std::fgets(line.data(), line.size(), file.get()) == nullptr && std::ferror(file.get()) != 0)) {
    const int error = errno;
    throw std::system_error(error, std::generic_category(),
                            std::string("cannot read ") + path +
                                ", which says whether the state is this machine's (let tailmeter read it, or start it "
                                "again if that was for a moment)");
  }
  const std::string_view text = line.data();
  return std::string(text.substr(0, text.find('\n')));
}

std::array<std::uint64_t, 6> numbers_of(const SourceCounts& counts) {
  return {counts.matched.lines,   counts.matched.bytes,  counts.unmatched.lines,
          counts.unmatched.bytes, counts.oversize.lines, counts.oversize.bytes};
}

SavedJobs save_jobs(const OpenJobs& open) {
  SavedJobs saved{.scope = open.scope(), .jobs = {}};
  for (const OpenJob& job : open.jobs()) {
    saved.jobs.push_back({.key = job.key});
    store_decimal(saved.jobs.back().begin.data(), job.begin);
  }
  return saved;
}

void restore_jobs(const std::vector<SavedJobs>& all, OpenJobs& open) {
  const auto saved =
      std::find_if(all.begin(), all.end(), [&](const SavedJobs& jobs) { return jobs.scope == open.scope(); });
  if (saved == all.end()) return;
  for (const SavedJobs::Job& job : saved->jobs) open.begin(job.key, load_decimal(job.begin.data()));
}

void restore_paths(const std::vector<SavedPaths>& all, const std::string& label, PathLearner& learner) {
  const auto saved =
      std::find_if(all.begin(), all.end(), [&](const SavedPaths& paths) { return paths.label == label; });
  if (saved != all.end()) learner.restore(saved->nodes);
}

void restore_metric(const SavedFamily& saved, const RuleSet::Metric& metric) {
  saved.series.for_each([&](std::string_view labels, std::int64_t created_ms, std::span<const std::uint64_t> cells) {
    metric.family->restore(labels, created_ms, cells);
  });
  const auto& n = saved.statistics;
  *metric.statistics = {.updates = n[0],
                        .skipped_no_value = n[1],
                        .skipped_not_a_number = n[2],
                        .skipped_negative = n[3],
                        .skipped_unpaired = n[4],
                        .overflowed = n[5]};
  for (const auto& jobs : metric.jobs) restore_jobs(saved.jobs, *jobs);
  for (const auto& [label, learner] : metric.learners) restore_paths(saved.paths, label, *learner);
}

SourceCounts counts_of(const SavedSource& saved) {
  const auto& n = saved.counts;
  return {.matched = {n[0], n[1]},
          .unmatched = {n[2], n[3]},
          .oversize = {n[4], n[5]},
          .last_line_seconds = static_cast<double>(saved.last_line_ms) / 1000};
}

// The source as it was last; null if the record knows nothing of it. What is kept of its files besides comes later.
const SavedSource* find_source(const Record& record, std::string_view name) {
  const auto saved = std::find_if(record.sources.begin(), record.sources.end(),
                                  [&](const SavedSource& source) { return source.name == name; });
  return saved == record.sources.end() ? nullptr : &*saved;
}

void restore_source(const Record& record, std::string_view name, SourceIndex source, bool is_other_boot,
                    Counting& counting, TimePoint now) {
  const SavedSource* const saved = find_source(record, name);
  if (saved == nullptr) return;
  SavedFiles files = saved->files;
  for (const SavedSource& other : record.sources) {
    if (&other != saved && other.name == name) files.merge(other.files);
  }
  counting.tail.restore(source, files, is_other_boot, now);
  counting.pipeline.restore(source, counts_of(*saved));
  counting.metrics.restore(source, saved->rotations, saved->lost_bytes);
}

// Of a source that no rule has, or of its files that it follows no longer, the places.
void keep_unfollowed(const SavedSource& saved, std::optional<SourceIndex> source, bool is_other_boot,
                     Counting& counting, std::uint64_t now_ms) {
  SavedSource kept = saved;
  if (source) {
    kept = {
        .removed_ms = saved.removed_ms, .name = saved.name, .files = counting.tail.unfollowed(*source, saved.files)};
    if (kept.files.names.empty() && kept.files.generations.empty()) return;
  }
  for (SavedGeneration& generation : kept.files.generations) generation.may_be_rolled_back |= is_other_boot;
  counting.removed_sources.add(std::move(kept), now_ms);
}

}  // namespace

MachineIdentity machine_identity() {
  return {first_line("/etc/machine-id"), first_line("/proc/sys/kernel/random/boot_id")};
}

StateOnDisk read_state(const SlotContents& contents, const MachineIdentity& machine) {
  switch (contents.finding) {
    case StateFinding::kNew:
      return {};
    case StateFinding::kDamaged:
      return {.record = {}, .refusal = "it is damaged"};
    case StateFinding::kForeign:
      return {.record = {}, .refusal = "it is a copy, or was brought back from one"};
    case StateFinding::kOtherVersion:
      return {.record = {}, .refusal = "it has the format of another version"};
    case StateFinding::kRight:
    case StateFinding::kOneSlotDamaged:
      break;
  }
  if (contents.record.empty()) return {};
  std::optional<Record> record = decode_record(contents.record);
  if (!record) return {.record = {}, .refusal = "its record has the format of another version"};
  if (record->machine_id != machine.machine_id) return {.record = {}, .refusal = "another machine wrote it"};
  return {.record = std::move(record), .refusal = {}};
}

Record save_state(const Counting& counting, const Inputs& inputs, const Snapshot& snapshot,
                  const MachineIdentity& machine) {
  const RuleSet& rules = *counting.rules;
  Record record{.machine_id = machine.machine_id,
                .boot_id = machine.boot_id,
                .written_ms = static_cast<std::uint64_t>(milliseconds_now())};
  for (std::size_t i = 0; i < rules.sources().size(); ++i) {
    const auto source = static_cast<SourceIndex>(i);
    const SourceCounts& counts = counting.pipeline.counts(source);
    record.sources.push_back({.name = rules.sources()[i].rule.name.value,
                              .files = counting.tail.save(source),
                              .counts = numbers_of(counts),
                              .last_line_ms = static_cast<std::uint64_t>(counts.last_line_seconds * 1000),
                              .rotations = counting.metrics.rotations(source),
                              .lost_bytes = counting.metrics.lost_bytes(source),
                              .dropped_datagrams = inputs.status(source).dropped_datagrams});
  }
  for (std::size_t i = 0; i < snapshot.size(); ++i) {
    const MetricStatistics& statistics = *rules.metrics()[i].statistics;
    record.families.push_back(save_family(snapshot[i]));
    record.families.back().statistics = {
        statistics.updates,          statistics.skipped_no_value, statistics.skipped_not_a_number,
        statistics.skipped_negative, statistics.skipped_unpaired, statistics.overflowed};
    for (const auto& jobs : rules.metrics()[i].jobs) record.families.back().jobs.push_back(save_jobs(*jobs));
    for (const auto& [label, learner] : rules.metrics()[i].learners)
      record.families.back().paths.push_back({label, learner->save()});
  }
  for (SavedSource& source : counting.removed_sources.at(record.written_ms))
    record.sources.push_back(std::move(source));
  for (SavedFamily& family : counting.removed_families.at(record.written_ms))
    record.families.push_back(std::move(family));
  return record;
}

void restore_state(const Record& record, const MachineIdentity& machine, Counting& counting, TimePoint now) {
  const RuleSet& rules = *counting.rules;
  const auto now_ms = static_cast<std::uint64_t>(milliseconds_now());
  std::map<std::string_view, SourceIndex> sources;
  for (std::size_t i = 0; i < rules.sources().size(); ++i) {
    sources.emplace(rules.sources()[i].rule.name.value, static_cast<SourceIndex>(i));
  }
  const bool is_other_boot = record.boot_id != machine.boot_id;
  for (const auto& [name, source] : sources) restore_source(record, name, source, is_other_boot, counting, now);
  for (const SavedSource& saved : record.sources) {
    const auto source = sources.find(saved.name);
    keep_unfollowed(saved, source != sources.end() ? std::optional(source->second) : std::nullopt, is_other_boot,
                    counting, now_ms);
  }
  std::map<std::string, const RuleSet::Metric*> metrics;
  for (const RuleSet::Metric& metric : rules.metrics())
    metrics.emplace(description_key(metric.family->description()), &metric);
  for (const SavedFamily& family : record.families) {
    const auto metric = metrics.find(family.description);
    if (metric != metrics.end()) {
      restore_metric(family, *metric->second);
    } else {
      counting.removed_families.add(family, now_ms);
    }
  }
}

void restore_inputs(const Record& record, const RuleSet& rules, Inputs& inputs) {
  for (std::size_t i = 0; i < rules.sources().size(); ++i) {
    const SavedSource* const saved = find_source(record, rules.sources()[i].rule.name.value);
    if (saved != nullptr) inputs.restore_dropped_datagrams(static_cast<SourceIndex>(i), saved->dropped_datagrams);
  }
}

}  // namespace tailmeter
