// The labels of a topk: their text is all that is wanted of them.
//
// Belongs to the loop thread.
#pragma once

#include <string>
#include <vector>

#include "parsers/fields.h"
#include "rules/program/field_key.h"
#include "rules/program/label.h"
#include "rules/program/memo.h"

namespace tailmeter {

class TopLabels {
 public:
  static constexpr std::size_t kMemoSlots = 4096;

  TopLabels(std::vector<std::string> names, std::vector<LabelSteps> labels);

  // The labels for the fields, as render_labels() writes them; "" if one of them has no value. Valid until the next
  // call.
  [[nodiscard]] const std::string& text(const FieldValues& values);

  // To be called when field values have other labels. What text() gave last stays valid.
  void forget() { memo_.forget(); }

 private:
  void render(const FieldValues& values, std::string& text);

  std::vector<std::string> names_;
  std::vector<LabelSteps> labels_;
  FieldKey key_;
  std::vector<std::string> values_;
  Memo<std::string> memo_;
};

}  // namespace tailmeter
