// What a terminal shows of a line that was written for one.
//
// Escape sequences (ECMA-48: colours and other control sequences, titles and links, single commands) are left out; of
// updates that are parted by carriage returns, as rsync --progress writes them, only the last is kept that is not
// empty. An escape character that begins no whole sequence stays. C1 controls of one byte are no such characters: in
// UTF-8 they are parts of letters.
//
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace tailmeter {

// A view of `line`, or of `scratch`, where it is put together if it has escape sequences. `line` may itself be a view
// of `scratch`.
[[nodiscard]] std::string_view shown_text(std::string_view line, std::string& scratch);

}  // namespace tailmeter
