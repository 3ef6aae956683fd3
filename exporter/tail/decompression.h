// A compressed file from its first byte to its last: members one after the other, whatever the pieces that are asked
// for.
//
// It ends in an error if the file is damaged or cut off, if it is a bomb, or if bytes other than NULs follow its last
// member (gzip(1) warns and ignores them; they may be the beginning of lines that are still being written). What came
// before has been handed over by then. No further call after an error of its own; an error of the reader may be tried
// again. Takes 128 KiB, and what its Decompressor takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>

#include "exporter/tail/decompressor.h"

namespace tailmeter {

class Decompression {
 public:
  // A bomb is more than so many times as large as its file, and not small. For lines that is out of reach (5 to 100
  // times is usual), and gzip reaches 1032 only where nothing but one byte repeats. So what it costs to decompress a
  // file stays in proportion to what it takes on the disk; zstd writes 128 KiB of one byte in four.
  static constexpr std::uint64_t kExpansionMax = 1000;
  static constexpr std::uint64_t kHarmlessBytes = std::uint64_t{64} << 20;

  // Reads the file at an offset into `room`; no bytes are its end.
  using Reader =
      std::function<std::error_code(std::uint64_t offset_bytes, std::span<char> room, std::size_t& bytes_read)>;

  Decompression(std::unique_ptr<Decompressor> decompressor, std::uint64_t file_bytes, Reader reader);

  // Puts some of the next bytes at the front of `room`, also when it returns an error; none are the end.
  [[nodiscard]] std::error_code read(std::span<char> room, std::size_t& bytes_read);

  // One piece of read()'s work, which takes no longer than a buffer's bytes do: none need not be the end.
  [[nodiscard]] std::error_code take_step(std::span<char> room, std::size_t& bytes_read);

  // The next bytes are the first ones again.
  void rewind();

  [[nodiscard]] bool is_at_end() const { return place_ == Place::kEnd; }

  // Taken in of the compressed file.
  [[nodiscard]] std::uint64_t input_bytes() const { return input_end_bytes_; }

 private:
  enum class Place { kBetweenMembers, kInMember, kInPadding, kEnd };

  [[nodiscard]] std::error_code take_input(std::span<char>& room);
  [[nodiscard]] std::error_code begin_member();
  [[nodiscard]] std::error_code skip_padding();
  [[nodiscard]] std::error_code decompress(std::span<char>& room);
  [[nodiscard]] std::error_code fill_input();

  std::unique_ptr<Decompressor> decompressor_;
  std::uint64_t file_bytes_;
  Reader reader_;

  std::uint64_t input_end_bytes_ = 0;  // in the file
  std::string_view input_;             // of the buffer, what is not decompressed yet
  std::unique_ptr<char[]> input_buffer_;

  Place place_ = Place::kBetweenMembers;
  bool has_members_ = false;
  std::uint64_t position_bytes_ = 0;  // decompressed so far
};

}  // namespace tailmeter
