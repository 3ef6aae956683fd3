#include "exporter/tail/decompression.h"

#include <algorithm>
#include <utility>

namespace tailmeter {
namespace {

constexpr std::size_t kInputBytes = std::size_t{128} << 10;

}  // namespace

Decompression::Decompression(std::unique_ptr<Decompressor> decompressor, std::uint64_t file_bytes, Reader reader)
    : decompressor_(std::move(decompressor)),
      file_bytes_(file_bytes),
      reader_(std::move(reader)),
      input_buffer_(std::make_unique_for_overwrite<char[]>(kInputBytes)) {}

std::error_code Decompression::read(std::span<char> room, std::size_t& bytes_read) {
  std::error_code error;
  bytes_read = 0;
  while (!error && bytes_read == 0 && place_ != Place::kEnd) error = take_step(room, bytes_read);
  return error;
}

std::error_code Decompression::take_step(std::span<char> room, std::size_t& bytes_read) {
  std::span<char> rest = room;
  std::error_code error = fill_input();
  if (!error) error = take_input(rest);
  bytes_read = room.size() - rest.size();
  return error;
}

void Decompression::rewind() {
  input_end_bytes_ = 0;
  input_ = {};
  place_ = Place::kBetweenMembers;
  has_members_ = false;
  position_bytes_ = 0;
}

std::error_code Decompression::take_input(std::span<char>& room) {
  if (place_ == Place::kInMember) return decompress(room);
  if (input_.empty() && has_members_) {
    place_ = Place::kEnd;
    return {};
  }
  return place_ == Place::kInPadding ? skip_padding() : begin_member();
}

std::error_code Decompression::begin_member() {
  if (input_.empty()) return CompressionError::kDamagedCompression;  // created, and not written yet
  if (decompressor_->may_begin(input_.substr(0, Decompressor::kMagicBytesMax))) {
    decompressor_->begin_member();
    has_members_ = true;
    place_ = Place::kInMember;
    return {};
  }
  if (!has_members_) return CompressionError::kOtherCompression;
  if (!decompressor_->allows_padding()) return CompressionError::kDamagedCompression;
  place_ = Place::kInPadding;
  return {};
}

std::error_code Decompression::skip_padding() {
  const bool is_padding = input_.find_first_not_of('\0') == std::string_view::npos;
  input_ = {};
  return is_padding ? std::error_code() : CompressionError::kDamagedCompression;
}

std::error_code Decompression::decompress(std::span<char>& room) {
  const std::size_t room_bytes = room.size();
  const std::size_t input_bytes = input_.size();
  bool is_member_end = false;
  const std::error_code error = decompressor_->decompress(input_, room, is_member_end);
  const std::size_t bytes = room_bytes - room.size();
  position_bytes_ += bytes;
  if (error) return error;
  if (position_bytes_ > kHarmlessBytes && position_bytes_ / kExpansionMax > file_bytes_) {
    return CompressionError::kCompressionBomb;
  }
  if (is_member_end) {
    place_ = Place::kBetweenMembers;
  } else if (bytes == 0 && input_.size() == input_bytes) {
    return CompressionError::kDamagedCompression;  // it wants more than there is
  }
  return {};
}

// Until a member's beginning would be seen, or all is there.
std::error_code Decompression::fill_input() {
  while (input_.size() < Decompressor::kMagicBytesMax && input_end_bytes_ < file_bytes_) {
    std::copy(input_.begin(), input_.end(), input_buffer_.get());
    const std::span<char> room(input_buffer_.get() + input_.size(), kInputBytes - input_.size());
    input_ = {input_buffer_.get(), input_.size()};
    std::size_t bytes = 0;
    const std::uint64_t rest_bytes = file_bytes_ - input_end_bytes_;
    const std::error_code error =
        reader_(input_end_bytes_, room.first(std::min<std::uint64_t>(room.size(), rest_bytes)), bytes);
    if (error) return error;
    if (bytes == 0) return CompressionError::kDamagedCompression;  // shorter than when it was opened
    input_ = {input_buffer_.get(), input_.size() + bytes};
    input_end_bytes_ += bytes;
  }
  return {};
}

}  // namespace tailmeter
