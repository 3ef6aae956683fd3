// Files that were being read and lie no longer where we knew them, sought by their identity.
//
// A symbolic link leads elsewhere since, a log was renamed to what is no rotated name, or logrotate's olddir lies
// beside the log's directory: a file handle tells it is the same file, whatever its name. It may lie in the log's
// directory, in that which the log's symbolic link led to, in one within these, or, under a rotated name of the log, in
// one beside them. Looking there costs two system calls a file, so it is done only when one is missing.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/tail/file_system.h"

namespace tailmeter {

// Lists each directory once in its life, so make a new one for a new look.
class LostFiles {
 public:
  // Of more directories, or of more files of one directory, the rest is not looked at.
  static constexpr std::size_t kDirectoriesMax = 256;
  static constexpr std::size_t kFilesMax = 4096;
  static constexpr std::size_t kLeftMax = 64;  // directories that symbolic links led to

  explicit LostFiles(FileSystem& files) : files_(files) {}

  // Where the file lies that had the followed name `path`, which leads to `real_path` (which may be empty), or led to a
  // file in one of the directories `left`; empty if it is nowhere to be seen.
  [[nodiscard]] std::string find(const FileIdentity& identity, const std::string& path, const std::string& real_path,
                                 const std::set<std::string>& left);

 private:
  using Places = std::map<FileIdentity, std::string>;
  struct Directory {
    Places places;
    std::vector<std::string> directories;
  };

  // Of all names, or of those that are rotated from `base`.
  const Directory& list(const std::string& directory, std::string_view base);

  FileSystem& files_;
  std::map<std::pair<std::string, std::string>, Directory> directories_;  // by path and base
};

}  // namespace tailmeter
