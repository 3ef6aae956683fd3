#include "rules/program/label_group.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tailmeter {

LabelGroup::LabelGroup(std::vector<LabelSteps> labels)
    : labels_(std::move(labels)), key_(labels_), key_bytes_(std::make_unique<std::pmr::monotonic_buffer_resource>()) {}

std::size_t LabelGroup::add_member(Family& family) {
  assert(entries_.empty());
  members_.push_back(&family);
  rows_.push_back(kNoRow);
  return members_.size() - 1;
}

void LabelGroup::find_entry(const FieldValues& values) {
  const std::string_view key = key_.of(values);
  if (key.size() > kMaxKeyBytes) {
    entry_ = 0;
    std::fill_n(rows_.begin(), members_.size(), kNoRow);
    return;
  }
  if (const auto found = entries_.find(key); found != entries_.end()) {
    entry_ = found->second;
    return;
  }
  if (!has_room_for(key)) forget();
  entry_ = rows_.size();
  rows_.resize(rows_.size() + members_.size(), kNoRow);
  char* const kept = static_cast<char*>(key_bytes_->allocate(key.size(), 1));
  std::copy(key.begin(), key.end(), kept);
  key_bytes_used_ += key.size();
  entries_.emplace(std::string_view(kept, key.size()), entry_);
}

void LabelGroup::forget() {
  line_ = 0;
  entry_ = 0;
  entries_.clear();
  key_bytes_->release();
  key_bytes_used_ = 0;
  rows_.assign(members_.size(), kNoRow);
}

bool LabelGroup::has_room_for(std::string_view key) const {
  std::size_t series = 0;
  for (const Family* const member : members_) series = std::max(series, member->series_count());
  const std::size_t max_entries = kMaxRemembered + 2 * series;
  return entries_.size() < max_entries && key_bytes_used_ + key.size() <= max_entries * kMeanKeyBytes;
}

Row LabelGroup::find_row(std::size_t member, const FieldValues& values) {
  std::vector<std::string> label_values;
  label_values.reserve(labels_.size());
  for (const LabelSteps& label : labels_) label_values.push_back(label.make(values));
  return rows_[entry_ + member] = members_[member]->find_or_add(label_values);
}

}  // namespace tailmeter
