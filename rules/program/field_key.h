// The values of some fields as one text, which no other values give: each stands behind its length.
//
// Belongs to one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parsers/fields.h"
#include "rules/program/label.h"

namespace tailmeter {

class FieldKey {
 public:
  // Of the fields that the labels are made of.
  explicit FieldKey(const std::vector<LabelSteps>& labels);

  [[nodiscard]] const std::vector<FieldIndex>& fields() const { return fields_; }

  // Valid until the next call.
  [[nodiscard]] std::string_view of(const FieldValues& values);

 private:
  std::vector<FieldIndex> fields_;
  std::string text_;
};

}  // namespace tailmeter
