#include "exporter/tail/ladder.h"

#include <algorithm>
#include <limits>
#include <span>

#include "exporter/tail/window.h"

namespace tailmeter {

void Ladder::add(std::uint64_t offset_bytes, std::string_view window) {
  rungs_.push_back({offset_bytes, window.size(), hash_of(window)});
  if (rungs_.size() > kRungsMax) thin();
}

void Ladder::cut(std::uint64_t offset_bytes) {
  std::erase_if(rungs_, [&](const Rung& rung) { return rung.offset_bytes > offset_bytes; });
}

// Takes away the rung whose neighbours stay closest together, for their distance from the top.
void Ladder::thin() {
  const std::uint64_t top_bytes = rungs_.back().offset_bytes;
  auto least = rungs_.begin() + 1;
  double least_gap = std::numeric_limits<double>::max();
  for (auto rung = rungs_.begin() + 1; rung + 1 != rungs_.end(); ++rung) {
    const auto gap_bytes = static_cast<double>((rung + 1)->offset_bytes - (rung - 1)->offset_bytes);
    const double gap = gap_bytes / static_cast<double>(top_bytes - (rung - 1)->offset_bytes);
    if (gap >= least_gap) continue;
    least_gap = gap;
    least = rung;
  }
  rungs_.erase(least);
}

std::error_code Ladder::look(FileSystem& files, const OpenFile& file, const Rung& rung, ReadBuffer& buffer,
                             bool& is_there) {
  const std::span<char> room = buffer.room(Window::kBytesMax).first(rung.window_bytes);
  std::size_t bytes_read = 0;
  const std::error_code error = files.read(file, rung.offset_bytes - rung.window_bytes, room, bytes_read);
  is_there = !error && bytes_read == room.size() && hash_of({room.data(), bytes_read}) == rung.hash;
  return error;
}

std::error_code Ladder::descend(FileSystem& files, const OpenFile& file, const Beginning& beginning,
                                const LineEnds& line_ends, ReadBuffer& buffer, std::optional<Landing>& landing) const {
  std::size_t left = rungs_.size();
  for (bool is_there = false; left > 0; --left) {
    if (const std::error_code error = look(files, file, rungs_[left - 1], buffer, is_there)) return error;
    if (is_there) break;
  }
  std::uint64_t above_bytes = left < rungs_.size() ? rungs_[left].offset_bytes : 0;
  std::uint64_t offset_bytes = left > 0 ? rungs_[left - 1].offset_bytes : 0;
  if (offset_bytes <= beginning.bytes) {
    std::string_view first_bytes;
    if (const std::error_code error = read_first_bytes(files, file, buffer, first_bytes)) return error;
    const Beginning::Shared shared = beginning.shared_with(first_bytes);
    offset_bytes = std::max<std::uint64_t>(offset_bytes, line_ends.last_in(first_bytes.substr(0, shared.bytes)));
    if (shared.end_bytes > 0) above_bytes = shared.end_bytes;
  }
  landing = {};
  if (offset_bytes == 0) return {};
  landing = Landing{offset_bytes, above_bytes > offset_bytes + 1 ? above_bytes - offset_bytes : 0};
  return {};
}

}  // namespace tailmeter
