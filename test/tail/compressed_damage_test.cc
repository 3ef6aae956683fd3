// What is no compressed file, or a bad one, or one that may not be read.
#include <algorithm>
#include <functional>
#include <set>

#include "exporter/tail/compressed_files.h"
#include "test/tail/compressed_lab.h"

namespace tailmeter {
namespace {

using namespace std::string_literals;

// One frame that says it needs the window of this descriptor (RFC 8878 section 3.1.1.1.2), with one byte of content.
std::string frame_with_window(char descriptor) {
  return "\x28\xb5\x2f\xfd\0"s + descriptor + "\x09\0\0x"s;
}

}  // namespace

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
      {"all optional fields", "a.gz", gzip_of("text", 6, "name"), "text", {}},
      {"two members", "a.gz", gzip_of("one\n") + gzip_of("two\n", 9, "two"), "one\ntwo\n", {}},
      {"members without content",
       "a.gz",
       gzip_of("") + gzip_of("a") + gzip_of("") + gzip_of("b") + gzip_of(""),
       "ab",
       {}},
      {"a NUL at the end", "a.gz", gzip_of("a") + "\0"s, "a", {}},
      {"many NULs at the end", "a.gz", gzip_of("a") + nuls, "a", {}},
      {"a byte behind the end", "a.gz", gzip_of("a") + "x", "", damaged},
      {"a byte behind NULs", "a.gz", gzip_of("a") + nuls + "x", "", damaged},
      {"a member behind NULs", "a.gz", gzip_of("a") + "\0"s + gzip_of("b"), "", damaged},
      {"a member begun", "a.gz", gzip_of("a") + "\x1f", "", damaged},
      {"another method", "a.gz", "\x1f\x8b\x07" + gzip_of("a").substr(3), "", other},
      {"nothing yet", "a.gz", "", "", damaged},
      {"NULs alone", "a.gz", nuls, "", other},
      {"plain text", "a.gz", "plain text\n", "", other},
      {"zstd under gzip's name", "a.gz", zstd_of("a"), "", other},
      {"two frames", "a.zst", zstd_of("one\n") + zstd_of_known_size("two\n"), "one\ntwo\n", {}},
      {"frames without content", "a.zst", zstd_of("") + zstd_of("a") + zstd_of_known_size("") + zstd_of("b"), "ab", {}},
      {"skippable frames", "a.zst", skippable + zstd_of("a") + empty_skippable + zstd_of("b") + skippable, "ab", {}},
      {"a skippable frame cut off", "a.zst", zstd_of("a") + skippable.substr(0, 9), "", damaged},
      {"a NUL behind the end", "a.zst", zstd_of("a") + "\0"s, "", damaged},
      {"a gzip member behind the end", "a.zst", zstd_of("a") + gzip_of("b"), "", damaged},
      {"a frame of an old format", "a.zst", zstd_of("a") + "\x27\xb5\x2f\xfd" + zstd_of("b"), "", damaged},
      {"a window of 128 MiB", "a.zst", frame_with_window('\x88'), "x", {}},
      {"a window of 144 MiB", "a.zst", frame_with_window('\x89'), "", other},
      {"a window of 3.75 TiB", "a.zst", frame_with_window('\xff'), "", other},
      {"a dictionary", "a.zst", "\x28\xb5\x2f\xfd\x01\0\7\x09\0\0x"s, "", other},
      {"content of 16 EiB, says the header", "a.zst", "\x28\xb5\x2f\xfd\xe0"s + std::string(8, '\xff') + "\x09\0\0x"s,
       "", other},
      {"nothing yet", "a.zst", "", "", damaged},
      {"gzip under zstd's name", "a.zst", gzip_of("a"), "", other},
      {"plain text", "a.zst", "plain text\n", "", other},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what, row.file);
    CompressedLab lab(row.file, row.content);
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
  for (const CompressedFormat& format : compressed_formats()) {
    const std::string whole = format.compress(text);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(format.name, size, whole.size());
      CompressedLab lab(format.name, whole.substr(0, size));
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
  const std::vector<Row> rows{{"log.gz", gzip_of(text), {3, 4, 5, 6, 7, 8, 9}}, {"log.zst", zstd_of(text), {4, 5}}};
  for (const auto& [name, whole, meaningless_places] : rows) {
    std::set<std::size_t> meaningless;
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      CAPTURE(name, bit);
      std::string changed = whole;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
      CompressedLab lab(name, changed);
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
      {"1 GiB of NULs", "a.gz", times(64, gzip_of(zeros, 9)), 0},
      {"1 GiB of NULs", "a.zst", times(64, zstd_of(zeros)), 0},
      {"64 MiB of NULs", "a.gz", times(4, gzip_of(zeros, 9)), 64 * kMebibyte},
      {"64 MiB of NULs", "a.zst", times(4, zstd_of(zeros)), 64 * kMebibyte},
      {"64 MiB of NULs and a byte", "a.zst", times(4, zstd_of(zeros)) + zstd_of("x"), 0},
      {"a hole and then lines", "a.gz", times(6, gzip_of(zeros, 9)) + gzip_of(log_text(kMebibyte)), 97 * kMebibyte},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what, row.name);
    CompressedLab lab(row.name, row.content);
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
  for (int i = 0; i < 64; ++i) content += zstd_of(std::string(std::size_t{16} << 20, '\0'));
  CompressedLab lab("bomb.zst", content);
  std::string bytes;
  CHECK_FALSE(lab.read(0, 512, bytes));
  CHECK(lab.read(std::uint64_t{1} << 40, 1, bytes) == CompressionError::kCompressionBomb);
  CHECK(lab.read(0, 512, bytes) == CompressionError::kCompressionBomb);
}

TEST_CASE("a file whose size changes is bad until it is opened again", "[tail]") {
  const bool is_size_known = GENERATE(false, true);
  CAPTURE(is_size_known);
  const std::string first = gzip_of("one\n");
  CompressedLab lab("log.gz", first);
  CHECK(lab.bytes_at(0, 3) == "one");
  if (is_size_known) CHECK(lab.size_bytes() == 4);
  lab.memory.contents["log.gz"] += gzip_of("two\n");
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

TEST_CASE("a file written anew in the same size is bad until it is opened again", "[tail]") {
  struct Row {
    const char* what;
    std::uint64_t before_ns;
    std::uint64_t after_ns;
  };
  const auto row = GENERATE(values<Row>({
      {"later", 1, 2},
      {"at an older time, as cp -p gives", 2, 1},
      {"just now", 1, 0},
      {"when it was so young that its time could not tell", 0, 0},
      {"so, some time ago", 0, 1},
  }));
  CAPTURE(row.what);
  const bool is_changed = GENERATE(true, false);
  MemoryFileSystem memory;
  CompressedFiles files(memory);
  memory.contents["log.gz"] = gzip_of("one\n");
  memory.modified_ns["log.gz"] = row.before_ns;
  OpenFile file;
  FileStatus status;
  REQUIRE_FALSE(files.open("log.gz", file));
  REQUIRE_FALSE(files.status(file, status));
  if (is_changed) {
    memory.contents["log.gz"] = gzip_of("two\n");
    memory.modified_ns["log.gz"] = row.after_ns;
  }
  CHECK(files.status(file, status) == (is_changed ? CompressionError::kDamagedCompression : std::error_code()));

  file.close();
  OpenFile again;
  REQUIRE_FALSE(files.open("log.gz", again));
  std::string room(4, '\0');
  std::size_t bytes_read = 0;
  REQUIRE_FALSE(files.read(again, 0, room, bytes_read));
  CHECK(room == (is_changed ? "two\n" : "one\n"));
}

TEST_CASE("a file that gives less than its size is damaged", "[tail]") {
  CompressedLab lab("log.gz", gzip_of("one\n"));
  lab.memory.read_bytes_max = 0;
  CHECK(lab.fault() == CompressionError::kDamagedCompression);
}

TEST_CASE("an error of the other file system is handed on, and when it is over reading goes on", "[tail]") {
  const std::error_code io_error = std::make_error_code(std::errc::io_error);
  const std::string text = log_text(3'000'000);
  const std::string whole = gzip_of(text) + std::string(200'000, '\0');
  CompressedLab lab("log.gz", whole);
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

}  // namespace tailmeter
