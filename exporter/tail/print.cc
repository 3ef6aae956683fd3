#include "exporter/tail/print.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "exporter/tail/decompressor.h"

namespace tailmeter {
namespace {

constexpr std::uint64_t kPiecesMax = 64;  // of half a read buffer each: 8 MiB

}  // namespace

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
  const std::size_t piece_bytes = buffer.room(0).size() / 2;
  const std::span<char> room = buffer.room(0).first(piece_bytes);
  const std::span<char> other_room = buffer.room(0).subspan(piece_bytes, piece_bytes);
  const auto compare_at = [&](std::uint64_t offset_bytes) {
    std::size_t size = 0;
    std::size_t other_size = 0;
    if (files.read(file, offset_bytes, room, size)) return Kinship::kUndecided;
    if (const std::error_code error = files.read(other, offset_bytes, other_room.first(size), other_size)) {
      return is_compression_error(error) ? Kinship::kNone : Kinship::kUndecided;
    }
    const bool is_same = std::string_view(room.data(), size) == std::string_view(other_room.data(), other_size);
    return is_same ? Kinship::kOlderCopy : Kinship::kNone;
  };
  if (const Kinship found = compare_at(0); found != Kinship::kOlderCopy) return found;
  FileStatus status;
  if (files.status(file, status)) return Kinship::kUndecided;
  const std::uint64_t end_bytes = status.size_bytes;
  const std::uint64_t step_bytes = std::max<std::uint64_t>(piece_bytes, end_bytes / kPiecesMax);
  for (std::uint64_t offset_bytes = step_bytes; offset_bytes < end_bytes; offset_bytes += step_bytes) {
    if (const Kinship found = compare_at(offset_bytes); found != Kinship::kOlderCopy) return found;
  }
  if (end_bytes == 0) return Kinship::kNone;
  return step_bytes > piece_bytes ? compare_at(end_bytes - piece_bytes) : Kinship::kOlderCopy;
}

}  // namespace tailmeter
