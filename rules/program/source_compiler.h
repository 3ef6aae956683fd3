// Compiles what concerns one source: its format, its extracts, and the metrics that read it.
//
// Used at load only. Mistakes are reported to the diagnostics; compiling goes on, to find more of them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rules/file/diagnostics.h"
#include "rules/file/rule_file.h"
#include "rules/program/field_table.h"
#include "rules/program/source_program.h"

namespace tailmeter {

class SourceCompiler {
 public:
  // `where` begins each message about the source: `sources[0] "nginx"`. `rule` and `diagnostics` outlive the compiler.
  SourceCompiler(const SourceRule& rule, std::string where, CountryLookup country_of, Diagnostics& diagnostics);

  // What a metric changes.
  struct Target {
    Family& family;
    MetricStatistics& statistics;
    std::map<std::string, std::unique_ptr<PathLearner>>& learners;  // of the family's labels
    std::vector<std::size_t> label_order;  // for each label of the family, its position in MetricRule::labels
    OpenJobs* jobs = nullptr;              // duration
  };

  // Adds a metric that reads this source. `where` as above: `metrics[3] "http_requests_total"`.
  void add(const MetricRule& metric, const std::string& where, const Target& target);

  // Which metrics will count nothing here, and why, though nothing is wrong.
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

  // The program, or null if the source has a mistake. Call it last.
  [[nodiscard]] std::unique_ptr<SourceProgram> finish();

 private:
  struct PlannedExtraction {
    FieldIndex from;
    Pattern pattern;
    std::vector<Extraction::Target> targets;
  };

  struct PlannedCountry {
    FieldIndex from;
    FieldIndex to;
  };

  std::unique_ptr<Parser> make_parser(const FormatRule& format);
  void make_formats();
  bool ask_for(const std::string& name);
  void select_fields(SourceProgram::Format& format) const;
  void plan_request_fields();
  void plan_extract(const ExtractRule& extract, const std::string& where);
  [[nodiscard]] bool is_taken(const std::string& name, const Text& text, const std::string& where);
  void plan_country(FieldIndex from, const Text& name, const std::string& where);
  [[nodiscard]] bool is_off(const MetricRule& metric);

  std::optional<FieldIndex> resolve(const std::string& name, Place place, const std::string& where);
  std::optional<Template> compile_template(const Text& text, const std::string& where);
  std::optional<Pattern> compile_pattern(const Text& text, const std::string& where, PatternUse use);
  std::vector<Pattern> compile_whole_patterns(const std::vector<Text>& texts, const std::string& where);

  std::optional<LabelSteps> compile_label(const LabelRule& rule, const std::string& where, const Target& target);
  void compile_path(const LabelRule& rule, const std::string& where, const Target& target, LabelSteps& steps);
  std::vector<LabelSteps> compile_labels(const MetricRule& metric, const std::string& where, const Target& target);
  UpdateSet::Parts& update_set(const MetricRule& metric, const std::string& where);
  std::size_t label_group(const MetricRule& metric, const std::string& where, const Target& target,
                          UpdateSet::Parts& set);
  LineValue* line_value(const ValueRule& rule, const std::string& where);
  MetricUpdate& add_update(const MetricRule& metric, const std::string& where, const Target& target,
                           const std::vector<ConditionRule>& more_conditions);
  void set_key(MetricUpdate& update, const Text& key, const std::string& where);
  void add_job_step(UpdateStep step, const MetricRule& metric, const std::string& where, const Target& target);
  void add_condition(const ConditionRule& rule, bool is_required, const std::string& where, UpdateSet::Parts& set,
                     MetricUpdate& update);

  const SourceRule& rule_;
  std::string where_;
  CountryLookup country_of_;  // none: there is no database
  Diagnostics& diagnostics_;
  bool has_formats_ = false;  // false: they are wrong, and which fields there are is not known
  FieldTable fields_;
  SourceProgram::Parts parts_;
  std::vector<PlannedExtraction> extractions_;
  std::vector<PlannedCountry> planned_countries_;
  std::set<std::string> absent_fields_;  // that no line has, and no database tells
  std::vector<std::string> notes_;
  // What is shared between metrics, by what it is made of.
  std::map<std::string, std::size_t> groups_;
  std::map<std::string, LineValue*> values_;
  std::map<std::string, std::uint64_t> conditions_;
};

}  // namespace tailmeter
