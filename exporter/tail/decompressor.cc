#include "exporter/tail/decompressor.h"

#include <algorithm>
#include <new>
#include <string>

#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

namespace tailmeter {
namespace {

using namespace std::string_view_literals;

// What zstd itself allows unless it is told otherwise: all levels stay below, and --long without a number.
constexpr int kWindowLogMax = 27;

class CompressionErrorCategory : public std::error_category {
 public:
  const char* name() const noexcept override { return "compression"; }
  std::string message(int error) const override {
    switch (static_cast<CompressionError>(error)) {
      case CompressionError::kDamagedCompression:
        return "compressed content is damaged or cut off";
      case CompressionError::kCompressionBomb:
        return "compressed content is more than 1000 times larger than its file";
      case CompressionError::kOtherCompression:
        return "not compressed as the name says, or by zstd with a dictionary or a window over 128 MiB";
    }
    return "unknown error";
  }
};

bool agree(std::string_view a, std::string_view b) {
  const std::size_t size = std::min(a.size(), b.size());
  return a.substr(0, size) == b.substr(0, size);
}

class GzipDecompressor final : public Decompressor {
 public:
  GzipDecompressor() {
    constexpr int kGzipAlone = 16;
    if (inflateInit2(&stream_, MAX_WBITS + kGzipAlone) != Z_OK) throw std::bad_alloc();
  }
  GzipDecompressor(const GzipDecompressor&) = delete;
  GzipDecompressor& operator=(const GzipDecompressor&) = delete;
  ~GzipDecompressor() override { inflateEnd(&stream_); }

  [[nodiscard]] bool may_begin(std::string_view first_bytes) const override {
    return agree(first_bytes, "\x1f\x8b\x08"sv);
  }

  // Copies from tapes and block devices have it, and gzip(1) reads over it without a word.
  [[nodiscard]] bool allows_padding() const override { return true; }

  void begin_member() override { inflateReset(&stream_); }

  [[nodiscard]] std::error_code decompress(std::string_view& input, std::span<char>& room,
                                           bool& is_member_end) override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));  // zlib does not write there
    stream_.avail_in = static_cast<uInt>(input.size());
    stream_.next_out = reinterpret_cast<Bytef*>(room.data());
    stream_.avail_out = static_cast<uInt>(room.size());
    const int result = inflate(&stream_, Z_NO_FLUSH);
    input.remove_prefix(input.size() - stream_.avail_in);
    room = room.last(stream_.avail_out);
    is_member_end = result == Z_STREAM_END;
    if (result == Z_MEM_ERROR) return std::make_error_code(std::errc::not_enough_memory);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return CompressionError::kDamagedCompression;
    return {};
  }

 private:
  z_stream stream_{};
};

class ZstdDecompressor final : public Decompressor {
 public:
  ZstdDecompressor() {
    if (!context_ || ZSTD_isError(ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kWindowLogMax)) != 0) {
      throw std::bad_alloc();
    }
  }

  // A frame, or one of the skippable ones (RFC 8878 section 3.1.2) that pzstd and others put in front. Checked for
  // every frame: the library would also read formats from before zstd was one.
  [[nodiscard]] bool may_begin(std::string_view first_bytes) const override {
    if (agree(first_bytes, "\x28\xb5\x2f\xfd"sv)) return true;
    const bool is_first_fit = first_bytes.empty() || (first_bytes.front() & '\xf0') == '\x50';
    return is_first_fit && agree(first_bytes.substr(std::min<std::size_t>(1, first_bytes.size())), "\x2a\x4d\x18"sv);
  }

  [[nodiscard]] bool allows_padding() const override { return false; }  // nor does zstd(1)

  void begin_member() override { ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only); }

  [[nodiscard]] std::error_code decompress(std::string_view& input, std::span<char>& room,
                                           bool& is_member_end) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{room.data(), room.size(), 0};
    const std::size_t result = ZSTD_decompressStream(context_.get(), &out, &in);
    input.remove_prefix(in.pos);
    room = room.subspan(out.pos);
    is_member_end = result == 0;
    return ZSTD_isError(result) != 0 ? error_of(ZSTD_getErrorCode(result)) : std::error_code();
  }

 private:
  static std::error_code error_of(ZSTD_ErrorCode error) {
    switch (error) {
      case ZSTD_error_memory_allocation:
        return std::make_error_code(std::errc::not_enough_memory);
      case ZSTD_error_frameParameter_unsupported:
      case ZSTD_error_frameParameter_windowTooLarge:
      case ZSTD_error_dictionary_wrong:
        return CompressionError::kOtherCompression;
      default:
        return CompressionError::kDamagedCompression;
    }
  }

  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  std::unique_ptr<ZSTD_DCtx, Free> context_{ZSTD_createDCtx()};
};

}  // namespace

bool is_compression_error(std::error_code error) {
  return error.category() == make_error_code(CompressionError::kDamagedCompression).category();
}

std::error_code make_error_code(CompressionError error) {
  static const CompressionErrorCategory category;
  return {static_cast<int>(error), category};
}

std::unique_ptr<Decompressor> make_decompressor(std::string_view file_name) {
  if (file_name.ends_with(".gz")) return std::make_unique<GzipDecompressor>();
  if (file_name.ends_with(".zst")) return std::make_unique<ZstdDecompressor>();
  return nullptr;
}

}  // namespace tailmeter
