#include "exporter/tail/window.h"

#include <string>

#include <catch2/catch.hpp>

namespace tailmeter {

TEST_CASE("the window holds the whole last line, at least 256 bytes, and at most 4 KiB", "[tail]") {
  struct Case {
    std::size_t bytes_before;     // of one line
    std::size_t last_line_bytes;  // with its newline
    std::size_t expected;
  };
  const Case c =
      GENERATE(Case{0, 1, 1}, Case{0, 256, 256}, Case{100, 50, 150}, Case{1000, 50, 256}, Case{1000, 256, 256},
               Case{1000, 257, 257}, Case{1000, 4096, 4096}, Case{1000, 4097, 4096}, Case{9000, 300, 300});
  const bool in_one_piece = GENERATE(true, false);
  CAPTURE(c.bytes_before, c.last_line_bytes, in_one_piece);
  const std::string before = c.bytes_before == 0 ? "" : std::string(c.bytes_before - 1, 'b') + '\n';
  const std::string line = std::string(c.last_line_bytes - 1, 'l') + '\n';

  Window window;
  if (in_one_piece) {
    window.append(before + line);
  } else {
    window.append(before);
    window.append(line);
  }
  const std::string all = before + line;
  // What an earlier cut dropped cannot come back, but a whole last line and 256 bytes are there in any case.
  CHECK(window.bytes() == all.substr(all.size() - c.expected));
}

}  // namespace tailmeter
