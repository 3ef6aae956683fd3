#include "rules/program/label_group.h"

#include <algorithm>
#include <cassert>

#include "rules/series/label_text.h"

namespace tailmeter {
namespace {

constexpr std::size_t kMaxLengthBytes = 10;  // of a 64-bit number, seven bits a byte

}  // namespace

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
  // Without fields in its labels the group has this one entry.
  if (key_fields_.empty()) rows_.push_back(kNoRow);
  return members_.size() - 1;
}

void LabelGroup::find_entry(const FieldValues& values) {
  write_key(values);
  if (const auto found = entries_.find(std::string_view(key_)); found != entries_.end()) {
    entry_ = found->second;
    return;
  }
  if (entries_.size() >= max_entries()) forget();
  entry_ = rows_.size();
  rows_.resize(rows_.size() + members_.size(), kNoRow);
  entries_.emplace(key_, entry_);
}

void LabelGroup::forget() {
  line_ = 0;
  entry_ = 0;
  entries_.clear();
  rows_.clear();
  if (key_fields_.empty()) rows_.resize(members_.size(), kNoRow);
}

std::size_t LabelGroup::max_entries() const {
  std::size_t series = 0;
  for (const Family* const member : members_) series = std::max(series, member->series_count());
  return kMaxRemembered + 2 * series;
}

void LabelGroup::write_key(const FieldValues& values) {
  std::size_t size = 0;
  for (const FieldIndex field : key_fields_) size += kMaxLengthBytes + values[field].size();
  key_.resize(size);
  char* place = key_.data();
  for (const FieldIndex field : key_fields_) {
    const std::string_view value = values[field];
    // The length in seven bits a byte: one byte for nearly all.
    std::size_t rest = value.size();
    for (; rest >= 0x80; rest >>= 7) *place++ = static_cast<char>(0x80 | (rest & 0x7F));
    *place++ = static_cast<char>(rest);
    place = std::copy(value.begin(), value.end(), place);
  }
  key_.resize(static_cast<std::size_t>(place - key_.data()));
}

bool TopLabels::render(const FieldValues& values, std::string& text) {
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    values_[i] = labels_[i].make(values);
    if (values_[i].empty()) return false;
  }
  text = render_labels(names_, values_);
  return true;
}

Row LabelGroup::find_row(std::size_t member, const FieldValues& values) {
  std::vector<std::string> label_values;
  label_values.reserve(labels_.size());
  for (const LabelSteps& label : labels_) label_values.push_back(label.make(values));
  return rows_[entry_ + member] = members_[member]->find_or_add(label_values);
}

}  // namespace tailmeter
