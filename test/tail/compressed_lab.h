// Compressed files in memory, and what reads them.
#pragma once

#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "exporter/tail/compressed_files.h"
#include "test/tail/memory_file_system.h"

namespace tailmeter {

constexpr std::size_t kTurnBytes = std::size_t{256} << 10;
constexpr std::size_t kWindowBytes = 4096;

// With a header that has all its fields, if there is a name.
std::string gzip_of(const std::string& text, int level = 6, const char* name = nullptr);

// By a stream nobody told the size, as from a pipe; with the checksum that zstd(1) adds.
std::string zstd_of(const std::string& text, int level = 3);

// At once, with the size in the header and without a checksum.
std::string zstd_of_known_size(const std::string& text);

struct CompressedFormat {
  std::string name;
  std::function<std::string(const std::string&)> compress;
};

std::vector<CompressedFormat> compressed_formats();

// Lines that are alike and never the same, as a log's are.
std::string log_text(std::size_t size_bytes, unsigned seed = 1);

struct CompressedLab {
  MemoryFileSystem memory;
  CompressedFiles files{memory};
  OpenFile file;

  CompressedLab(const std::string& name, std::string content) {
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

}  // namespace tailmeter
