// What shows that a file is another one than before, or was written since.
//
// A file may change within the clock tick of its stamp without showing it, as everywhere where times of change are
// compared; a new file in the old one's place always shows.
#pragma once

#include <cstdint>
#include <string>

namespace tailmeter {

struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size_bytes = -1;  // -1: there is no such file, or nobody may ask
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;  // also by chmod and rename

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

// Of what `path` leads to, through symbolic links.
[[nodiscard]] FileStamp file_stamp(const std::string& path);

}  // namespace tailmeter
