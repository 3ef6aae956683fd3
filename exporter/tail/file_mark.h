// What a file was like when it was found that it is not to be read, to see later whether it still is that file.
//
// `cp a.log a.log.1` and `gzip -c a.log > a.log.1.gz` write into the file that is there: its identity stays, and what
// is in it is another log. A file that has only grown, or was only touched, is the same. A compressed one does not
// grow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <system_error>

#include "exporter/tail/file_system.h"
#include "exporter/tail/print.h"
#include "exporter/tail/read_buffer.h"
#include "exporter/tail/rotated_files.h"
#include "exporter/tail/rung.h"

namespace tailmeter {

struct FileMark {
  static constexpr std::size_t kHashedBytesMax = 512;

  std::uint64_t size_bytes = 0;  // on the disk
  std::uint64_t modified_ns = 0;
  // Of the last bytes in front of the size; of a compressed file, of the first ones of its content. None where the file
  // could not be read.
  std::uint64_t hashed_bytes = 0;
  ContentHash hash{};
  bool is_copy = false;  // of what was read, or it seemed so: if it grows, it is to be judged anew

  // Nothing has touched the file since: that is told without opening it.
  [[nodiscard]] bool is_of(const RotatedFile& file) const {
    return modified_ns != 0 && modified_ns == file.modified_ns && size_bytes == file.size_bytes;
  }
  // As far as it is known, and something is.
  [[nodiscard]] bool has_content_of(const FileMark& other) const {
    return hashed_bytes > 0 && size_bytes == other.size_bytes && hashed_bytes == other.hashed_bytes &&
           hash == other.hash;
  }
  bool operator==(const FileMark&) const = default;
};

// Of a file as it was listed; `open_file` is it. What cannot be read is left out.
[[nodiscard]] FileMark mark_of(FileSystem& files, const RotatedFile& file, const OpenFile& open_file,
                               ReadBuffer& buffer);

// What a file is to the one that `mark` was taken of: kContinuation, kNone if it was written anew, or kUndecided.
[[nodiscard]] Kinship kinship(FileSystem& files, const RotatedFile& file, const OpenFile& open_file,
                              const FileMark& mark, ReadBuffer& buffer);

}  // namespace tailmeter
