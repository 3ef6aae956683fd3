// Bytes of a log, or of a user's file, as text that may be shown anywhere.
//
// One byte that is not UTF-8 makes Prometheus refuse a whole scrape, and control bytes reach the terminal of whoever
// prints a page or a message: nothing from outside is shown before it went through here.
//
// A pure function; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tailmeter {

// Valid UTF-8 without control characters: each byte that does not belong to one becomes \xHH. Cut to at most
// `max_bytes`, never inside a character or an escape.
[[nodiscard]] std::string clean_text(std::string_view bytes, std::size_t max_bytes);

}  // namespace tailmeter
