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
#include "rules/program/country.h"
#include "rules/program/extract.h"
#include "rules/program/metric_update.h"
#include "rules/program/path_learner.h"
#include "rules/program/update_set.h"
#include "rules/program/value.h"

namespace tailmeter {

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

  // Of so many readings of field values one is timed, update by update, and stands for all of them: two looks at a
  // clock cost more than most updates. A prime, so that of several sets of updates each has its turn.
  static constexpr std::uint64_t kTimedEach = 1021;

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
    std::vector<UpdateSet::Parts> sets;
    std::vector<const PathLearner*> learners;  // that the labels use
    std::vector<std::unique_ptr<LineValue>> values;
    std::vector<std::unique_ptr<LabelSteps>> exemplars;
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
  void run(UpdateSet& set);
  void run_timed(LinePlan& plan);
  void run_each(UpdateSet& set);
  void apply(PlannedUpdate& planned);
  void apply_each(PlannedUpdate& planned);
  void apply_to_job(PlannedUpdate& planned);
  void apply_to_distinct(PlannedUpdate& planned);
  void apply_number(PlannedUpdate& planned, const Number& number);
  void change_top(const MetricUpdate& update, Decimal amount);
  void change_series(PlannedUpdate& planned, Decimal amount);
  void note_exemplar(const MetricUpdate& update, Row row, Decimal value);
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
  std::vector<UpdateSet> sets_;
  UpdateSet* set_ = nullptr;   // whose updates are under way
  std::string text_;           // of a key, or of labels
  std::vector<Skip> skips_;    // of the line under way
  std::uint64_t line_ = 0;     // number of the line under way, from 1
  std::uint64_t reading_ = 0;  // number of the field values under way, from 1: a list makes several of a line
  std::uint64_t cuts_ = 0;     // of parts_.learners, as of the rows that are remembered
  struct List {
    std::string_view whole;
    std::vector<std::string_view> elements;
  };
  std::vector<List> lists_;  // of the set under way
};

}  // namespace tailmeter
