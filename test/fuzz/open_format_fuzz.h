// Any bytes as a line of a format whose lines name or number their fields: the plain reader finds the same in it.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "parsers/parser.h"
#include "test/parsers/parse.h"

namespace tailmeter {

template <typename Read>
void compare_with_plain_reader(std::unique_ptr<Parser> parser, Read read, const std::uint8_t* bytes, std::size_t size) {
  for (const char* const name : {"a", "b", "a.b", "a.0", "b.0.a", "status", "1", "2", "3"}) parser->ask_for(name);
  const std::vector<char> exactly(bytes, bytes + size);  // so that the sanitizer sees who reads beyond the end
  const std::string_view line(exactly.data(), exactly.size());
  const std::optional<Fields> found = parse(*parser, line);
  const std::optional<Fields> right = read(line);
  assert(found.has_value() == right.has_value());
  if (!found) {
    const Mismatch mismatch = parser->diagnose(line);
    assert(mismatch.offset <= line.size() && !mismatch.reason.empty());
    return;
  }
  for (const std::string& name : parser->field_names()) assert(found->count(name) == right->count(name));
  for (const auto& [name, value] : *found) assert(right->at(name) == value);
}

}  // namespace tailmeter
