// The escapes that servers write for bytes that would spoil a line.
//
// nginx writes \xHH (upper case), or, with escape=json, \" \\ \n \t \r \b \f and \u00HH, or, with escape=none, every
// byte as it is; httpd writes \" \\ \n \t \r \b \f \v and \xhh (lower case). Pure; any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace tailmeter {

// The "escape" of nginx's log_format. httpd's escapes are understood along with nginx's default ones.
enum class Escaping { kDefault, kJson, kNone };

// Writes `text` to `out` with its escapes undone once, and returns the size of what is written: at most text.size(). A
// backslash that begins no escape stays.
std::size_t undo_escapes(Escaping escaping, std::string_view text, char* out);

}  // namespace tailmeter
