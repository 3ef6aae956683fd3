// The escapes that servers write for bytes that would spoil a line.
//
// nginx writes \xHH (upper case); httpd writes \" \\ \n \t \r \b \f \v and \xhh (lower case). Pure; any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace tailmeter {

// Writes `text` to `out` with its escapes undone once, and returns the size of what is written: at most text.size(). A
// backslash that begins no escape stays.
std::size_t undo_escapes(std::string_view text, char* out);

}  // namespace tailmeter
