// The three things that the tail does with the text of a path. No call touches the file system.
#pragma once

#include <string>
#include <string_view>

namespace tailmeter {

// "/var/log/a.log" → "/var/log", "/a.log" → "/", "a.log" → ".".
[[nodiscard]] std::string_view parent_directory(std::string_view path);

// "/var/log/a.log" → "a.log".
[[nodiscard]] std::string_view file_name(std::string_view path);

// The inverse of the two above: a name in "." is the bare name. An empty name gives the directory itself.
[[nodiscard]] std::string join_path(std::string_view directory, std::string_view name);

}  // namespace tailmeter
