#include "test/tail/compressed_lab.h"

#include <memory>
#include <random>

#include <zlib.h>
#include <zstd.h>

namespace tailmeter {

std::string gzip_of(const std::string& text, int level, const char* name) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, level, Z_DEFLATED, MAX_WBITS + 16, 9, Z_DEFAULT_STRATEGY) == Z_OK);
  gz_header header{};
  std::string extra = "extra";
  header.name = reinterpret_cast<Bytef*>(const_cast<char*>(name));
  header.comment = header.name;
  header.extra = reinterpret_cast<Bytef*>(extra.data());
  header.extra_len = static_cast<uInt>(extra.size());
  header.hcrc = 1;
  if (name != nullptr) deflateSetHeader(&stream, &header);
  std::string compressed(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  compressed.resize(stream.total_out);
  deflateEnd(&stream);
  return compressed;
}

std::string zstd_of(const std::string& text, int level) {
  const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  std::string compressed(ZSTD_compressBound(text.size()) + 64, '\0');
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  ZSTD_outBuffer out{compressed.data(), compressed.size(), 0};
  REQUIRE(ZSTD_isError(ZSTD_compressStream2(context.get(), &out, &in, ZSTD_e_continue)) == 0);
  REQUIRE(ZSTD_compressStream2(context.get(), &out, &in, ZSTD_e_end) == 0);
  compressed.resize(out.pos);
  return compressed;
}

std::string zstd_of_known_size(const std::string& text) {
  std::string compressed(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size = ZSTD_compress(compressed.data(), compressed.size(), text.data(), text.size(), 3);
  REQUIRE(ZSTD_isError(size) == 0);
  compressed.resize(size);
  return compressed;
}

std::vector<CompressedFormat> compressed_formats() {
  return {{"gzip -1.gz", [](const std::string& text) { return gzip_of(text, 1); }},
          {"gzip -6.gz", [](const std::string& text) { return gzip_of(text, 6); }},
          {"gzip -0.gz", [](const std::string& text) { return gzip_of(text, 0); }},
          {"zstd -1.zst", [](const std::string& text) { return zstd_of(text, 1); }},
          {"zstd -9.zst", [](const std::string& text) { return zstd_of(text, 9); }},
          {"zstd of known size.zst", zstd_of_known_size}};
}

std::string log_text(std::size_t size_bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < size_bytes) {
    text += "10.0.0." + std::to_string(random() % 256) + " - - [22/Nov/2026:04:00:00 +0000] \"GET /v2/image/" +
            std::to_string(random()) + " HTTP/1.1\" 200 " + std::to_string(random() % 100'000) + '\n';
  }
  text.resize(size_bytes);
  return text;
}

}  // namespace tailmeter
