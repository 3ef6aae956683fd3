// The seam between what brings bytes and what becomes of their lines.
//
// Called on the loop thread only.
#pragma once

#include <cstdint>
#include <string_view>

namespace tailmeter {

using SourceIndex = std::uint16_t;  // position of a source in the rule file

// Whole lines of one file or input, in order.
struct Batch {
  SourceIndex source = 0;
  std::string_view path;   // the followed name, also of lines that come late or from a rotated file; the field $file
  std::string_view bytes;  // whole lines, each ended by '\n'; no line is longer than the read buffer
};

// Takes lines. Views are valid until the call returns.
//
// A last line that nobody will end any more comes with the '\n' that it lacks.
class LineSink {
 public:
  virtual ~LineSink() = default;

  virtual void take(const Batch& batch) = 0;

  // One line that did not fit the read buffer has ended and was skipped: `line_bytes` with its newline, if it has one.
  virtual void take_oversize(SourceIndex source, std::uint64_t line_bytes) = 0;
};

}  // namespace tailmeter
