#include "exporter/web/exposition/compression.h"

#include <cassert>
#include <memory>
#include <new>

#include <libdeflate.h>
#include <zstd.h>

namespace tailmeter {
namespace {

constexpr int kLevel = 1;

struct FreeCompressor {
  void operator()(libdeflate_compressor* compressor) const { libdeflate_free_compressor(compressor); }
};

// Room for the worst, of which the kernel gives only what is written.
struct Room {
  explicit Room(std::size_t room_size) : size(room_size), bytes(std::make_unique_for_overwrite<char[]>(room_size)) {}

  std::size_t size;
  std::unique_ptr<char[]> bytes;
};

}  // namespace

std::string compress_gzip(std::string_view bytes) {
  const std::unique_ptr<libdeflate_compressor, FreeCompressor> compressor(libdeflate_alloc_compressor(kLevel));
  if (!compressor) throw std::bad_alloc();
  const Room room(libdeflate_gzip_compress_bound(compressor.get(), bytes.size()));
  const std::size_t size =
      libdeflate_gzip_compress(compressor.get(), bytes.data(), bytes.size(), room.bytes.get(), room.size);
  assert(size != 0);  // there is room for the worst
  return {room.bytes.get(), size};
}

std::string compress_zstd(std::string_view bytes) {
  const Room room(ZSTD_compressBound(bytes.size()));
  const std::size_t size = ZSTD_compress(room.bytes.get(), room.size, bytes.data(), bytes.size(), kLevel);
  if (ZSTD_isError(size) != 0) throw std::bad_alloc();  // the one thing that can be missing
  return {room.bytes.get(), size};
}

}  // namespace tailmeter
