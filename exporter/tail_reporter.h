// Tells the operator, in the log and in counters, what happens to the files.
//
// Belongs to the loop thread.
#pragma once

#include "exporter/self_metrics.h"
#include "exporter/tail/tail_observer.h"
#include "rules/program/rule_set.h"

namespace tailmeter {

class TailReporter final : public TailObserver {
 public:
  // Both outlive the reporter.
  TailReporter(const RuleSet& rules, SelfMetrics& metrics) : rules_(rules), metrics_(metrics) {}

  void on_open(SourceIndex source, std::string_view path) override;
  void on_rotation(SourceIndex source, std::string_view path, Rotation kind) override;
  void on_unreadable(SourceIndex source, std::string_view path, std::error_code error) override;
  void on_readable_again(SourceIndex source, std::string_view path) override;
  void on_done(SourceIndex source, std::string_view path) override;
  void on_vanished(SourceIndex source, std::string_view path, const LastSeen& seen) override;
  void on_rolled_back(SourceIndex source, std::string_view path, std::uint64_t uncertain_bytes) override;
  void on_lost(SourceIndex source, std::string_view path, std::uint64_t bytes, LossReason reason) override;

 private:
  [[nodiscard]] const std::string& name(SourceIndex source) const { return rules_.sources()[source].rule.name.value; }

  const RuleSet& rules_;
  SelfMetrics& metrics_;
};

}  // namespace tailmeter
