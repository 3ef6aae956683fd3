#include "exporter/lines/line_ends.h"

#include <utility>

namespace tailmeter {

std::size_t LineEnds::last_in(std::string_view bytes) const {
  if (!open_behind_) return bytes.rfind('\n') + 1;
  std::size_t last = 0;
  OpenStreams open = 0;
  std::size_t begin = 0;
  for (std::size_t newline; (newline = bytes.find('\n', begin)) != std::string_view::npos; begin = newline + 1) {
    open = open_behind_(bytes.substr(begin, newline - begin), open);
    if (open == 0) last = newline + 1;
  }
  return last;
}

std::size_t LineEnds::last_in_excerpt(std::string_view bytes) const {
  if (!open_behind_) return last_in(bytes);
  const std::size_t begin = bytes.find('\n') + 1;
  return begin + last_in(bytes.substr(begin));
}

LineEnds::Cut LineEnds::cut(std::string_view bytes, std::size_t longest_bytes, Skipped& skipped) const {
  Cut cut;
  std::size_t skipped_here = 0;
  std::size_t last = skipped.bytes == 0 ? last_in(bytes) : 0;
  if (skipped.bytes > 0 || (last == 0 && bytes.size() == longest_bytes)) {
    bool has_ended = false;
    skipped_here = skip(bytes, longest_bytes, skipped, has_ended);
    if (has_ended) {
      cut.oversize_bytes = std::exchange(skipped, {}).bytes;
      last = last_in(bytes.substr(skipped_here));
    }
  }
  cut.skipped = bytes.substr(0, skipped_here);
  cut.lines = bytes.substr(skipped_here, last);
  cut.begun = bytes.substr(skipped_here + last);
  return cut;
}

// Returns how many bytes the line that does not fit has in `bytes`.
std::size_t LineEnds::skip(std::string_view bytes, std::size_t longest_bytes, Skipped& skipped, bool& has_ended) const {
  std::size_t begin = 0;
  has_ended = false;
  while (!has_ended) {
    const std::size_t newline = bytes.find('\n', begin);
    if (newline == std::string_view::npos) {
      const std::size_t left_bytes = bytes.size() - begin;
      skipped.is_midway = skipped.is_midway || left_bytes == longest_bytes;
      if (skipped.is_midway) begin = bytes.size();
      break;
    }
    const bool has_begun_here = !std::exchange(skipped.is_midway, false);
    if (has_begun_here && open_behind_) skipped.open = open_behind_(bytes.substr(begin, newline - begin), skipped.open);
    begin = newline + 1;
    has_ended = skipped.open == 0;
  }
  skipped.bytes += begin;
  return begin;
}

}  // namespace tailmeter
