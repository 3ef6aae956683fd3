// The escapes that programs write for bytes that would spoil a line.
//
// nginx writes \xHH (upper case), or, with escape=json, what JSON has (RFC 8259, section 7), or, with escape=none,
// every byte as it is; httpd writes \" \\ \n \t \r \b \f \v and \xhh (lower case); Go's strconv.Quote() writes these
// and \a, \uHHHH and \UHHHHHHHH. Pure; any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace tailmeter {

// The "escape" of nginx's log_format, and Go's. httpd's escapes are understood along with nginx's default ones.
enum class Escaping { kDefault, kJson, kNone, kGo };

// Writes `text` to `out` with its escapes undone once, and returns the size of what is written: at most text.size(). A
// backslash that begins no escape stays. Half of a surrogate pair becomes U+FFFD.
std::size_t undo_escapes(Escaping escaping, std::string_view text, char* out);

}  // namespace tailmeter
