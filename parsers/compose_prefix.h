// What `docker compose logs` puts in front of a line: the container's name, padded to the longest of them.
//
//   web-1       | line
//   registry-1  | line
//
// Pure; any thread.
#pragma once

#include <string_view>

#include "parsers/line_prefix.h"

namespace tailmeter {

[[nodiscard]] LinePrefix read_compose_prefix(std::string_view line);

}  // namespace tailmeter
