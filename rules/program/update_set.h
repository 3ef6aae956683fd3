// The updates that are made for the same field values: which of them a line makes, and which rows they change.
//
// Those of metrics that take the line as it is are one set. Metrics with the same `each` are one more, whose updates
// are made once for each position in the lists, with the elements as the fields' values.
//
// Made by the compiler. Belongs to the loop thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "parsers/fields.h"
#include "rules/program/condition.h"
#include "rules/program/label_group.h"
#include "rules/program/line_plan.h"
#include "rules/program/metric_update.h"
#include "rules/program/top_labels.h"

namespace tailmeter {

class UpdateSet {
 public:
  // A metric's questions about one field: all `required` bits must hold, and no `forbidden` one.
  struct Check {
    std::size_t conditions = 0;  // position in the list of FieldConditions
    std::uint64_t required = 0;
    std::uint64_t forbidden = 0;
  };

  struct Parts {
    std::vector<FieldIndex> lists{};  // of `each`; empty: the line as it is
    std::vector<FieldConditions> conditions{};
    std::vector<Check> checks{};
    std::vector<LabelGroup> groups{};
    std::vector<TopLabels> top_labels{};
    std::vector<MetricUpdate> updates{};
  };

  explicit UpdateSet(Parts parts);

  [[nodiscard]] const std::vector<FieldIndex>& lists() const { return parts_.lists; }
  [[nodiscard]] const std::vector<MetricUpdate>& updates() const { return parts_.updates; }

  // The updates whose conditions hold. Valid until the next call.
  [[nodiscard]] LinePlan& plan(const FieldValues& values) {
    return plans_.of(values, [&](LinePlan& plan) { make_plan(values, plan); });
  }

  // The row of an update; made when there is none yet. Equal numbers `reading` stand for equal values.
  [[nodiscard]] Row row(const MetricUpdate& update, const FieldValues& values, std::uint64_t reading) {
    return parts_.groups[update.group].row(update.member, values, reading);
  }

  // The labels of a topk's update; "" if one of them has no value. Valid until the next call.
  [[nodiscard]] const std::string& top_labels(const MetricUpdate& update, const FieldValues& values) {
    return parts_.top_labels[update.group].text(values);
  }

  // To be called when rows of a family have got other numbers, or field values other labels.
  void forget_rows();
  void forget_top_labels();

 private:
  void make_plan(const FieldValues& values, LinePlan& plan);
  [[nodiscard]] bool holds(const MetricUpdate& update) const;

  Parts parts_;
  std::vector<std::uint64_t> holding_;  // the bits of parts_.conditions for the values that are planned
  LinePlans plans_;
};

}  // namespace tailmeter
