// The names of all fields that a source's lines can have, and which of them some rule uses.
//
// Fields of the formats come first, then those that follow from $request, then those that extract finds, then $source
// and $file. A name that exists already keeps its meaning: a field of the line's own wins over a derived one.
//
// Used at load only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/fields.h"

namespace tailmeter {

class FieldTable {
 public:
  explicit FieldTable(std::vector<std::string> format_fields = {});

  // The field of this name, made if there is none.
  FieldIndex add(std::string_view name);
  [[nodiscard]] std::optional<FieldIndex> find(std::string_view name) const;

  void use(FieldIndex field) { used_[field] = true; }
  [[nodiscard]] bool is_used(FieldIndex field) const { return used_[field]; }

  // True for a field that some format itself has.
  [[nodiscard]] bool is_format_field(FieldIndex field) const { return field < format_field_count_; }

  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] std::size_t size() const { return names_.size(); }

 private:
  std::vector<std::string> names_;
  std::vector<bool> used_;
  std::size_t format_field_count_;
};

}  // namespace tailmeter
