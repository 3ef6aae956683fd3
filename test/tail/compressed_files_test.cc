#include "exporter/tail/compressed_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "exporter/tail/real_file_system.h"
#include "test/support/temporary_directory.h"
#include "test/tail/compressed_lab.h"

namespace tailmeter {

TEST_CASE("compressed content is read as what it was before", "[tail]") {
  constexpr std::size_t kStep = std::size_t{64} << 10;
  for (const CompressedFormat& format : compressed_formats()) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kStep - 1, kStep, kStep + 1, 47 * kStep + 11}) {
      CAPTURE(format.name, size);
      const std::string text = log_text(size);
      CompressedLab lab(format.name, format.compress(text));
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
  for (const CompressedFormat& format : compressed_formats()) {
    for (const std::string& text : {noise, std::string(3'000'000, '\0')}) {
      CAPTURE(format.name);
      CompressedLab lab(format.name, format.compress(text));
      CHECK((lab.read_in_turns() == text));
      CHECK(lab.size_bytes() == text.size());
    }
  }
}

TEST_CASE("bytes come from any place, in any order, however few the other file system gives at once", "[tail]") {
  const std::string text = log_text(4'000'000);
  for (const CompressedFormat& format : compressed_formats()) {
    for (const std::size_t read_bytes_max : {std::size_t{4099}, SIZE_MAX}) {
      CAPTURE(format.name, read_bytes_max);
      CompressedLab lab(format.name, format.compress(text));
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
  for (const CompressedFormat& format : compressed_formats()) {
    CAPTURE(format.name);
    const std::string compressed = format.compress(text);
    CompressedLab lab(format.name, compressed);
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
  const std::string compressed = gzip_of(text);
  CompressedLab lab("log.gz", compressed);
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

TEST_CASE("no call takes long, and what one has done the next goes on from, also in a file opened anew", "[tail]") {
  constexpr std::size_t kMebibyte = std::size_t{1} << 20;
  constexpr std::size_t kSize = 50 * kMebibyte;
  const std::string text = log_text(kSize);
  for (const std::string name : {"log.gz", "log.zst"}) {
    CAPTURE(name);
    MemoryFileSystem memory;
    CompressedFiles files(memory);
    memory.contents[name] = name == "log.gz" ? gzip_of(text, 1) : zstd_of(text, 1);
    memory.contents["other.gz"] = gzip_of(text, 1);
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

TEST_CASE("files under other names are the other file system's own", "[tail]") {
  const std::string content = gzip_of("text");
  for (const char* name : {"log", "log.gz.1", "log.tgz", "log.bz2", "log.zstd", "loggz", "log.GZ"}) {
    CAPTURE(name);
    CompressedLab lab(name, content);
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
  const std::string content = gzip_of("text");
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
    memory.contents[name] = i % 3 == 0 ? gzip_of(text_of(i)) : i % 3 == 1 ? zstd_of(text_of(i)) : text_of(i);
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
