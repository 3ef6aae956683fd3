// The first line of the bytes is a log_format, the rest a line: what the splitter is sure of, the pattern says too.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "parsers/formats.h"
#include "parsers/log_format.h"
#include "parsers/pattern.h"
#include "parsers/splitter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace tailmeter;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const std::size_t newline = text.find('\n');
  if (newline == std::string_view::npos) return 0;
  const std::string_view line = text.substr(newline + 1);
  if (line.find('\n') != std::string_view::npos) return 0;
  try {
    const LogFormat format = parse_log_format(text.substr(0, newline));
    const Splitter splitter(format);
    FieldValues values(format.field_names.size());
    values.start_line(line.size());
    bool has_escapes = false;
    const Splitter::Outcome outcome = splitter.split(line, values, has_escapes);
    if (outcome == Splitter::Outcome::kUnsure) return 0;
    const bool is_match = Pattern(log_format_pattern(format)).search(line, {});
    assert(is_match == (outcome == Splitter::Outcome::kMatch));
  } catch (const FormatError&) {
  } catch (const PatternError&) {
  }
  return 0;
}
