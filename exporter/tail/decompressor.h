// gzip (RFC 1951, RFC 1952) and Zstandard (RFC 8878), bytes in and bytes out; where they come from is not known here.
//
// Compressed content is a sequence of members (zstd calls them frames), each complete in itself. What headers say of
// sizes is not believed: memory is that of the window, and of a window only what content fills is touched.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>

namespace tailmeter {

enum class CompressionError {
  kDamagedCompression = 1,  // also cut off: whoever writes the file may not be done
  kCompressionBomb,
  kOtherCompression  // a format, or a part of zstd, that is not read
};
[[nodiscard]] std::error_code make_error_code(CompressionError error);
[[nodiscard]] bool is_compression_error(std::error_code error);

class Decompressor {
 public:
  // That many bytes tell whether a member begins.
  static constexpr std::size_t kMagicBytesMax = 4;

  virtual ~Decompressor() = default;

  // False if no member begins like this, whatever follows.
  [[nodiscard]] virtual bool may_begin(std::string_view first_bytes) const = 0;

  // Whether NULs may follow the last member.
  [[nodiscard]] virtual bool allows_padding() const = 0;

  // The next byte is the first of a member.
  virtual void begin_member() = 0;

  // Takes bytes off the front of `input` and puts some at the front of `room`, which it takes off as well. If it does
  // neither, nor ends the member, the member goes on behind the input. No further call after an error.
  [[nodiscard]] virtual std::error_code decompress(std::string_view& input, std::span<char>& room,
                                                   bool& is_member_end) = 0;
};

// By the ending of the name, ".gz" or ".zst"; nothing for other names.
[[nodiscard]] std::unique_ptr<Decompressor> make_decompressor(std::string_view file_name);

}  // namespace tailmeter

template <>
struct std::is_error_code_enum<tailmeter::CompressionError> : std::true_type {};
