// The real files, but for the faults that a test asks for: errors, and hints that never come.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "exporter/tail/real_file_system.h"

namespace tailmeter {

class FaultyFileSystem : public RealFileSystem {
 public:
  // Until further notice; no error ends it.
  void fail_open(const std::string& path, std::error_code error) { open_errors_[path] = error; }
  void fail_status(const std::string& path, std::error_code error) { status_errors_[path] = error; }
  void fail_list(const std::string& path, std::error_code error) { list_errors_[path] = error; }
  // The next one, of any directory.
  void fail_next_list(std::error_code error) { next_list_error_ = error; }

  // Reads of the files that are open as `path` now, where they touch bytes from `offset_bytes` on: they stop short
  // before, or fail there.
  void fail_read(const std::string& path, std::error_code error, std::uint64_t offset_bytes = 0);

  // One read, after so many more.
  void fail_read_after(int reads, std::error_code error) { failing_read_ = {reads_ + reads + 1, error}; }

  // How many more files may be open at a time than now; nothing for no limit.
  void limit_open_files(std::optional<int> more) { descriptors_left_ = more; }

  void drop_hints() { has_hints_ = false; }

  // Called once, just before directories are watched or a path is opened.
  void before_watch(std::function<void()> happens) { before_watch_ = std::move(happens); }
  void before_open(const std::string& path, std::function<void()> happens) { before_open_[path] = std::move(happens); }

  [[nodiscard]] int reads() const { return reads_; }

  using RealFileSystem::status;
  [[nodiscard]] std::error_code status(const std::string& path, FileStatus& status) override;
  [[nodiscard]] std::error_code open(const std::string& path, OpenFile& file) override;
  [[nodiscard]] std::error_code read(const OpenFile& file, std::uint64_t offset_bytes, std::span<char> room,
                                     std::size_t& bytes_read) override;
  [[nodiscard]] std::error_code list(const std::string& directory, std::vector<DirectoryEntry>& entries) override;
  [[nodiscard]] std::error_code watch(std::span<const std::string> directories) override;
  [[nodiscard]] int hint_fd() const override { return has_hints_ ? RealFileSystem::hint_fd() : -1; }
  void take_hints(std::vector<Hint>& hints) override;

 private:
  void close(int number) override;

  std::map<std::string, std::error_code> open_errors_;
  std::map<std::string, std::error_code> status_errors_;
  std::map<std::string, std::error_code> list_errors_;
  std::error_code next_list_error_;
  std::map<int, std::pair<std::error_code, std::uint64_t>> read_errors_;
  std::pair<int, std::error_code> failing_read_;  // by its number
  std::map<int, std::string> paths_;              // of the open files
  std::optional<int> descriptors_left_;
  std::function<void()> before_watch_;
  std::map<std::string, std::function<void()>> before_open_;
  bool has_hints_ = true;
  int reads_ = 0;
};

}  // namespace tailmeter
