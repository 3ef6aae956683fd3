#include "exporter/tail/file_mark.h"

#include <algorithm>
#include <span>

namespace tailmeter {
namespace {

struct Sample {
  std::uint64_t bytes = 0;
  ContentHash hash{};
};

// Of `bytes` at the most, in front of `end_bytes`; of a compressed file from its beginning, and never like one of a
// plain file: the sizes of the two may be the same.
std::error_code take_sample(FileSystem& files, const RotatedFile& file, const OpenFile& open_file,
                            std::uint64_t end_bytes, std::uint64_t bytes, ReadBuffer& buffer, Sample& sample) {
  const std::uint64_t wanted = file.name.is_compressed ? bytes : std::min(bytes, end_bytes);
  const std::span<char> room = buffer.room(Window::kBytesMax).first(wanted);
  std::size_t size = 0;
  const std::uint64_t from = file.name.is_compressed ? 0 : end_bytes - wanted;
  if (const std::error_code error = files.read(open_file, from, room, size)) return error;
  sample = {size, hash_of({room.data(), size})};
  if (file.name.is_compressed) sample.hash.front() = ~sample.hash.front();
  return {};
}

}  // namespace

FileMark mark_of(FileSystem& files, const RotatedFile& file, const OpenFile& open_file, ReadBuffer& buffer) {
  FileMark mark{.size_bytes = file.size_bytes, .modified_ns = file.modified_ns};
  Sample sample;
  const std::uint64_t bytes = FileMark::kHashedBytesMax;
  if (take_sample(files, file, open_file, mark.size_bytes, bytes, buffer, sample)) return mark;
  mark.hashed_bytes = sample.bytes;
  mark.hash = sample.hash;
  return mark;
}

Kinship kinship(FileSystem& files, const RotatedFile& file, const OpenFile& open_file, const FileMark& mark,
                ReadBuffer& buffer) {
  const bool has_shrunk = file.size_bytes < mark.size_bytes;
  const bool was_empty = mark.size_bytes == 0 && file.size_bytes > 0;
  if (has_shrunk || was_empty || (file.name.is_compressed && file.size_bytes != mark.size_bytes)) return Kinship::kNone;
  if (mark.hashed_bytes == 0) return Kinship::kContinuation;
  Sample sample;
  const std::error_code error = take_sample(files, file, open_file, mark.size_bytes, mark.hashed_bytes, buffer, sample);
  if (error) return Kinship::kUndecided;
  return sample.hash == mark.hash ? Kinship::kContinuation : Kinship::kNone;
}

}  // namespace tailmeter
