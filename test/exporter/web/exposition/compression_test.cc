#include "exporter/web/exposition/compression.h"

#include <random>

#include <catch2/catch.hpp>
#include <zlib.h>
#include <zstd.h>

namespace tailmeter {
namespace {

// By zlib, which wrote none of it.
std::string gunzip(const std::string& bytes, std::size_t size) {
  constexpr int kGzip = 16 + MAX_WBITS;
  std::string out(size + 1, '\0');
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, kGzip) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = inflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return result == Z_STREAM_END ? out : "zlib does not take it";
}

std::string unzstd(const std::string& bytes, std::size_t size) {
  std::string out(size, '\0');
  return ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size()) == size ? out : "zstd does not take it";
}

TEST_CASE("what is compressed is what others decompress", "[web]") {
  std::mt19937 random(1);
  std::string noise(100'000, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  std::string metrics;
  for (int i = 0; i < 10'000; ++i) metrics += "requests_total{path=\"/" + std::to_string(i) + "\"} 1\n";
  for (const std::string& text : {std::string(), std::string("x"), noise, metrics}) {
    CHECK(gunzip(compress_gzip(text), text.size()) == text);
    CHECK(unzstd(compress_zstd(text), text.size()) == text);
  }
  CHECK(compress_gzip(metrics).size() < metrics.size() / 5);
  CHECK(compress_zstd(metrics).size() < metrics.size() / 5);
}

}  // namespace
}  // namespace tailmeter
