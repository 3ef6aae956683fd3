// What is remembered of a file's content, to know it again under another name, in a copy, or compressed.
//
// Raw bytes, so that a comparison has no collisions. Two files of which only the first bytes are known, and alike, are
// told apart by the bytes in front of the position.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>

#include "exporter/tail/file_system.h"
#include "exporter/tail/read_buffer.h"

namespace tailmeter {

struct Print {
  static constexpr std::size_t kHeadBytesMax = 512;

  std::uint64_t position_bytes = 0;  // what was consumed of the file ends there
  std::string head;                  // its first bytes
  std::string window;                // its bytes in front of the position; at most Window::kBytesMax
  std::string pending;               // the first of its bytes behind the position that were seen

  [[nodiscard]] bool is_empty() const { return window.empty() && pending.empty(); }
  bool operator==(const Print&) const = default;
};

// What another file is to the one of which we have a print.
enum class Kinship {
  kNone,
  kOlderCopy,     // it ends before the position
  kContinuation,  // it holds all that was consumed, and perhaps what comes next
  kUndecided      // it cannot be read now
};
[[nodiscard]] Kinship kinship(FileSystem& files, const OpenFile& file, const Print& print, ReadBuffer& buffer);

// kOlderCopy if all that `file` has, and that is not nothing, is what `other` begins with; else kNone. So if `other` is
// compressed and damaged: what nobody can read is nobody's original.
[[nodiscard]] Kinship kinship(FileSystem& files, const OpenFile& file, const OpenFile& other, ReadBuffer& buffer);

// Of the first bytes that a file has now.
[[nodiscard]] std::error_code print_of_head(FileSystem& files, const OpenFile& file, Print& print, ReadBuffer& buffer);

}  // namespace tailmeter
