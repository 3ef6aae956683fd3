#include "test/tail/faulty_file_system.h"

#include <algorithm>

namespace tailmeter {

void FaultyFileSystem::fail_read(const std::string& path, std::error_code error, std::uint64_t offset_bytes) {
  for (const auto& [number, opened_as] : paths_) {
    if (opened_as == path) read_errors_[number] = {error, offset_bytes};
  }
}

std::error_code FaultyFileSystem::open(const std::string& path, OpenFile& file) {
  if (const auto happens = std::exchange(before_open_[path], {})) happens();
  if (const auto fault = open_errors_.find(path); fault != open_errors_.end() && fault->second) return fault->second;
  if (descriptors_left_ == 0) return std::make_error_code(std::errc::too_many_files_open);
  const std::error_code error = RealFileSystem::open(path, file);
  if (error) return error;
  if (descriptors_left_) --*descriptors_left_;
  paths_[file.number()] = path;
  return {};
}

std::error_code FaultyFileSystem::status(const std::string& path, FileStatus& status) {
  if (const auto fault = status_errors_.find(path); fault != status_errors_.end() && fault->second)
    return fault->second;
  return RealFileSystem::status(path, status);
}

std::error_code FaultyFileSystem::read(const OpenFile& file, std::uint64_t offset_bytes, std::span<char> room,
                                       std::size_t& bytes_read) {
  if (++reads_ == failing_read_.first) return failing_read_.second;
  const auto fault = read_errors_.find(file.number());
  if (fault == read_errors_.end() || !fault->second.first) {
    return RealFileSystem::read(file, offset_bytes, room, bytes_read);
  }
  const auto [error, bad_from] = fault->second;
  if (offset_bytes >= bad_from) return error;
  return RealFileSystem::read(file, offset_bytes, room.first(std::min(room.size(), bad_from - offset_bytes)),
                              bytes_read);
}

std::error_code FaultyFileSystem::list(const std::string& directory, std::vector<DirectoryEntry>& entries) {
  if (const std::error_code error = std::exchange(next_list_error_, {})) return error;
  if (const auto fault = list_errors_.find(directory); fault != list_errors_.end() && fault->second)
    return fault->second;
  return RealFileSystem::list(directory, entries);
}

std::error_code FaultyFileSystem::watch(std::span<const std::string> directories) {
  if (const auto happens = std::exchange(before_watch_, {})) happens();
  return RealFileSystem::watch(directories);
}

void FaultyFileSystem::take_hints(std::vector<Hint>& hints) {
  if (has_hints_) RealFileSystem::take_hints(hints);
}

void FaultyFileSystem::close(int number) {
  if (descriptors_left_) ++*descriptors_left_;
  paths_.erase(number);
  read_errors_.erase(number);
  RealFileSystem::close(number);
}

}  // namespace tailmeter
