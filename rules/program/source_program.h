// What the rules do with one source's lines: parse, derive, ask, look up, update.
//
// Made by the compiler (compile.h), which resolves every name; from then on a line is only indexes and handles. One
// line is parsed once, each field is asked once, each label set is looked up once, whatever the number of metrics.
//
// Belongs to the loop thread. The families and statistics that it updates outlive it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "parsers/fields.h"
#include "parsers/parser.h"
#include "rules/file/rule_file.h"
#include "rules/program/condition.h"
#include "rules/program/country.h"
#include "rules/program/extract.h"
#include "rules/program/label_group.h"
#include "rules/program/line_plan.h"
#include "rules/program/template.h"
#include "rules/program/top_labels.h"
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
  std::size_t first_check = 0;  // in SourceProgram::Parts::checks
  std::size_t check_count = 0;
  std::size_t group = 0;       // in SourceProgram::Parts::groups; topk: in top_labels
  std::size_t member = 0;      // in the group
  LineValue* value = nullptr;  // none: each line is worth 1; of a job: the line is as old as its arrival
  UpdateStep step = UpdateStep::kWhole;
  OpenJobs* jobs = nullptr;
  Template key;  // duration: names the job; distinct: what is counted once
};

class SourceProgram {
 public:
  // $request_method and the others that follow from $request; kNoField where no rule uses one.
  static constexpr FieldIndex kNoField = 0xFFFF;
  struct RequestFields {
    FieldIndex request = kNoField;
    FieldIndex method = kNoField;
    FieldIndex target = kNoField;
    FieldIndex path = kNoField;
    FieldIndex args = kNoField;
    FieldIndex protocol = kNoField;
  };

  // A metric's questions about one field: all `required` bits must hold, and no `forbidden` one.
  struct Check {
    std::size_t conditions = 0;  // position in the list of FieldConditions
    std::uint64_t required = 0;
    std::uint64_t forbidden = 0;
  };

  // One way in which the lines may be written.
  struct Format {
    // A field that is used, by the parser's number and by the source's.
    struct Field {
      FieldIndex from = 0;
      FieldIndex to = 0;
    };

    std::string name;
    std::unique_ptr<Parser> parser;
    std::uint64_t taken_lines = 0;
    bool has_own_numbers = false;  // the parser numbers some field in another way than the source does
    FieldValues values{0};         // as the parser numbers them, if it has own numbers
    std::vector<Field> fields{};
  };

  // A pattern of the rule file, and how it is searched for: what `tailmeter check --patterns` shows.
  struct PatternEngine {
    Place place;
    std::string where;
    std::string engine;
    std::string pattern;
  };

  struct Parts {
    std::vector<Format> formats;  // tried in order
    FieldIndex format_field = kNoField;
    std::size_t field_count = 0;
    RequestFields request_fields;
    FieldIndex file_field = kNoField;
    FieldIndex source_field = kNoField;
    std::string source_name;
    std::vector<Extraction> extractions;
    std::vector<CountryOfField> countries;
    std::vector<FieldConditions> conditions;
    std::vector<Check> checks;
    std::vector<LabelGroup> groups;
    std::vector<TopLabels> top_labels;
    std::vector<const PathLearner*> learners;  // that the labels use
    std::vector<std::unique_ptr<LineValue>> values;
    std::vector<MetricUpdate> updates;
    std::vector<PatternEngine> engines;
  };

  explicit SourceProgram(Parts parts);

  // Counts one line (without its line end) of the file at `path`. False if the line does not have the source's format:
  // then nothing was updated.
  [[nodiscard]] bool count(std::string_view line, std::string_view path);

  // Why count() said false: by the format that takes most of the line, of those that took lines before, if any did.
  [[nodiscard]] Mismatch diagnose(std::string_view line) const;

  // In the order in which they are tried, with what each took so far.
  [[nodiscard]] const std::vector<Format>& formats() const { return parts_.formats; }

  // To be called when rows of a family have got other numbers.
  void forget_rows();

  [[nodiscard]] const std::vector<PatternEngine>& engines() const { return parts_.engines; }

 private:
  bool parse(std::string_view line);
  void derive(FieldIndex field, std::string_view value);
  void derive_request();
  void make_plan(LinePlan& plan);
  [[nodiscard]] bool holds(const MetricUpdate& update) const;
  void apply(PlannedUpdate& planned);
  void apply_each(PlannedUpdate& planned);
  void apply_to_job(PlannedUpdate& planned);
  void apply_to_distinct(PlannedUpdate& planned);
  void apply_number(PlannedUpdate& planned, const Number& number);
  void change_top(const MetricUpdate& update, Decimal amount);
  void change_series(PlannedUpdate& planned, Decimal amount);
  void find_row(PlannedUpdate& planned);
  void heed_cuts();
  void skip(const MetricUpdate& update, SkipReason reason);
  void count_skipped_lines();

  struct Skip {
    MetricStatistics* statistics;
    SkipReason reason;
  };

  Parts parts_;
  FieldValues fields_;
  std::vector<std::uint64_t> holding_;  // the bits of parts_.conditions for the line that is planned
  LinePlans plans_;
  std::string text_;         // of a key, or of labels
  std::vector<Skip> skips_;  // of the line under way
  std::uint64_t line_ = 0;   // number of the line under way, from 1
  std::uint64_t cuts_ = 0;   // of parts_.learners, as of the rows that are remembered
};

}  // namespace tailmeter
