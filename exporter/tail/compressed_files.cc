#include "exporter/tail/compressed_files.h"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

#include "exporter/tail/decompression.h"

namespace tailmeter {
namespace {

constexpr std::size_t kStepBytes = std::size_t{64} << 10;  // read ahead of what was asked for at most

}  // namespace

// What is compressed in one open file. It is decompressed in order, round and round into the history.
class CompressedFiles::Content {
 public:
  Content(FileSystem& files, OpenFile file, std::uint64_t file_bytes, std::unique_ptr<Decompressor> decompressor)
      : files_(files),
        file_(std::move(file)),
        file_bytes_(file_bytes),
        decompression_(std::move(decompressor), file_bytes,
                       [this](std::uint64_t offset_bytes, std::span<char> room, std::size_t& bytes_read) {
                         return reader_error_ = files_.read(file_, offset_bytes, room, bytes_read);
                       }) {}
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;

  [[nodiscard]] std::error_code read(std::uint64_t offset_bytes, std::span<char> room, std::size_t& bytes_read);
  [[nodiscard]] std::error_code status(FileStatus& status);

 private:
  [[nodiscard]] std::error_code check_unchanged(FileStatus& status);
  void rewind();
  std::size_t copy_from_history(std::uint64_t offset_bytes, std::span<char> room) const;
  [[nodiscard]] std::error_code advance();
  std::error_code condemn(std::error_code error) { return fault_ = error; }

  FileSystem& files_;
  OpenFile file_;
  std::uint64_t file_bytes_;                 // when it was opened
  std::error_code fault_;                    // for good
  std::error_code reader_error_;             // of the last read of the file
  std::optional<std::uint64_t> size_bytes_;  // decompressed, once the end was reached
  Decompression decompression_;
  std::uint64_t position_bytes_ = 0;  // decompressed so far; the history ends there
  std::unique_ptr<char[]> history_ = std::make_unique_for_overwrite<char[]>(kHistoryBytes);
};

std::error_code CompressedFiles::Content::read(std::uint64_t offset_bytes, std::span<char> room,
                                               std::size_t& bytes_read) {
  FileStatus status;
  if (const std::error_code error = check_unchanged(status)) return error;
  if (room.empty() || (size_bytes_ && offset_bytes >= *size_bytes_)) {
    bytes_read = 0;
    return {};
  }
  if (position_bytes_ > kHistoryBytes && offset_bytes < position_bytes_ - kHistoryBytes) rewind();
  std::size_t copied = 0;
  while (copied < room.size()) {
    if (offset_bytes + copied < position_bytes_) {
      copied += copy_from_history(offset_bytes + copied, room.subspan(copied));
    } else if (decompression_.is_at_end()) {
      break;
    } else if (const std::error_code error = advance()) {
      return error;
    }
  }
  bytes_read = copied;
  return {};
}

std::error_code CompressedFiles::Content::status(FileStatus& status) {
  FileStatus whole;
  if (const std::error_code error = check_unchanged(whole)) return error;
  while (!size_bytes_) {
    if (const std::error_code error = advance()) return error;
  }
  whole.size_bytes = *size_bytes_;
  status = std::move(whole);
  return {};
}

// A compressor that still writes shows by the size. Then what was learnt of the file is no longer true, and to begin
// anew is for the one who knows what was taken from it.
std::error_code CompressedFiles::Content::check_unchanged(FileStatus& status) {
  if (fault_) return fault_;
  if (const std::error_code error = files_.status(file_, status)) return error;
  return status.size_bytes == file_bytes_ ? std::error_code() : condemn(CompressionError::kDamagedCompression);
}

void CompressedFiles::Content::rewind() {
  decompression_.rewind();
  position_bytes_ = 0;
}

// As far as the bytes lie in one piece.
std::size_t CompressedFiles::Content::copy_from_history(std::uint64_t offset_bytes, std::span<char> room) const {
  const std::size_t from = offset_bytes % kHistoryBytes;
  const std::uint64_t bytes =
      std::min<std::uint64_t>({room.size(), position_bytes_ - offset_bytes, kHistoryBytes - from});
  std::copy_n(history_.get() + from, bytes, room.data());
  return bytes;
}

// Goes on by some bytes, or to the end.
std::error_code CompressedFiles::Content::advance() {
  const std::size_t to = position_bytes_ % kHistoryBytes;
  std::size_t bytes = 0;
  reader_error_.clear();
  const std::error_code error =
      decompression_.read({history_.get() + to, std::min(kStepBytes, kHistoryBytes - to)}, bytes);
  if (error) return reader_error_ ? error : condemn(error);
  position_bytes_ += bytes;
  if (decompression_.is_at_end()) size_bytes_ = position_bytes_;
  return {};
}

CompressedFiles::CompressedFiles(FileSystem& files) : files_(files) {}

CompressedFiles::~CompressedFiles() = default;

std::error_code CompressedFiles::open(const std::string& path, OpenFile& file) {
  OpenFile opened;
  if (const std::error_code error = files_.open(path, opened)) return error;
  assert(opened.number() >= 0);
  std::unique_ptr<Decompressor> decompressor = make_decompressor(path);
  if (!decompressor) {
    file = std::move(opened);
    return {};
  }
  FileStatus status;
  if (const std::error_code error = files_.status(opened, status)) return error;
  const FileIdentity identity = opened.identity();
  auto place = std::find(contents_.begin(), contents_.end(), nullptr);
  if (place == contents_.end()) place = contents_.emplace(place);
  *place = std::make_unique<Content>(files_, std::move(opened), status.size_bytes, std::move(decompressor));
  file = OpenFile(*this, ~static_cast<int>(place - contents_.begin()), identity);
  return {};
}

std::error_code CompressedFiles::read(const OpenFile& file, std::uint64_t offset_bytes, std::span<char> room,
                                      std::size_t& bytes_read) {
  Content* const content = find(file);
  return content == nullptr ? files_.read(file, offset_bytes, room, bytes_read)
                            : content->read(offset_bytes, room, bytes_read);
}

std::error_code CompressedFiles::status(const OpenFile& file, FileStatus& status) {
  Content* const content = find(file);
  return content == nullptr ? files_.status(file, status) : content->status(status);
}

void CompressedFiles::close(int number) {
  contents_[static_cast<std::size_t>(~number)].reset();
}

// Nothing for a file of the other file system, which the tail holds as it is.
CompressedFiles::Content* CompressedFiles::find(const OpenFile& file) const {
  return file.number() < 0 ? contents_[static_cast<std::size_t>(~file.number())].get() : nullptr;
}

}  // namespace tailmeter
