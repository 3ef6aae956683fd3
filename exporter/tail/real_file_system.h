// The kernel's files, with inotify for hints. Without inotify (no instances or watches left) it still works: nothing
// then says that something changed, and the tail's own rescans find it.
#pragma once

#include <cstddef>
#include <limits>

#include "exporter/tail/file_system.h"
#include "exporter/tail/inotify_queue.h"

namespace tailmeter {

class RealFileSystem : public FileSystem {
 public:
  // With `max_open_files` open, the next is refused as if the process had no descriptor left: the other parts of it
  // then still have some.
  explicit RealFileSystem(std::size_t max_open_files = std::numeric_limits<std::size_t>::max());
  ~RealFileSystem() override;
  RealFileSystem(const RealFileSystem&) = delete;
  RealFileSystem& operator=(const RealFileSystem&) = delete;

  [[nodiscard]] std::error_code open(const std::string& path, OpenFile& file) override;
  [[nodiscard]] std::error_code read(const OpenFile& file, std::uint64_t offset_bytes, std::span<char> room,
                                     std::size_t& bytes_read) override;
  [[nodiscard]] std::error_code status(const OpenFile& file, FileStatus& status) override;
  [[nodiscard]] std::error_code status(const std::string& path, FileStatus& status) override;
  [[nodiscard]] std::error_code resolve(const std::string& path, std::string& real_path) override;
  [[nodiscard]] std::error_code list(const std::string& directory, std::vector<DirectoryEntry>& entries) override;
  [[nodiscard]] std::error_code watch(std::span<const std::string> directories) override;
  [[nodiscard]] int hint_fd() const override { return epoll_fd_; }
  void wake_on_writes(bool wanted) override;
  void take_hints(std::vector<Hint>& hints) override;

 protected:
  void close(int number) override;

 private:
  const std::size_t max_open_files_;
  std::size_t open_files_ = 0;
  InotifyQueue names_;
  InotifyQueue writes_;
  int epoll_fd_ = -1;  // over both queues; the interest in writes comes and goes
};

}  // namespace tailmeter
