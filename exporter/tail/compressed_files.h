// Compressed logs as if they were not: a file system over another one.
//
// What is opened under a name that ends in ".gz" or ".zst" has the decompressed bytes as its content, for read() and
// for the size of the open file. All else is the other file system's: the identity, the link count, a path's own size,
// and every other file.
//
// Before such a file's size is known it is decompressed to its end, which also shows that it is whole: until then what
// is read may prove to be damaged. Then bytes are decompressed again as they are read. No call takes long: one that
// would decompress more than kSliceBytes in front of what it was asked for says FileError::kNotYet, and the next one
// goes on there, also when the file was closed and opened meanwhile. One file at a time is gone on in like this; the
// others wait. The size is remembered. From a file found bad nothing more is read. It is bad if it does not decompress
// to its end (see decompression.h), or if its own size is no longer what it was when it was opened. It may be good when
// it is opened again.
//
// An open compressed file takes about 1.5 MiB, and for zstd the window that its compressor used, at most 128 MiB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "exporter/tail/decompressor.h"
#include "exporter/tail/file_system.h"

namespace tailmeter {

class CompressedFiles final : public FileSystem {
 public:
  // Reads may go back so far, from the end of the one before, without beginning anew: Generation goes back by a buffer
  // and a window, 260 KiB.
  static constexpr std::size_t kHistoryBytes = std::size_t{1} << 20;

  // Read and decompressed by one call in front of what it was asked for; some 50 ms.
  static constexpr std::uint64_t kSliceBytes = std::uint64_t{16} << 20;

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
  [[nodiscard]] bool take_unfinished() override { return std::exchange(has_unfinished_, false); }

 private:
  class Content;
  struct KnownSize {
    FileIdentity identity;
    std::uint64_t file_bytes = 0;
    std::uint64_t modified_ns = 0;
    std::uint64_t size_bytes = 0;
  };
  // Sizes that are remembered, and how often others are turned away before a file that nobody asks for any more has to
  // give way to them.
  static constexpr std::size_t kKnownSizesMax = 256;
  static constexpr int kRefusalsMax = 100;

  void close(int number) override;
  [[nodiscard]] Content* find(const OpenFile& file) const;
  [[nodiscard]] std::unique_ptr<Content> make_content(OpenFile file, const FileStatus& status,
                                                      std::unique_ptr<Decompressor> decompressor);
  [[nodiscard]] bool may_take_long(const Content& content);
  void note_finished(const Content& content);

  FileSystem& files_;
  std::vector<std::unique_ptr<Content>> contents_;  // by the complement of the number; closed ones are empty
  std::vector<KnownSize> known_sizes_;              // the oldest first
  const Content* last_long_ = nullptr;              // the last one that took more than one call
  bool is_in_work_ = false;                         // it has not come to where it was asked to
  std::unique_ptr<Content> parked_;                 // that one, while it is closed: it is asked again, mostly
  int refusals_ = 0;                                // of others since it was asked for
  bool has_unfinished_ = false;
};

}  // namespace tailmeter
