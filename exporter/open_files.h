// How the descriptors that the system allows are shared out: most are for logs.
#pragma once

#include <cstddef>

namespace tailmeter {

struct OpenFiles {
  std::size_t logs = 0;
  std::size_t connections = 0;  // at most this many; what a client takes must not be missing for a log
};

// Takes all that the hard limit allows, and says who may have how many of them. Any number of times.
[[nodiscard]] OpenFiles take_open_files();

}  // namespace tailmeter
