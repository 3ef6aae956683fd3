// The files that lie beside a log under its rotated names, as its directory and those in it (logrotate's olddir) show
// them at one look.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "exporter/tail/file_system.h"
#include "exporter/tail/rotated_name.h"

namespace tailmeter {

struct RotatedFile {
  std::string path;
  RotatedName name;
  FileIdentity identity;
  // As of the look, of what is on the disk: compressed, if it is.
  std::uint64_t size_bytes = 0;
  std::uint64_t modified_ns = 0;
};

// Lists each directory once in its life, so make a new one for a new look.
class RotatedFiles {
 public:
  // `below`, which outlives it, are the directories below others in which rotated files were found; more are added.
  RotatedFiles(FileSystem& files, std::set<std::string>& below) : files_(files), below_(below) {}

  // Appends the regular files, the oldest first. After an error there may be more than those. A directory that has a
  // log of the same name has its own rotated ones; one that we may not read, and never could, has none of ours.
  [[nodiscard]] std::error_code find(const std::string& path, std::vector<RotatedFile>& rotated);

 private:
  struct Sibling {
    std::string path;
    RotatedName name;
  };
  struct Directory {
    std::error_code error;
    std::multimap<std::string, Sibling> siblings;  // by the base name
    std::set<std::string> names;
    std::vector<std::string> directories;
  };

  const Directory& list(const std::string& directory);
  [[nodiscard]] std::error_code find_in(const Directory& directory, const std::string& base,
                                        std::vector<RotatedFile>& rotated);

  FileSystem& files_;
  std::set<std::string>& below_;
  std::map<std::string, Directory> directories_;
};

}  // namespace tailmeter
