#include "rules/program/top_labels.h"

#include <string_view>
#include <utility>

#include "rules/series/label_text.h"

namespace tailmeter {

TopLabels::TopLabels(std::vector<std::string> names, std::vector<LabelSteps> labels)
    : names_(std::move(names)), labels_(std::move(labels)), key_(labels_), values_(labels_.size()), memo_(kMemoSlots) {}

const std::string& TopLabels::text(const FieldValues& values) {
  const bool is_one = key_.fields().size() == 1;
  std::string_view key = is_one ? values[key_.fields().front()] : key_.of(values);
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
