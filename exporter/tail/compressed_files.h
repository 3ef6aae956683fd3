// Compressed logs as if they were not: a file system over another one.
//
// What is opened under a name that ends in ".gz" or ".zst" has the decompressed bytes as its content, for read() and
// for the size of the open file. All else is the other file system's: the identity, the link count, a path's own size,
// and every other file.
//
// The first status() of such a file decompresses it to its end, to learn the size and to see that it is whole: until
// then what is read may prove to be damaged. Then bytes are decompressed again as they are read. From a file found bad
// nothing more is read. It is bad if it does not decompress to its end (see decompression.h), or if its own size is no
// longer what it was when it was opened. It may be good when it is opened again.
//
// An open compressed file takes about 1.2 MiB, and for zstd the window that its compressor used, at most 128 MiB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "exporter/tail/decompressor.h"
#include "exporter/tail/file_system.h"

namespace tailmeter {

class CompressedFiles final : public FileSystem {
 public:
  // Reads may go back so far, from the end of the one before, without beginning anew: Generation goes back by a buffer
  // and a window, 260 KiB.
  static constexpr std::size_t kHistoryBytes = std::size_t{1} << 20;

  // The other file system must outlive this one, and number its open files from 0 up.
  explicit CompressedFiles(FileSystem& files);
  ~CompressedFiles() override;
  CompressedFiles(const CompressedFiles&) = delete;
  CompressedFiles& operator=(const CompressedFiles&) = delete;

  [[nodiscard]] std::error_code open(const std::string& path, OpenFile& file) override;
  [[nodiscard]] std::error_code read(const OpenFile& file, std::uint64_t offset_bytes, std::span<char> room,
                                     std::size_t& bytes_read) override;
  [[nodiscard]] std::error_code status(const OpenFile& file, FileStatus& status) override;
  [[nodiscard]] std::error_code status(const std::string& path, FileStatus& status) override {
    return files_.status(path, status);
  }
  [[nodiscard]] std::error_code resolve(const std::string& path, std::string& real_path) override {
    return files_.resolve(path, real_path);
  }
  [[nodiscard]] std::error_code list(const std::string& directory, std::vector<DirectoryEntry>& entries) override {
    return files_.list(directory, entries);
  }
  [[nodiscard]] std::error_code watch(std::span<const std::string> directories) override {
    return files_.watch(directories);
  }
  [[nodiscard]] int hint_fd() const override { return files_.hint_fd(); }
  void wake_on_writes(bool wanted) override { files_.wake_on_writes(wanted); }
  void take_hints(std::vector<Hint>& hints) override { files_.take_hints(hints); }

 private:
  class Content;

  void close(int number) override;
  [[nodiscard]] Content* find(const OpenFile& file) const;

  FileSystem& files_;
  std::vector<std::unique_ptr<Content>> contents_;  // by the complement of the number; closed ones are empty
};

}  // namespace tailmeter
