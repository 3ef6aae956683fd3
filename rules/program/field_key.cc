#include "rules/program/field_key.h"

#include <algorithm>

namespace tailmeter {
namespace {

constexpr std::size_t kMaxLengthBytes = 10;  // of a 64-bit number, seven bits a byte

}  // namespace

FieldKey::FieldKey(const std::vector<LabelSteps>& labels) {
  for (const LabelSteps& label : labels) {
    for (const FieldIndex field : label.from.fields()) {
      if (std::find(fields_.begin(), fields_.end(), field) == fields_.end()) fields_.push_back(field);
    }
  }
}

std::string_view FieldKey::of(const FieldValues& values) {
  std::size_t size = 0;
  for (const FieldIndex field : fields_) size += kMaxLengthBytes + values[field].size();
  text_.resize(size);
  char* place = text_.data();
  for (const FieldIndex field : fields_) {
    const std::string_view value = values[field];
    // The length in seven bits a byte: one byte for nearly all.
    std::size_t rest = value.size();
    for (; rest >= 0x80; rest >>= 7) *place++ = static_cast<char>(0x80 | (rest & 0x7F));
    *place++ = static_cast<char>(rest);
    place = std::copy(value.begin(), value.end(), place);
  }
  text_.resize(static_cast<std::size_t>(place - text_.data()));
  return text_;
}

}  // namespace tailmeter
