#include "exporter/tail/print.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "exporter/tail/decompressor.h"

namespace tailmeter {

Kinship kinship(FileSystem& files, const OpenFile& file, const Print& print, ReadBuffer& buffer) {
  if (print.is_empty()) return Kinship::kNone;
  std::size_t bytes_read = 0;
  std::string_view first_bytes;
  if (read_first_bytes(files, file, buffer, first_bytes)) return Kinship::kUndecided;
  if (!print.beginning.may_be_of(first_bytes)) return Kinship::kNone;
  FileStatus status;
  if (files.status(file, status)) return Kinship::kUndecided;
  if (status.size_bytes == 0) return Kinship::kNone;
  if (status.size_bytes < print.position_bytes) return Kinship::kOlderCopy;
  const std::span<char> room = buffer.room(Window::kBytesMax).first(print.window.size() + print.pending.size());
  if (files.read(file, print.position_bytes - print.window.size(), room, bytes_read)) return Kinship::kUndecided;
  const std::string wanted = print.window + print.pending;
  const bool has_same = bytes_read >= print.window.size() &&
                        std::string_view(room.data(), bytes_read) == std::string_view(wanted).substr(0, bytes_read);
  return has_same ? Kinship::kContinuation : Kinship::kNone;
}

Kinship kinship(FileSystem& files, const OpenFile& file, const OpenFile& other, ReadBuffer& buffer) {
  const std::size_t half = buffer.room(0).size() / 2;
  const std::span<char> room = buffer.room(0).first(half);
  const std::span<char> other_room = buffer.room(0).subspan(half, half);
  for (std::uint64_t offset_bytes = 0;; offset_bytes += half) {
    std::size_t size = 0;
    std::size_t other_size = 0;
    if (files.read(file, offset_bytes, room, size)) return Kinship::kUndecided;
    if (const std::error_code error = files.read(other, offset_bytes, other_room.first(size), other_size)) {
      return is_compression_error(error) ? Kinship::kNone : Kinship::kUndecided;
    }
    if (std::string_view(room.data(), size) != std::string_view(other_room.data(), other_size)) return Kinship::kNone;
    if (size < half) return offset_bytes + size > 0 ? Kinship::kOlderCopy : Kinship::kNone;
  }
}

}  // namespace tailmeter
