// The files that lie beside a log under its rotated names, as a directory shows them at one look.
#pragma once

#include <map>
#include <string>
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

  // Regular files, the oldest first. None if the directory cannot be read.
  [[nodiscard]] std::vector<RotatedFile> of(const std::string& path);

 private:
  struct Sibling {
    std::string path;
    RotatedName name;
  };
  using Directory = std::multimap<std::string, Sibling>;  // by the base name

  Directory& list(const std::string& directory);

  FileSystem& files_;
  std::map<std::string, Directory> directories_;
};

}  // namespace tailmeter
