#include "rules/program/update_set.h"

#include <set>
#include <utility>

namespace tailmeter {
namespace {

std::vector<FieldIndex> deciding_fields(const UpdateSet::Parts& parts) {
  std::set<FieldIndex> fields;
  for (const FieldConditions& conditions : parts.conditions) fields.insert(conditions.field());
  for (const LabelGroup& group : parts.groups) fields.insert(group.fields().begin(), group.fields().end());
  return {fields.begin(), fields.end()};
}

}  // namespace

UpdateSet::UpdateSet(Parts parts)
    : parts_(std::move(parts)), holding_(parts_.conditions.size()), plans_(deciding_fields(parts_)) {}

void UpdateSet::make_plan(const FieldValues& values, LinePlan& plan) {
  for (std::size_t i = 0; i < holding_.size(); ++i) holding_[i] = parts_.conditions[i].examine(values);
  for (const MetricUpdate& update : parts_.updates) {
    if (holds(update)) plan.push_back({.update = &update});
  }
}

bool UpdateSet::holds(const MetricUpdate& update) const {
  for (std::size_t i = 0; i < update.check_count; ++i) {
    const Check& check = parts_.checks[update.first_check + i];
    const std::uint64_t holding = holding_[check.conditions];
    if ((holding & check.required) != check.required || (holding & check.forbidden) != 0) return false;
  }
  return true;
}

void UpdateSet::forget_rows() {
  plans_.forget_rows();
  for (LabelGroup& group : parts_.groups) group.forget();
}

void UpdateSet::forget_top_labels() {
  for (TopLabels& labels : parts_.top_labels) labels.forget();
}

}  // namespace tailmeter
