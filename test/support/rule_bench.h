// A rule file and lines to count by it, for tests.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "exporter/pipeline.h"
#include "rules/program/compile.h"
#include "rules/series/sample_list.h"

namespace tailmeter {

class RuleBench {
 public:
  // Throws RuleFileError; messages call the file "rules.yml".
  explicit RuleBench(const std::string& text) : rules_(read_rules("rules.yml", text)), pipeline_(*rules_) {}

  // Counts `lines`, each ended by a newline.
  RuleBench& count(std::string_view lines, SourceIndex source = 0, std::string_view path = "access.log") {
    pipeline_.take({source, path, lines});
    return *this;
  }

  // Every sample, or those of one name, "series value" a line.
  [[nodiscard]] std::string samples(std::string_view name = {}) const {
    std::string out;
    for (const Sample& sample : samples_of(rules_->snapshot())) {
      if (name.empty() || sample.name == name) out += series_text(sample) + ' ' + to_string(sample.value) + '\n';
    }
    return out;
  }

  [[nodiscard]] RuleSet& rules() { return *rules_; }
  [[nodiscard]] const Pipeline& pipeline() const { return pipeline_; }
  [[nodiscard]] const MetricStatistics& statistics(std::size_t metric) const {
    return *rules_->metrics()[metric].statistics;
  }

 private:
  std::unique_ptr<RuleSet> rules_;
  Pipeline pipeline_;
};

// What reading `text` as a rule file reports, or "" if it is right.
inline std::string reports(const std::string& text) {
  try {
    (void)read_rules("rules.yml", text);
    return {};
  } catch (const RuleFileError& error) {
    return error.what();
  }
}

}  // namespace tailmeter
