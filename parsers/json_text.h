// The pieces of JSON text (RFC 8259), and where a line is no JSON object.
//
// Strings may hold any byte beyond ASCII: nginx writes what clients send, valid UTF-8 or not. Pure; any thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "parsers/parser.h"

namespace tailmeter {

// Objects and lists in one another, at most.
inline constexpr std::size_t kMaxJsonDepth = 64;

// A number, true, false or null.
[[nodiscard]] bool is_json_literal(std::string_view text);

// The first backslash in a string's text that begins no escape, or npos.
[[nodiscard]] std::size_t find_wrong_json_escape(std::string_view text);

// Where the quote stands that ends the string whose text begins at `begin`; npos if none does.
[[nodiscard]] std::size_t find_json_string_end(std::string_view text, std::size_t begin);

// Reads the line byte by byte and finds the first that no JSON object has there. Not for the hot way. The reason is
// empty if there is none.
[[nodiscard]] Mismatch diagnose_json(std::string_view line);

}  // namespace tailmeter
