// The names of all fields that a source's lines can have, and which of them some rule uses.
//
// A name that exists already keeps its index: a field that is derived (from $request, or $source and $file) has the
// index of the line's own field of that name, if there is one.
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
  // The field of this name, made if there is none.
  FieldIndex add(std::string_view name);
  [[nodiscard]] std::optional<FieldIndex> find(std::string_view name) const;

  void use(FieldIndex field) { used_[field] = true; }
  [[nodiscard]] bool is_used(FieldIndex field) const { return used_[field]; }

  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] std::size_t size() const { return names_.size(); }

 private:
  std::vector<std::string> names_;
  std::vector<bool> used_;
};

}  // namespace tailmeter
