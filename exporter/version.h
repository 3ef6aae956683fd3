// Which build this is, in the words of other Prometheus programs.
#pragma once

#include <string>

namespace tailmeter {

[[nodiscard]] std::string version();       // "0.1.0"
[[nodiscard]] std::string compiler();      // "gcc 12.2.0"
[[nodiscard]] std::string version_text();  // "tailmeter, version 0.1.0 (gcc 12.2.0)"

}  // namespace tailmeter
