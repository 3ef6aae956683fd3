#include "exporter/tail/compressed_files.h"

#include <algorithm>
#include <cassert>
#include <optional>
#include <string_view>
#include <utility>

namespace tailmeter {
namespace {

constexpr std::size_t kInputBytes = std::size_t{128} << 10;
constexpr std::size_t kStepBytes = std::size_t{64} << 10;  // read ahead of what was asked for at most

}  // namespace

// What is compressed in one open file. It is decompressed in order, round and round into the history.
class CompressedFiles::Content {
 public:
  Content(FileSystem& files, OpenFile file, std::uint64_t file_bytes, std::unique_ptr<Decompressor> decompressor)
      : files_(files), file_(std::move(file)), file_bytes_(file_bytes), decompressor_(std::move(decompressor)) {}

  [[nodiscard]] std::error_code read(std::uint64_t offset_bytes, std::span<char> room, std::size_t& bytes_read);
  [[nodiscard]] std::error_code status(FileStatus& status);

 private:
  enum class Place { kBetweenMembers, kInMember, kInPadding, kEnd };

  [[nodiscard]] std::error_code check_unchanged(FileStatus& status);
  void rewind();
  std::size_t copy_from_history(std::uint64_t offset_bytes, std::span<char> room) const;
  [[nodiscard]] std::error_code advance();
  [[nodiscard]] std::error_code take_input();
  [[nodiscard]] std::error_code begin_member();
  [[nodiscard]] std::error_code skip_padding();
  [[nodiscard]] std::error_code decompress();
  [[nodiscard]] std::error_code fill_input();
  std::error_code condemn(std::error_code error) { return fault_ = error; }

  FileSystem& files_;
  OpenFile file_;
  std::uint64_t file_bytes_;  // when it was opened
  std::unique_ptr<Decompressor> decompressor_;
  std::error_code fault_;                    // for good
  std::optional<std::uint64_t> size_bytes_;  // decompressed, once the end was reached

  std::uint64_t input_end_bytes_ = 0;  // in the file
  std::string_view input_;             // of the buffer, what is not decompressed yet
  std::unique_ptr<char[]> input_buffer_ = std::make_unique_for_overwrite<char[]>(kInputBytes);

  Place place_ = Place::kBetweenMembers;
  bool has_members_ = false;
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
    } else if (place_ == Place::kEnd) {
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
  input_end_bytes_ = 0;
  input_ = {};
  place_ = Place::kBetweenMembers;
  has_members_ = false;
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
  const std::uint64_t from = position_bytes_;
  while (position_bytes_ == from && place_ != Place::kEnd) {
    if (const std::error_code error = fill_input()) return error;
    if (const std::error_code error = take_input()) return error;
  }
  if (place_ == Place::kEnd) size_bytes_ = position_bytes_;
  return {};
}

std::error_code CompressedFiles::Content::take_input() {
  if (place_ == Place::kInMember) return decompress();
  if (input_.empty() && has_members_) {
    place_ = Place::kEnd;
    return {};
  }
  return place_ == Place::kInPadding ? skip_padding() : begin_member();
}

std::error_code CompressedFiles::Content::begin_member() {
  if (input_.empty()) return condemn(CompressionError::kDamagedCompression);  // created, and not written yet
  if (decompressor_->may_begin(input_.substr(0, Decompressor::kMagicBytesMax))) {
    decompressor_->begin_member();
    has_members_ = true;
    place_ = Place::kInMember;
    return {};
  }
  if (!has_members_) return condemn(CompressionError::kOtherCompression);
  if (!decompressor_->allows_padding()) return condemn(CompressionError::kDamagedCompression);
  place_ = Place::kInPadding;
  return {};
}

std::error_code CompressedFiles::Content::skip_padding() {
  const bool is_padding = input_.find_first_not_of('\0') == std::string_view::npos;
  input_ = {};
  return is_padding ? std::error_code() : condemn(CompressionError::kDamagedCompression);
}

std::error_code CompressedFiles::Content::decompress() {
  const std::size_t to = position_bytes_ % kHistoryBytes;
  std::span<char> room(history_.get() + to, std::min(kStepBytes, kHistoryBytes - to));
  const std::size_t room_bytes = room.size();
  const std::size_t input_bytes = input_.size();
  bool is_member_end = false;
  if (const std::error_code error = decompressor_->decompress(input_, room, is_member_end)) return condemn(error);
  const std::size_t bytes = room_bytes - room.size();
  position_bytes_ += bytes;
  if (position_bytes_ > kHarmlessBytes && position_bytes_ / kExpansionMax > file_bytes_) {
    return condemn(CompressionError::kCompressionBomb);
  }
  if (is_member_end) {
    place_ = Place::kBetweenMembers;
  } else if (bytes == 0 && input_.size() == input_bytes) {
    return condemn(CompressionError::kDamagedCompression);  // it wants more than there is
  }
  return {};
}

// Until a member's beginning would be seen, or all is there.
std::error_code CompressedFiles::Content::fill_input() {
  while (input_.size() < Decompressor::kMagicBytesMax && input_end_bytes_ < file_bytes_) {
    std::copy(input_.begin(), input_.end(), input_buffer_.get());
    const std::span<char> room(input_buffer_.get() + input_.size(), kInputBytes - input_.size());
    input_ = {input_buffer_.get(), input_.size()};
    std::size_t bytes = 0;
    const std::uint64_t rest_bytes = file_bytes_ - input_end_bytes_;
    const std::error_code error =
        files_.read(file_, input_end_bytes_, room.first(std::min<std::uint64_t>(room.size(), rest_bytes)), bytes);
    if (error) return error;
    if (bytes == 0) return condemn(CompressionError::kDamagedCompression);  // shorter than when it was opened
    input_ = {input_buffer_.get(), input_.size() + bytes};
    input_end_bytes_ += bytes;
  }
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
