// Files in memory, with no directories: how often and how much is read of them is counted, and reads can fail.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "exporter/tail/file_system.h"

namespace tailmeter {

class MemoryFileSystem final : public FileSystem {
 public:
  std::map<std::string, std::string> contents;       // by path; the path is the identity
  std::map<std::string, std::uint64_t> modified_ns;  // by path; without one it is long ago
  std::error_code read_error;
  std::error_code status_error;
  std::size_t read_bytes_max = SIZE_MAX;  // of one call
  std::uint64_t bytes_read = 0;
  std::map<int, std::string> open_paths;

  [[nodiscard]] std::error_code open(const std::string& path, OpenFile& file) override {
    if (!contents.contains(path)) return std::make_error_code(std::errc::no_such_file_or_directory);
    file = OpenFile(*this, next_number_, {path});
    open_paths[next_number_++] = path;
    return {};
  }
  [[nodiscard]] std::error_code read(const OpenFile& file, std::uint64_t offset_bytes, std::span<char> room,
                                     std::size_t& size) override {
    if (read_error) return read_error;
    const std::string& content = contents.at(open_paths.at(file.number()));
    const std::size_t from = std::min<std::uint64_t>(offset_bytes, content.size());
    size = content.copy(room.data(), std::min(room.size(), read_bytes_max), from);
    bytes_read += size;
    return {};
  }
  [[nodiscard]] std::error_code status(const OpenFile& file, FileStatus& status) override {
    return status_error ? status_error : this->status(open_paths.at(file.number()), status);
  }
  [[nodiscard]] std::error_code status(const std::string& path, FileStatus& status) override {
    if (!contents.contains(path)) return std::make_error_code(std::errc::no_such_file_or_directory);
    status = {{path}, FileType::kRegular, contents.at(path).size(), 1, modified_ns.try_emplace(path, 1).first->second};
    return {};
  }
  [[nodiscard]] std::error_code resolve(const std::string& path, std::string& real_path) override {
    real_path = path;
    return {};
  }
  [[nodiscard]] std::error_code list(const std::string&, std::vector<DirectoryEntry>& entries) override {
    for (const auto& [path, content] : contents) entries.push_back({path});
    return {};
  }
  [[nodiscard]] std::error_code watch(std::span<const std::string>) override { return {}; }
  [[nodiscard]] int hint_fd() const override { return -1; }
  void wake_on_writes(bool) override {}
  void take_hints(std::vector<Hint>&) override {}

 private:
  void close(int number) override {
    const std::size_t closed = open_paths.erase(number);
    assert(closed == 1);
  }

  int next_number_ = 0;
};

}  // namespace tailmeter
