#include "parsers/json_names.h"

#include <algorithm>

namespace tailmeter {

bool JsonNames::may_be_asked(std::string_view name) {
  return static_cast<std::size_t>(std::count(name.begin(), name.end(), '.')) < kMaxParts;
}

void JsonNames::add(std::string_view name, FieldIndex field) {
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::uint32_t here = node(std::string(name.substr(0, begin)));
    for (std::size_t dot = name.find('.', begin); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
      const std::uint32_t inside = node(std::string(name.substr(0, dot + 1)));
      target(here, name.substr(begin, dot - begin)).inside = inside;
    }
    target(here, name.substr(begin)).field = field;
    begin = std::min(name.find('.', begin), name.size()) + 1;
  }
}

std::uint32_t JsonNames::node(const std::string& prefix) {
  const auto [place, is_new] = places_.emplace(prefix, static_cast<std::uint32_t>(nodes_.size()));
  if (is_new) nodes_.emplace_back();
  return place->second;
}

JsonNames::Target& JsonNames::target(std::uint32_t where, std::string_view key) {
  std::uint32_t found = nodes_[where].find(key);
  if (found == NameTable::kNone) {
    found = static_cast<std::uint32_t>(targets_.size());
    nodes_[where].add(key, found);
    targets_.emplace_back();
  }
  return targets_[found];
}

}  // namespace tailmeter
