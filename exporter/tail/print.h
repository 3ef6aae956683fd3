// What is remembered of a file's content, to know it again under another name, in a copy, or compressed.
//
// Two files of which the first bytes are alike are told apart by the bytes in front of the position, raw, so that the
// comparison has no collisions; or, if one ends before that, by what stands behind their common header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>

#include "exporter/tail/beginning.h"
#include "exporter/tail/file_system.h"
#include "exporter/tail/read_buffer.h"

namespace tailmeter {

struct Print {
  std::uint64_t position_bytes = 0;  // what was consumed of the file ends there
  Beginning beginning;               // its first bytes
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
// compressed and damaged: what nobody can read is nobody's original. Of large files, which may be growing copies that
// are looked at again and again, the beginning, the end and places between them are compared.
[[nodiscard]] Kinship kinship(FileSystem& files, const OpenFile& file, const OpenFile& other, ReadBuffer& buffer);

}  // namespace tailmeter
