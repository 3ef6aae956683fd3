// A text that somebody wrote, read as a whole.
#pragma once

#include <cstddef>
#include <string>

namespace tailmeter {

// The file at `path`; of one with more than `max_bytes`, the first max_bytes + 1 or a little more, which is enough to
// refuse it. Waits for nobody: what is no regular file is refused. Throws std::system_error, or for that
// std::runtime_error; what() is the reason alone.
[[nodiscard]] std::string read_text_file(const std::string& path, std::size_t max_bytes);

}  // namespace tailmeter
