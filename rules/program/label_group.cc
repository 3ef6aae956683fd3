#include "rules/program/label_group.h"

#include <algorithm>
#include <cassert>

namespace tailmeter {

LabelGroup::LabelGroup(std::vector<LabelSteps> labels) : labels_(std::move(labels)) {
  for (const LabelSteps& label : labels_) {
    for (const FieldIndex field : label.from.fields()) {
      if (std::find(key_fields_.begin(), key_fields_.end(), field) == key_fields_.end()) key_fields_.push_back(field);
    }
  }
}

std::size_t LabelGroup::add_member(Family& family) {
  assert(entries_.empty());
  members_.push_back(&family);
  return members_.size() - 1;
}

Row LabelGroup::row(std::size_t member, const FieldValues& values, std::uint64_t line) {
  if (line != line_) {
    find_entry(values);
    line_ = line;
  }
  const Row row = rows_[entry_ + member];
  return row != kNoRow ? row : find_row(member, values);
}

void LabelGroup::find_entry(const FieldValues& values) {
  key_.clear();
  for (const FieldIndex field : key_fields_) {
    const std::string_view value = values[field];
    const auto size = static_cast<std::uint32_t>(value.size());
    key_.append(reinterpret_cast<const char*>(&size), sizeof size);
    key_.append(value);
  }
  const auto found = entries_.find(std::string_view(key_));
  if (found != entries_.end()) {
    entry_ = found->second;
    return;
  }
  if (entries_.size() >= kMaxRemembered) {
    entries_.clear();
    rows_.clear();
  }
  entry_ = rows_.size();
  rows_.resize(rows_.size() + members_.size(), kNoRow);
  entries_.emplace(key_, entry_);
}

Row LabelGroup::find_row(std::size_t member, const FieldValues& values) {
  std::vector<std::string> label_values;
  label_values.reserve(labels_.size());
  for (const LabelSteps& label : labels_) label_values.push_back(label.make(values));
  return rows_[entry_ + member] = members_[member]->find_or_add(label_values);
}

}  // namespace tailmeter
