// What a container's runtime makes of the lines that a program writes: parts of at most 16 KiB, each with the stream
// that it is from.
//
//   2025-12-31T17:37:40.49+01:00 stdout P the beginning of a line,       CRI: containerd, CRI-O, Podman
//   2025-12-31T17:37:40.49+01:00 stdout F and its end
//   {"log":"the beginning of a line,","stream":"stdout","time":"..."}     Docker's json-file
//   {"log":" and its end\n","stream":"stdout","time":"..."}
//
// Between the parts of one stream's line there may be the other's. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tailmeter {

struct ContainerPart {
  std::uint32_t stream = 0;  // below kStreams
  bool ends_line = true;     // false: the stream's next part goes on with the line
  std::string_view text;     // of Docker's with JSON's escapes; without the newline that ends the line

  static constexpr std::uint32_t kStreams = 2;
};

// False if `line` is no such part: then `diverged` is the byte at which that shows. Docker's record is a JSON object
// with the key "log"; the values of keys other than "log" and "stream" are passed over unchecked, and a key that comes
// twice has its last value.
[[nodiscard]] bool read_cri_part(std::string_view line, ContainerPart& part, std::size_t& diverged);
[[nodiscard]] bool read_docker_part(std::string_view line, ContainerPart& part, std::size_t& diverged);

}  // namespace tailmeter
