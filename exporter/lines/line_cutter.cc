#include "exporter/lines/line_cutter.h"

#include <cassert>
#include <cstring>
#include <utility>

namespace tailmeter {

void LineCutter::take(std::size_t bytes, SourceIndex source, std::string_view path, LineSink& sink) {
  assert(bytes <= room().size());
  const LineEnds::Cut cut = line_ends_.cut({buffer_.get(), held_bytes_ + bytes}, kBufferBytes, skipped_);
  if (cut.oversize_bytes > 0) sink.take_oversize(source, cut.oversize_bytes);
  if (!cut.lines.empty()) sink.take({source, path, cut.lines});
  std::memmove(buffer_.get(), cut.begun.data(), cut.begun.size());
  held_bytes_ = cut.begun.size();
}

void LineCutter::finish(SourceIndex source, std::string_view path, LineSink& sink) {
  std::size_t left_bytes = std::exchange(held_bytes_, 0);
  if (skipped_.bytes > 0) {
    sink.take_oversize(source, std::exchange(skipped_, {}).bytes + left_bytes);
  } else if (left_bytes > 0) {
    if (buffer_[left_bytes - 1] != '\n') buffer_[left_bytes++] = '\n';  // there is room: what waits never fills it
    sink.take({source, path, {buffer_.get(), left_bytes}});
  }
}

}  // namespace tailmeter
