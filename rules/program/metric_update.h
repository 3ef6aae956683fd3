// What an entry of the rule file does with a line, and what is counted of that.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "rules/file/rule_file.h"
#include "rules/program/label.h"
#include "rules/program/template.h"
#include "rules/program/value.h"
#include "rules/series/family.h"
#include "rules/series/open_jobs.h"

namespace tailmeter {

class SourceProgram;

// Why a line does not update a metric though all conditions hold. Of several entries for one metric that have their
// reasons, the last of these is the line's.
enum class SkipReason { kNoValue, kNotANumber, kNegative, kUnpaired };
inline constexpr std::size_t kSkipReasons = 4;

// Counted for each metric of the rule file, for tailmeter_updates_total and its companions.
struct MetricStatistics {
  std::uint64_t updates = 0;
  std::uint64_t skipped_no_value = 0;
  std::uint64_t skipped_not_a_number = 0;
  std::uint64_t skipped_negative = 0;
  std::uint64_t skipped_unpaired = 0;  // durations: an end without a start, a start that will have no end
  std::uint64_t overflowed = 0;        // updates that went to the overflow series
  std::uint64_t nanoseconds = 0;       // that updates took, about: see SourceProgram::kTimedEach
  // Lines that were skipped, by SkipReason, and updated the metric by no other entry either.
  std::array<std::uint64_t, kSkipReasons> skipped_lines{};
  // The last line that updated it, and whose: numbers of lines are a source's own.
  const SourceProgram* updated_by = nullptr;
  std::uint64_t updated_in_line = 0;
};

// Which of a metric's two updates one is: a line may begin a job or end it, and what counts in a ratio may be a hit.
enum class UpdateStep { kWhole, kJobBegin, kJobEnd, kHit };

// What one entry of the rule file does with a line for which its conditions hold.
struct MetricUpdate {
  MetricKind kind = MetricKind::kCounter;
  GaugeOperation operation = GaugeOperation::kSet;
  Family* family = nullptr;
  MetricStatistics* statistics = nullptr;
  std::size_t first_check = 0;  // in UpdateSet::Parts::checks
  std::size_t check_count = 0;
  std::size_t group = 0;       // in UpdateSet::Parts::groups; topk: in top_labels
  std::size_t member = 0;      // in the group
  LineValue* value = nullptr;  // none: each line is worth 1; of a job: the line is as old as its arrival
  UpdateStep step = UpdateStep::kWhole;
  OpenJobs* jobs = nullptr;
  const LabelSteps* exemplar = nullptr;  // histogram, duration
  Template key;                          // duration: names the job; distinct: what is counted once
};

}  // namespace tailmeter
