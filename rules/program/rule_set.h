// A rule file in force: a program for each source, and the series that they update.
//
// Belongs to the loop thread; a snapshot may go anywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "rules/program/source_program.h"
#include "rules/series/family.h"
#include "rules/series/snapshot.h"

namespace tailmeter {

class RuleSet {
 public:
  struct Source {
    SourceRule rule;
    std::unique_ptr<SourceProgram> program;
    std::vector<std::string> notes{};  // metrics that count nothing here, and why
  };

  // One family, and what was counted about all entries of the rule file that update it.
  struct Metric {
    std::unique_ptr<Family> family;
    std::unique_ptr<MetricStatistics> statistics;
    std::vector<std::unique_ptr<OpenJobs>> jobs{};                   // duration: for each entry
    std::map<std::string, std::unique_ptr<PathLearner>> learners{};  // by the names of the labels that learn
    std::vector<std::string> value_texts{};  // what its entries take values from, such as $request_time
  };

  RuleSet(std::vector<Source> sources, std::vector<Metric> metrics, std::unique_ptr<SeriesBudget> budget,
          std::vector<TestRule> tests)
      : budget_(std::move(budget)),
        sources_(std::move(sources)),
        metrics_(std::move(metrics)),
        tests_(std::move(tests)) {}

  [[nodiscard]] const std::vector<Source>& sources() const { return sources_; }
  [[nodiscard]] SourceProgram& program(std::size_t source) { return *sources_[source].program; }
  [[nodiscard]] const std::vector<Metric>& metrics() const { return metrics_; }
  [[nodiscard]] const std::vector<TestRule>& tests() const { return tests_; }

  // The moment of the lines to come and of the next snapshot, in milliseconds since 1970.
  void set_now(std::int64_t now_ms) {
    for (const Metric& metric : metrics_) metric.family->set_now(now_ms);
  }

  // Frees the series whose time is over.
  void let_go_of_idle() {
    bool is_any_gone = false;
    for (const Metric& metric : metrics_) is_any_gone = metric.family->let_go_of_idle() || is_any_gone;
    if (!is_any_gone) return;
    for (const Source& source : sources_) source.program->forget_rows();
  }

  [[nodiscard]] Snapshot snapshot() const {
    Snapshot snapshot;
    snapshot.reserve(metrics_.size());
    for (const Metric& metric : metrics_) snapshot.push_back(metric.family->snapshot());
    return snapshot;
  }

 private:
  std::unique_ptr<SeriesBudget> budget_;  // outlives the families
  std::vector<Source> sources_;
  std::vector<Metric> metrics_;
  std::vector<TestRule> tests_;
};

}  // namespace tailmeter
