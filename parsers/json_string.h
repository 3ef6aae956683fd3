// The text of a JSON string (RFC 8259, section 7) as it stands between its quotes.
//
// Pure; any thread. Nothing is refused: bytes that JSON forbids, and bytes that are no UTF-8, stay as they are.
#pragma once

#include <cstddef>
#include <string_view>

namespace tailmeter {

// Where the quote stands that ends the string whose text begins at `begin`; npos if none does.
[[nodiscard]] std::size_t find_json_string_end(std::string_view text, std::size_t begin);

// Writes `text` to `out` with its escapes undone once, and returns the size of what is written: at most text.size().
// Surrogates become the character that they are halves of, or, when the other half is missing, U+FFFD. A backslash that
// begins no escape stays.
std::size_t undo_json_escapes(std::string_view text, char* out);

}  // namespace tailmeter
