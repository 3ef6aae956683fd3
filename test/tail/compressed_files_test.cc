#include "exporter/tail/compressed_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <set>

#include <catch2/catch.hpp>
#include <zlib.h>
#include <zstd.h>

#include "exporter/tail/real_file_system.h"
#include "test/support/temporary_directory.h"
#include "test/tail/memory_file_system.h"

namespace tailmeter {
namespace {

using namespace std::string_literals;

constexpr std::size_t kTurnBytes = std::size_t{256} << 10;
constexpr std::size_t kWindowBytes = 4096;

std::string gzip(const std::string& text, int level = 6, const char* name = nullptr) {
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

// By a stream nobody told the size, as from a pipe; with the checksum that zstd(1) adds.
std::string zstd(const std::string& text, int level = 3) {
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

// At once, with the size in the header and without a checksum.
std::string zstd_of_known_size(const std::string& text) {
  std::string compressed(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size = ZSTD_compress(compressed.data(), compressed.size(), text.data(), text.size(), 3);
  REQUIRE(ZSTD_isError(size) == 0);
  compressed.resize(size);
  return compressed;
}

struct Format {
  std::string name;
  std::function<std::string(const std::string&)> compress;
};

std::vector<Format> formats() {
  return {{"gzip -1.gz", [](const std::string& text) { return gzip(text, 1); }},
          {"gzip -6.gz", [](const std::string& text) { return gzip(text, 6); }},
          {"gzip -0.gz", [](const std::string& text) { return gzip(text, 0); }},
          {"zstd -1.zst", [](const std::string& text) { return zstd(text, 1); }},
          {"zstd -9.zst", [](const std::string& text) { return zstd(text, 9); }},
          {"zstd of known size.zst", zstd_of_known_size}};
}

// Lines that are alike and never the same, as a log's are.
std::string log_text(std::size_t size_bytes, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < size_bytes) {
    text += "10.0.0." + std::to_string(random() % 256) + " - - [22/Nov/2026:04:00:00 +0000] \"GET /v2/image/" +
            std::to_string(random()) + " HTTP/1.1\" 200 " + std::to_string(random() % 100'000) + '\n';
  }
  text.resize(size_bytes);
  return text;
}

struct Lab {
  MemoryFileSystem memory;
  CompressedFiles files{memory};
  OpenFile file;

  Lab(const std::string& name, std::string content) {
    memory.contents[name] = std::move(content);
    REQUIRE_FALSE(files.open(name, file));
  }

  // As often as it takes.
  std::error_code read(std::uint64_t offset_bytes, std::size_t size_bytes, std::string& bytes) {
    std::string room(size_bytes, '\xee');
    std::size_t bytes_read = 0;
    std::error_code error;
    do {
      error = files.read(file, offset_bytes, room, bytes_read);
    } while (error == FileError::kNotYet);
    bytes = room.substr(0, bytes_read);
    return error;
  }

  std::error_code status(FileStatus& status) {
    std::error_code error;
    do {
      error = files.status(file, status);
    } while (error == FileError::kNotYet);
    return error;
  }

  std::string bytes_at(std::uint64_t offset_bytes, std::size_t size_bytes) {
    std::string bytes;
    REQUIRE_FALSE(read(offset_bytes, size_bytes, bytes));
    return bytes;
  }

  std::uint64_t size_bytes() {
    FileStatus found;
    REQUIRE_FALSE(status(found));
    return found.size_bytes;
  }

  std::error_code fault() {
    FileStatus found;
    return status(found);
  }

  // From the start to the end, each turn with some bytes of the one before in front.
  std::string read_in_turns() {
    std::mt19937 random(7);
    std::string text;
    for (;;) {
      const std::size_t back = std::min<std::size_t>(text.size(), random() % (kTurnBytes + kWindowBytes));
      const std::string bytes = bytes_at(text.size() - back, back + kTurnBytes);
      REQUIRE(bytes.substr(0, back) == text.substr(text.size() - back));
      if (bytes.size() == back) return text;
      text += bytes.substr(back);
    }
  }
};

// One frame that says it needs the window of this descriptor (RFC 8878 section 3.1.1.1.2), with one byte of content.
std::string frame_with_window(char descriptor) {
  return "\x28\xb5\x2f\xfd\0"s + descriptor + "\x09\0\0x"s;
}

}  // namespace

TEST_CASE("compressed content is read as what it was before", "[tail]") {
  constexpr std::size_t kStep = std::size_t{64} << 10;
  for (const Format& format : formats()) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kStep - 1, kStep, kStep + 1, 47 * kStep + 11}) {
      CAPTURE(format.name, size);
      const std::string text = log_text(size);
      Lab lab(format.name, format.compress(text));
      CHECK(lab.size_bytes() == size);
      CHECK((lab.read_in_turns() == text));
      CHECK(lab.bytes_at(size, 1).empty());
      CHECK(lab.bytes_at(UINT64_MAX, 1).empty());
    }
  }
}

TEST_CASE("content that hardly compresses, and content of one byte, come back too", "[tail]") {
  std::mt19937 random(3);
  std::string noise(3'000'000, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  for (const Format& format : formats()) {
    for (const std::string& text : {noise, std::string(3'000'000, '\0')}) {
      CAPTURE(format.name);
      Lab lab(format.name, format.compress(text));
      CHECK((lab.read_in_turns() == text));
      CHECK(lab.size_bytes() == text.size());
    }
  }
}

TEST_CASE("bytes come from any place, in any order, however few the other file system gives at once", "[tail]") {
  const std::string text = log_text(4'000'000);
  for (const Format& format : formats()) {
    for (const std::size_t read_bytes_max : {std::size_t{4099}, SIZE_MAX}) {
      CAPTURE(format.name, read_bytes_max);
      Lab lab(format.name, format.compress(text));
      lab.memory.read_bytes_max = read_bytes_max;
      std::mt19937 random(5);
      std::uint64_t end = 0;
      for (int i = 0; i < 60; ++i) {
        const std::uint64_t back = std::min<std::uint64_t>(end, random() % (kTurnBytes + kWindowBytes));
        const std::uint64_t offset = i % 10 == 9  ? random() % (text.size() + 1000)
                                     : i % 3 == 0 ? end + random() % 100'000
                                                  : end - back;
        const std::size_t size = i % 7 == 6 ? random() % 2'000'000 : random() % kTurnBytes;
        const std::string expected = offset < text.size() ? text.substr(offset, size) : "";
        CAPTURE(i, offset, size);
        REQUIRE((lab.bytes_at(offset, size) == expected));
        end = offset + expected.size();
        if (i == 30) REQUIRE(lab.size_bytes() == text.size());
      }
    }
  }
}

TEST_CASE("a file read in order is decompressed once, after once for its size", "[tail]") {
  const std::string text = log_text(10 << 20);
  for (const Format& format : formats()) {
    CAPTURE(format.name);
    const std::string compressed = format.compress(text);
    Lab lab(format.name, compressed);
    CHECK(lab.memory.bytes_read == 0);
    CHECK((lab.bytes_at(0, 512) == text.substr(0, 512)));
    CHECK(lab.memory.bytes_read <= std::size_t{256} << 10);
    CHECK(lab.size_bytes() == text.size());
    CHECK(lab.memory.bytes_read == compressed.size());
    CHECK((lab.read_in_turns() == text));
    CHECK(lab.size_bytes() == text.size());
    CHECK(lab.memory.bytes_read == 2 * compressed.size());
  }
}

TEST_CASE("going back within the history costs nothing, and further back a new start up to there", "[tail]") {
  const std::string text = log_text(10'000'000);
  const std::string compressed = gzip(text);
  Lab lab("log.gz", compressed);
  CHECK(lab.size_bytes() == text.size());
  const std::uint64_t oldest = text.size() - CompressedFiles::kHistoryBytes;
  CHECK((lab.bytes_at(oldest, 2 * CompressedFiles::kHistoryBytes) == text.substr(oldest)));
  CHECK(lab.memory.bytes_read == compressed.size());
  CHECK((lab.bytes_at(oldest - 1, 2) == text.substr(oldest - 1, 2)));
  CHECK(lab.memory.bytes_read > compressed.size() * 18 / 10);
  CHECK((lab.bytes_at(0, 2) == text.substr(0, 2)));
  CHECK(lab.memory.bytes_read < compressed.size() * 21 / 10);
  CHECK(lab.bytes_at(text.size(), 2).empty());
  CHECK(lab.memory.bytes_read < compressed.size() * 21 / 10);
}

TEST_CASE("what is one file, and what is none", "[tail]") {
  const std::error_code damaged = CompressionError::kDamagedCompression;
  const std::error_code other = CompressionError::kOtherCompression;
  const std::string nuls(300'000, '\0');
  const std::string skippable = "\x5a\x2a\x4d\x18\3\0\0\0abc"s;
  const std::string empty_skippable = "\x50\x2a\x4d\x18\0\0\0\0"s;
  struct Row {
    std::string what;
    std::string file;
    std::string content;
    std::string text;
    std::error_code error;
  };
  const std::vector<Row> rows{
      {"all optional fields", "a.gz", gzip("text", 6, "name"), "text", {}},
      {"two members", "a.gz", gzip("one\n") + gzip("two\n", 9, "two"), "one\ntwo\n", {}},
      {"members without content", "a.gz", gzip("") + gzip("a") + gzip("") + gzip("b") + gzip(""), "ab", {}},
      {"a NUL at the end", "a.gz", gzip("a") + "\0"s, "a", {}},
      {"many NULs at the end", "a.gz", gzip("a") + nuls, "a", {}},
      {"a byte behind the end", "a.gz", gzip("a") + "x", "", damaged},
      {"a byte behind NULs", "a.gz", gzip("a") + nuls + "x", "", damaged},
      {"a member behind NULs", "a.gz", gzip("a") + "\0"s + gzip("b"), "", damaged},
      {"a member begun", "a.gz", gzip("a") + "\x1f", "", damaged},
      {"another method", "a.gz", "\x1f\x8b\x07" + gzip("a").substr(3), "", other},
      {"nothing yet", "a.gz", "", "", damaged},
      {"NULs alone", "a.gz", nuls, "", other},
      {"plain text", "a.gz", "plain text\n", "", other},
      {"zstd under gzip's name", "a.gz", zstd("a"), "", other},
      {"two frames", "a.zst", zstd("one\n") + zstd_of_known_size("two\n"), "one\ntwo\n", {}},
      {"frames without content", "a.zst", zstd("") + zstd("a") + zstd_of_known_size("") + zstd("b"), "ab", {}},
      {"skippable frames", "a.zst", skippable + zstd("a") + empty_skippable + zstd("b") + skippable, "ab", {}},
      {"a skippable frame cut off", "a.zst", zstd("a") + skippable.substr(0, 9), "", damaged},
      {"a NUL behind the end", "a.zst", zstd("a") + "\0"s, "", damaged},
      {"a gzip member behind the end", "a.zst", zstd("a") + gzip("b"), "", damaged},
      {"a frame of an old format", "a.zst", zstd("a") + "\x27\xb5\x2f\xfd" + zstd("b"), "", damaged},
      {"a window of 128 MiB", "a.zst", frame_with_window('\x88'), "x", {}},
      {"a window of 144 MiB", "a.zst", frame_with_window('\x89'), "", other},
      {"a window of 3.75 TiB", "a.zst", frame_with_window('\xff'), "", other},
      {"a dictionary", "a.zst", "\x28\xb5\x2f\xfd\x01\0\7\x09\0\0x"s, "", other},
      {"content of 16 EiB, says the header", "a.zst", "\x28\xb5\x2f\xfd\xe0"s + std::string(8, '\xff') + "\x09\0\0x"s,
       "", other},
      {"nothing yet", "a.zst", "", "", damaged},
      {"gzip under zstd's name", "a.zst", gzip("a"), "", other},
      {"plain text", "a.zst", "plain text\n", "", other},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what, row.file);
    Lab lab(row.file, row.content);
    FileStatus status;
    CHECK(lab.status(status) == row.error);
    CHECK(status.size_bytes == row.text.size());
    std::string bytes;
    CHECK(lab.read(0, 100, bytes) == row.error);
    CHECK(bytes == row.text);
  }
}

TEST_CASE("the errors say what is wrong", "[tail]") {
  const auto message = [](CompressionError error) { return make_error_code(error).message(); };
  CHECK(message(CompressionError::kDamagedCompression) == "compressed content is damaged or cut off");
  CHECK(message(CompressionError::kCompressionBomb) ==
        "compressed content is more than 1000 times larger than its file");
  CHECK(message(CompressionError::kOtherCompression) ==
        "not compressed as the name says, or by zstd with a dictionary or a window over 128 MiB");
  CHECK_FALSE(is_absent(CompressionError::kDamagedCompression));
}

TEST_CASE("a file that is cut off anywhere is damaged, and gives no other bytes before that is known", "[tail]") {
  const std::string text = log_text(2000);
  for (const Format& format : formats()) {
    const std::string whole = format.compress(text);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(format.name, size, whole.size());
      Lab lab(format.name, whole.substr(0, size));
      std::string bytes;
      std::string early;
      for (std::uint64_t offset = 0; !lab.read(offset, 50, bytes) && !bytes.empty(); offset += bytes.size()) {
        early += bytes;
      }
      CHECK(text.starts_with(early));
      REQUIRE(lab.fault() == CompressionError::kDamagedCompression);
      CHECK(lab.read(0, 50, bytes) == CompressionError::kDamagedCompression);
      CHECK(lab.read(text.size(), 50, bytes) == CompressionError::kDamagedCompression);
      CHECK(bytes.empty());
    }
  }
}

TEST_CASE("a bit that is not as it was is found, but where it means nothing", "[tail]") {
  const std::string text = log_text(700);
  struct Row {
    std::string name;
    std::string whole;
    std::set<std::size_t> meaningless_places;
  };
  // RFC 1952 section 2.3: flags, time, extra flags, system. RFC 8878 section 3.1.1.1: an unused bit, a wider window.
  const std::vector<Row> rows{{"log.gz", gzip(text), {3, 4, 5, 6, 7, 8, 9}}, {"log.zst", zstd(text), {4, 5}}};
  for (const auto& [name, whole, meaningless_places] : rows) {
    std::set<std::size_t> meaningless;
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      CAPTURE(name, bit);
      std::string changed = whole;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
      Lab lab(name, changed);
      if (const std::error_code error = lab.fault()) {
        std::string bytes;
        REQUIRE(lab.read(0, 1000, bytes) == error);
        const bool is_magic = bit / 8 < (name == "log.gz" ? 3 : 4);
        if (is_magic) CHECK(error == CompressionError::kOtherCompression);
      } else {
        REQUIRE(lab.bytes_at(0, 1000) == text);
        meaningless.insert(bit / 8);
      }
    }
    CHECK(std::includes(meaningless.begin(), meaningless.end(), meaningless_places.begin(), meaningless_places.end()));
    CHECK(meaningless.size() < meaningless_places.size() + 5);  // bits that fill up bytes
  }
}

TEST_CASE("a bomb is no log", "[tail]") {
  constexpr std::size_t kMebibyte = std::size_t{1} << 20;
  const std::string zeros(16 * kMebibyte, '\0');
  const auto times = [](int count, const std::string& member) {
    std::string members;
    for (int i = 0; i < count; ++i) members += member;
    return members;
  };
  struct Row {
    std::string what;
    std::string name;
    std::string content;
    std::uint64_t size_bytes;  // 0: a bomb
  };
  const std::vector<Row> rows{
      {"1 GiB of NULs", "a.gz", times(64, gzip(zeros, 9)), 0},
      {"1 GiB of NULs", "a.zst", times(64, zstd(zeros)), 0},
      {"64 MiB of NULs", "a.gz", times(4, gzip(zeros, 9)), 64 * kMebibyte},
      {"64 MiB of NULs", "a.zst", times(4, zstd(zeros)), 64 * kMebibyte},
      {"64 MiB of NULs and a byte", "a.zst", times(4, zstd(zeros)) + zstd("x"), 0},
      {"a hole and then lines", "a.gz", times(6, gzip(zeros, 9)) + gzip(log_text(kMebibyte)), 97 * kMebibyte},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what, row.name);
    Lab lab(row.name, row.content);
    FileStatus status;
    const std::error_code error = lab.status(status);
    CHECK(status.size_bytes == row.size_bytes);
    if (row.size_bytes > 0) {
      CHECK_FALSE(error);
      continue;
    }
    CHECK(error == CompressionError::kCompressionBomb);
    const std::uint64_t bytes_read = lab.memory.bytes_read;
    std::string bytes;
    CHECK(lab.read(0, 1, bytes) == CompressionError::kCompressionBomb);
    CHECK(lab.fault() == CompressionError::kCompressionBomb);
    CHECK(lab.memory.bytes_read == bytes_read);
  }
}

TEST_CASE("a bomb goes off in a read no more than in a status", "[tail]") {
  std::string content;
  for (int i = 0; i < 64; ++i) content += zstd(std::string(std::size_t{16} << 20, '\0'));
  Lab lab("bomb.zst", content);
  std::string bytes;
  CHECK_FALSE(lab.read(0, 512, bytes));
  CHECK(lab.read(std::uint64_t{1} << 40, 1, bytes) == CompressionError::kCompressionBomb);
  CHECK(lab.read(0, 512, bytes) == CompressionError::kCompressionBomb);
}

TEST_CASE("no call takes long, and what one has done the next goes on from, also in a file opened anew", "[tail]") {
  constexpr std::size_t kMebibyte = std::size_t{1} << 20;
  constexpr std::size_t kSize = 50 * kMebibyte;
  const std::string text = log_text(kSize);
  for (const std::string name : {"log.gz", "log.zst"}) {
    CAPTURE(name);
    MemoryFileSystem memory;
    CompressedFiles files(memory);
    memory.contents[name] = name == "log.gz" ? gzip(text, 1) : zstd(text, 1);
    memory.contents["other.gz"] = gzip(text, 1);
    const auto calls_for = [&](auto ask) {
      for (int calls = 1;; ++calls) {
        OpenFile file;
        REQUIRE_FALSE(files.open(name, file));
        const std::error_code error = ask(file);
        REQUIRE((!error || error == FileError::kNotYet));
        CHECK(files.take_unfinished() == static_cast<bool>(error));
        CHECK_FALSE(files.take_unfinished());
        if (!error) return calls;
      }
    };
    FileStatus status;
    const auto ask_size = [&](const OpenFile& file) { return files.status(file, status); };
    std::string head(512, '\0');
    std::string window(4096, '\0');
    std::size_t bytes_read = 0;
    const auto ask_window = [&](const OpenFile& file) {  // as kinship() does
      if (const std::error_code error = files.read(file, 0, head, bytes_read)) return error;
      if (const std::error_code error = files.status(file, status)) return error;
      if (const std::error_code error = files.read(file, 45 * kMebibyte, window, bytes_read)) return error;
      return files.read(file, 20 * kMebibyte, head, bytes_read);
    };
    CHECK(calls_for(ask_size) >= 3);
    CHECK(status.size_bytes == kSize);
    CHECK(calls_for(ask_size) == 1);
    CHECK(calls_for(ask_window) >= 3);
    CHECK((window == text.substr(45 * kMebibyte, 4096)));
    CHECK((head == text.substr(20 * kMebibyte, 512)));

    // One that others wait for, and that is gone, gives way.
    OpenFile gone;
    REQUIRE_FALSE(files.open(name, gone));
    OpenFile other;
    REQUIRE_FALSE(files.open("other.gz", other));
    REQUIRE(files.read(gone, 46 * kMebibyte, head, bytes_read) == FileError::kNotYet);
    gone.close();
    int calls = 1;
    for (; files.status(other, status) == FileError::kNotYet; ++calls) REQUIRE(calls < 200);
    CHECK(calls > 3);
    CHECK(status.size_bytes == kSize);
  }
}

TEST_CASE("a file whose size changes is bad until it is opened again", "[tail]") {
  const bool is_size_known = GENERATE(false, true);
  CAPTURE(is_size_known);
  const std::string first = gzip("one\n");
  Lab lab("log.gz", first);
  CHECK(lab.bytes_at(0, 3) == "one");
  if (is_size_known) CHECK(lab.size_bytes() == 4);
  lab.memory.contents["log.gz"] += gzip("two\n");
  std::string bytes;
  CHECK(lab.read(0, 3, bytes) == CompressionError::kDamagedCompression);
  CHECK(lab.fault() == CompressionError::kDamagedCompression);

  OpenFile again;
  REQUIRE_FALSE(lab.files.open("log.gz", again));
  FileStatus status;
  REQUIRE_FALSE(lab.files.status(again, status));
  CHECK(status.size_bytes == 8);
  lab.memory.contents["log.gz"] = first;
  CHECK(lab.files.status(again, status) == CompressionError::kDamagedCompression);
  CHECK(lab.fault() == CompressionError::kDamagedCompression);
}

TEST_CASE("a file that gives less than its size is damaged", "[tail]") {
  Lab lab("log.gz", gzip("one\n"));
  lab.memory.read_bytes_max = 0;
  CHECK(lab.fault() == CompressionError::kDamagedCompression);
}

TEST_CASE("an error of the other file system is handed on, and when it is over reading goes on", "[tail]") {
  const std::error_code io_error = std::make_error_code(std::errc::io_error);
  const std::string text = log_text(3'000'000);
  const std::string whole = gzip(text) + std::string(200'000, '\0');
  Lab lab("log.gz", whole);
  std::string bytes;
  for (std::uint64_t offset = 0; offset < text.size(); offset += kTurnBytes) {
    lab.memory.read_error = io_error;
    const std::error_code error = lab.read(offset, kTurnBytes, bytes);
    CHECK((!error || error == io_error));
    CHECK(lab.fault() == io_error);
    lab.memory.read_error = {};
    lab.memory.status_error = io_error;
    CHECK(lab.read(offset, kTurnBytes, bytes) == io_error);
    CHECK(lab.fault() == io_error);
    lab.memory.status_error = {};
    REQUIRE((lab.bytes_at(offset, kTurnBytes) == text.substr(offset, kTurnBytes)));
  }
  CHECK(lab.size_bytes() == text.size());
  CHECK(lab.memory.bytes_read == whole.size());

  OpenFile missing;
  CHECK(is_absent(lab.files.open("missing.gz", missing)));
  lab.memory.status_error = io_error;
  CHECK(lab.files.open("log.gz", missing) == io_error);
  CHECK_FALSE(missing.is_open());
  CHECK(lab.memory.open_paths.size() == 1);
}

TEST_CASE("files under other names are the other file system's own", "[tail]") {
  const std::string content = gzip("text");
  for (const char* name : {"log", "log.gz.1", "log.tgz", "log.bz2", "log.zstd", "loggz", "log.GZ"}) {
    CAPTURE(name);
    Lab lab(name, content);
    CHECK(lab.bytes_at(0, 100) == content);
    CHECK(lab.size_bytes() == content.size());
    std::string room(100, '\0');
    std::size_t bytes_read = 0;
    CHECK_FALSE(lab.memory.read(lab.file, 0, room, bytes_read));  // it holds that file, and nothing in between
    CHECK(bytes_read == content.size());
  }
}

TEST_CASE("a path tells the size of the compressed file, and an open file that of its content", "[tail]") {
  TemporaryDirectory directory;
  RealFileSystem real;
  CompressedFiles files(real);
  const std::string path = directory / "log.gz";
  const std::string content = gzip("text");
  std::ofstream(path) << content;
  FileStatus of_path;
  REQUIRE_FALSE(files.status(path, of_path));
  CHECK(of_path.size_bytes == content.size());
  OpenFile file;
  REQUIRE_FALSE(files.open(path, file));
  FileStatus of_file;
  REQUIRE_FALSE(files.status(file, of_file));
  CHECK(of_file.size_bytes == 4);
  CHECK(of_file.link_count == 1);
  CHECK(of_file.type == FileType::kRegular);
  CHECK(of_file.identity == of_path.identity);
  CHECK(file.identity() == of_path.identity);
  std::filesystem::remove(path);
  REQUIRE_FALSE(files.status(file, of_file));
  CHECK(of_file.link_count == 0);

  std::filesystem::create_directory(directory / "directory.gz");
  CHECK(files.open(directory / "directory.gz", file) == FileError::kNotRegular);
}

TEST_CASE("files that are open together do not disturb each other, and each is closed with its object", "[tail]") {
  MemoryFileSystem memory;
  CompressedFiles files(memory);
  std::vector<OpenFile> open;
  const auto text_of = [](std::size_t i) { return log_text(300'000 + 1000 * i, static_cast<unsigned>(i)); };
  for (std::size_t i = 0; i < 6; ++i) {
    const std::string name = std::to_string(i) + (i % 3 == 0 ? ".gz" : i % 3 == 1 ? ".zst" : "");
    memory.contents[name] = i % 3 == 0 ? gzip(text_of(i)) : i % 3 == 1 ? zstd(text_of(i)) : text_of(i);
    REQUIRE_FALSE(files.open(name, open.emplace_back()));
  }
  const auto check_all = [&] {
    for (std::size_t i = 0; i < open.size(); ++i) {
      CAPTURE(i);
      std::string bytes(200'000, '\0');
      std::size_t bytes_read = 0;
      REQUIRE_FALSE(files.read(open[i], 90'000 + i, bytes, bytes_read));
      CHECK((bytes.substr(0, bytes_read) == text_of(i).substr(90'000 + i, 200'000)));
    }
  };
  check_all();
  for (const std::size_t i : {1U, 0U, 2U}) {
    const std::string name = open[i].identity().bytes;
    open[i].close();
    CHECK(memory.open_paths.size() == 5);
    REQUIRE_FALSE(files.open(name, open[i]));
  }
  check_all();
  open.clear();
  CHECK(memory.open_paths.empty());
}

}  // namespace tailmeter
