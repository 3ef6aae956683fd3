// Names in a rule file: how they are written, and which there are.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/file/diagnostics.h"
#include "rules/file/value.h"

namespace tailmeter {

// Letters, digits and "_", no digit in front: what Prometheus lets a label be called, and a metric that is no recording
// rule.
[[nodiscard]] bool is_name(std::string_view text);

// The names of one kind of thing, each given once. An empty name was reported where it was read, and is none.
class Names {
 public:
  // Reports a name that is already taken.
  void add(const Text& name, const Value& entry);

  [[nodiscard]] bool contains(std::string_view name) const { return places_.find(name) != places_.end(); }
  [[nodiscard]] std::span<const std::string> all() const { return names_; }

 private:
  std::map<std::string, Place, std::less<>> places_;
  std::vector<std::string> names_;  // in the order of the file
};

}  // namespace tailmeter
