// A rule file's text before it is taken for YAML.
//
// Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "rules/file/diagnostics.h"

namespace tailmeter {

// The text without a byte order mark, and with a newline alone at each line end: what is left stands where it stood, by
// line and column.
[[nodiscard]] std::string plain_text(std::string_view text);

// The first byte that YAML does not allow: not UTF-8, or a control character that is neither a tab nor a newline.
// yaml-cpp does not look for them: it takes a NUL for UTF-16 and 0x04 for the end of the file.
[[nodiscard]] std::optional<std::size_t> find_unprintable(std::string_view plain_text);

[[nodiscard]] Place place_at(std::string_view plain_text, std::size_t offset);

}  // namespace tailmeter
