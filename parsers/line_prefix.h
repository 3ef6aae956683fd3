// What a carrier put in front of a line, as far as it is there.
#pragma once

#include <cstddef>

namespace tailmeter {

struct LinePrefix {
  bool is_whole = false;
  std::size_t size = 0;  // with a byte order mark behind it; else how much of it there is
};

}  // namespace tailmeter
