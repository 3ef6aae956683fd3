// Cuts bytes that come once, one piece after the other, into lines: those of a pipe, or of a log read from its
// beginning.
//
//   std::span<char> room = cutter.room();
//   read some bytes into the room;
//   cutter.take(bytes_read, source, path, sink);
//
// Lines leave whole (see LineEnds) and in order. What has no end yet waits here; a line that does not fit is skipped to
// its end and told once. Belongs to one stream and to its thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "exporter/lines/line_ends.h"
#include "exporter/lines/line_sink.h"

namespace tailmeter {

class LineCutter {
 public:
  // The longest line that is not skipped, with its newline: as Tail reads, so that the same lines are oversize.
  static constexpr std::size_t kBufferBytes = std::size_t{256} << 10;

  explicit LineCutter(LineEnds line_ends = {}) : line_ends_(std::move(line_ends)) {}

  // Where the next bytes go; never empty.
  [[nodiscard]] std::span<char> room() { return {buffer_.get() + held_bytes_, kBufferBytes - held_bytes_}; }

  // The first `bytes` bytes of the room were filled.
  void take(std::size_t bytes, SourceIndex source, std::string_view path, LineSink& sink);

  // The stream has ended: hands over what is left.
  void finish(SourceIndex source, std::string_view path, LineSink& sink);

  // Of what has no end yet: seen and not handed over.
  [[nodiscard]] std::uint64_t pending_bytes() const { return held_bytes_ + skipped_.bytes; }

 private:
  LineEnds line_ends_;
  std::unique_ptr<char[]> buffer_ = std::make_unique_for_overwrite<char[]>(kBufferBytes);
  std::size_t held_bytes_ = 0;  // what waits, at the start of the buffer
  LineEnds::Skipped skipped_;   // of a line that does not fit the buffer
};

}  // namespace tailmeter
