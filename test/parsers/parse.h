// A line's fields by name, for tests that compare them whole.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "parsers/parser.h"

namespace tailmeter {

using Fields = std::map<std::string, std::string>;

// Nothing if the line does not have the format; fields without bytes are left out.
inline std::optional<Fields> parse(const Parser& parser, std::string_view line) {
  FieldValues values(parser.field_names().size());
  values.start_line(line.size());
  if (!parser.parse(line, values)) return std::nullopt;
  Fields fields;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string_view value = values[static_cast<FieldIndex>(i)];
    if (!value.empty()) fields[parser.field_names()[i]] = value;
  }
  return fields;
}

}  // namespace tailmeter
