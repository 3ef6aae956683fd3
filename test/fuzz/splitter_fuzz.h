// Up to the first line feed the text of a format, then a line: what the splitter is sure of, the pattern that defines
// the format says too.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "parsers/formats.h"
#include "parsers/log_format.h"
#include "parsers/pattern.h"
#include "parsers/splitter.h"

namespace tailmeter {

template <typename ParseFormat>
void compare_with_pattern(ParseFormat parse_format, const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const std::size_t newline = text.find('\n');
  if (newline == std::string_view::npos || text.find('\n', newline + 1) != std::string_view::npos) return;
  const std::vector<char> exactly(bytes + newline + 1, bytes + size);  // so that the sanitizer sees who reads beyond it
  const std::string_view line(exactly.data(), exactly.size());
  try {
    const LogFormat format = parse_format(text.substr(0, newline));
    const Splitter splitter(format);
    FieldValues values(format.field_names.size());
    values.start_line(line.size());
    bool has_escapes = false;
    const Splitter::Outcome outcome = splitter.split(line, values, has_escapes);
    if (outcome == Splitter::Outcome::kUnsure) return;
    const bool is_match = Pattern(log_format_pattern(format)).search(line, {});
    assert(is_match == (outcome == Splitter::Outcome::kMatch));
  } catch (const FormatError&) {
  } catch (const PatternError&) {
  }
}

}  // namespace tailmeter
