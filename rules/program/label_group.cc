#include "rules/program/label_group.h"

#include <algorithm>
#include <cassert>

#include "rules/series/label_text.h"

namespace tailmeter {
namespace {

constexpr std::size_t kMaxLengthBytes = 10;  // of a 64-bit number, seven bits a byte

std::vector<FieldIndex> fields_of(const std::vector<LabelSteps>& labels) {
  std::vector<FieldIndex> fields;
  for (const LabelSteps& label : labels) {
    for (const FieldIndex field : label.from.fields()) {
      if (std::find(fields.begin(), fields.end(), field) == fields.end()) fields.push_back(field);
    }
  }
  return fields;
}

// The fields' values, each behind its length.
void write_key(const std::vector<FieldIndex>& fields, const FieldValues& values, std::string& key) {
  std::size_t size = 0;
  for (const FieldIndex field : fields) size += kMaxLengthBytes + values[field].size();
  key.resize(size);
  char* place = key.data();
  for (const FieldIndex field : fields) {
    const std::string_view value = values[field];
    // The length in seven bits a byte: one byte for nearly all.
    std::size_t rest = value.size();
    for (; rest >= 0x80; rest >>= 7) *place++ = static_cast<char>(0x80 | (rest & 0x7F));
    *place++ = static_cast<char>(rest);
    place = std::copy(value.begin(), value.end(), place);
  }
  key.resize(static_cast<std::size_t>(place - key.data()));
}

}  // namespace

LabelGroup::LabelGroup(std::vector<LabelSteps> labels)
    : labels_(std::move(labels)),
      key_fields_(fields_of(labels_)),
      key_bytes_(std::make_unique<std::pmr::monotonic_buffer_resource>()) {}

std::size_t LabelGroup::add_member(Family& family) {
  assert(entries_.empty());
  members_.push_back(&family);
  // Without fields in its labels the group has this one entry.
  if (key_fields_.empty()) rows_.push_back(kNoRow);
  return members_.size() - 1;
}

void LabelGroup::find_entry(const FieldValues& values) {
  write_key(key_fields_, values, key_);
  if (const auto found = entries_.find(std::string_view(key_)); found != entries_.end()) {
    entry_ = found->second;
    return;
  }
  if (entries_.size() >= max_entries()) forget();
  entry_ = rows_.size();
  rows_.resize(rows_.size() + members_.size(), kNoRow);
  char* const kept = static_cast<char*>(key_bytes_->allocate(key_.size(), 1));
  std::copy(key_.begin(), key_.end(), kept);
  entries_.emplace(std::string_view(kept, key_.size()), entry_);
}

void LabelGroup::forget() {
  line_ = 0;
  entry_ = 0;
  entries_.clear();
  key_bytes_->release();
  rows_.clear();
  if (key_fields_.empty()) rows_.resize(members_.size(), kNoRow);
}

std::size_t LabelGroup::max_entries() const {
  std::size_t series = 0;
  for (const Family* const member : members_) series = std::max(series, member->series_count());
  return kMaxRemembered + 2 * series;
}

Row LabelGroup::find_row(std::size_t member, const FieldValues& values) {
  std::vector<std::string> label_values;
  label_values.reserve(labels_.size());
  for (const LabelSteps& label : labels_) label_values.push_back(label.make(values));
  return rows_[entry_ + member] = members_[member]->find_or_add(label_values);
}

TopLabels::TopLabels(std::vector<std::string> names, std::vector<LabelSteps> labels)
    : names_(std::move(names)),
      labels_(std::move(labels)),
      key_fields_(fields_of(labels_)),
      values_(labels_.size()),
      memo_(kMemoSlots) {}

const std::string& TopLabels::text(const FieldValues& values) {
  std::string_view key;
  if (key_fields_.size() == 1) {
    key = values[key_fields_.front()];
  } else {
    write_key(key_fields_, values, key_);
    key = key_;
  }
  if (key.empty()) key = "-";  // no value either
  return memo_.of(key, [&](std::string_view, std::string& text) { render(values, text); });
}

void TopLabels::render(const FieldValues& values, std::string& text) {
  text.clear();
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    values_[i] = labels_[i].make(values);
    if (values_[i].empty()) return;
  }
  text = render_labels(names_, values_);
}

}  // namespace tailmeter
