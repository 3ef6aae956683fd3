// Label values as they are shown: valid, bounded, escaped once.
//
// Log bytes become label values only through here.
//
// Pure functions; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parsers/clean_text.h"

namespace tailmeter {

inline constexpr std::size_t kDefaultMaxLabelBytes = 256;
inline constexpr std::string_view kOverflowLabel = "__other__";
inline constexpr std::string_view kExpiredLabel = "__expired__";

// `bytes` as a label's value: see clean_text().
[[nodiscard]] inline std::string clean_label_value(std::string_view bytes,
                                                   std::size_t max_bytes = kDefaultMaxLabelBytes) {
  return clean_text(bytes, max_bytes);
}

// `name="value",name2="value2"`, with \ " and newline escaped as the text format wants. An empty value is no label and
// is left out. Values must be clean.
[[nodiscard]] std::string render_labels(std::span<const std::string> names, std::span<const std::string> values);

// The pairs of a text that render_labels() wrote.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> parse_labels(std::string_view text);

}  // namespace tailmeter
