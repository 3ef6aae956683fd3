#include "exporter/tail/beginning.h"

#include <algorithm>
#include <span>

#include "exporter/tail/window.h"

namespace tailmeter {
namespace {

bool stands_in(const Rung& rung, std::string_view first_bytes) {
  return hash_of(first_bytes.substr(rung.offset_bytes - rung.window_bytes, rung.window_bytes)) == rung.hash;
}

// A rung at the end of `bytes`, which `window` stands in front of.
Rung rung_behind(std::uint64_t offset_bytes, std::string_view window, std::string_view bytes,
                 std::uint64_t window_bytes) {
  window_bytes = std::min<std::uint64_t>({window_bytes, window.size() + bytes.size(), Window::kBytesMax});
  if (window_bytes <= bytes.size())
    return {offset_bytes, window_bytes, hash_of(bytes.substr(bytes.size() - window_bytes))};
  std::string joined(window.substr(window.size() - (window_bytes - bytes.size())));
  joined += bytes;
  return {offset_bytes, window_bytes, hash_of(joined)};
}

}  // namespace

void Beginning::append(std::uint64_t offset_bytes, std::string_view window, std::string_view consumed) {
  if (offset_bytes != bytes || bytes == kBytesMax) return;
  const std::string_view rest = consumed.substr(0, kBytesMax - offset_bytes);
  bytes += rest.size();
  head.append(rest.substr(0, kHeadBytesMax - head.size()));
  for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n', end + 1)) {
    const std::uint64_t at_bytes = offset_bytes + end + 1;
    const std::uint64_t last_bytes = rungs.empty() ? kHeadBytesMax : rungs.back().offset_bytes;
    const std::uint64_t step_bytes = rungs.size() < kEachLineMax ? 1 : last_bytes / 4;
    if (at_bytes < last_bytes + step_bytes) continue;
    rungs.push_back(rung_behind(at_bytes, window, rest.substr(0, end + 1), at_bytes - last_bytes));
  }
}

void Beginning::cut(std::uint64_t offset_bytes) {
  bytes = std::min(bytes, offset_bytes);
  head.resize(std::min<std::uint64_t>(head.size(), offset_bytes));
  std::erase_if(rungs, [&](const Rung& rung) { return rung.offset_bytes > offset_bytes; });
}

bool Beginning::may_be_of(std::string_view first_bytes) const {
  const std::size_t common_bytes = std::min(head.size(), first_bytes.size());
  if (first_bytes.substr(0, common_bytes) != std::string_view(head).substr(0, common_bytes)) return false;
  return std::all_of(rungs.begin(), rungs.end(),
                     [&](const Rung& rung) {
                       return rung.offset_bytes > first_bytes.size() || stands_in(rung, first_bytes);
                     }) &&
         has_same_line_ends(first_bytes);
}

// A line that ends where none of the log's does shows another log, though no rung stands in front of it.
bool Beginning::has_same_line_ends(std::string_view first_bytes) const {
  const bool are_all_known = rungs.size() < kEachLineMax;
  const std::uint64_t known_bytes = are_all_known ? bytes : rungs[kEachLineMax - 1].offset_bytes;
  const std::uint64_t end_bytes = std::min<std::uint64_t>(known_bytes, first_bytes.size());
  if (end_bytes <= kHeadBytesMax) return true;
  const std::string_view behind_head = first_bytes.substr(kHeadBytesMax, end_bytes - kHeadBytesMax);
  return std::count(behind_head.begin(), behind_head.end(), '\n') ==
         std::count_if(rungs.begin(), rungs.end(), [&](const Rung& rung) { return rung.offset_bytes <= end_bytes; });
}

Beginning::Shared Beginning::shared_with(std::string_view first_bytes) const {
  const auto [end, other] = std::mismatch(head.begin(), head.end(), first_bytes.begin(), first_bytes.end());
  Shared shared{.bytes = static_cast<std::uint64_t>(end - head.begin())};
  if (shared.bytes < head.size()) return {shared.bytes, shared.bytes + 1};
  for (const Rung& rung : rungs) {
    if (rung.offset_bytes > first_bytes.size() || !stands_in(rung, first_bytes))
      return {shared.bytes, rung.offset_bytes};
    shared.bytes = rung.offset_bytes;
  }
  return shared;
}

bool BeginningMark::is_of(std::string_view first_bytes) const {
  return first_bytes.size() == bytes && hash_of(first_bytes.substr(0, Beginning::kHeadBytesMax)) == head &&
         (last.offset_bytes == 0 || stands_in(last, first_bytes));
}

BeginningMark mark_of(const Beginning& beginning, std::uint64_t file_bytes) {
  return {.bytes = std::min<std::uint64_t>(file_bytes, Beginning::kBytesMax),
          .head = hash_of(beginning.head),
          .last = beginning.rungs.empty() ? Rung{} : beginning.rungs.back()};
}

std::error_code read_first_bytes(FileSystem& files, const OpenFile& file, ReadBuffer& buffer,
                                 std::string_view& first_bytes) {
  const std::span<char> room = buffer.beginning_room();
  std::size_t bytes_read = 0;
  const std::error_code error = files.read(file, 0, room, bytes_read);
  first_bytes = {room.data(), bytes_read};
  return error;
}

}  // namespace tailmeter
