// The files that lie beside a log under its rotated names, as its directory and those in it (logrotate's olddir) show
// them at one look.
#pragma once

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
};

// Lists each directory once in its life, so make a new one for a new look.
class RotatedFiles {
 public:
  explicit RotatedFiles(FileSystem& files) : files_(files) {}

  // Appends the regular files, the oldest first. After an error there may be more than those. A directory that has a
  // log of the same name has its own rotated ones.
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
  std::map<std::string, Directory> directories_;
};

}  // namespace tailmeter
