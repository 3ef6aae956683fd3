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

// What was learnt of the directories below those of logs.
struct DirectoriesBelow {
  static constexpr std::size_t kOwnLogsMax = 1024;

  std::set<std::string> old;       // with rotated files of ours: logrotate's olddir
  std::set<std::string> own_logs;  // paths of logs there that are called like one of ours: they have their own
};

struct RotatedFile {
  std::string path;
  RotatedName name;
  FileIdentity identity;
  // As of the look, of what is on the disk: compressed, if it is.
  std::uint64_t size_bytes = 0;
  std::uint64_t modified_ns = 0;
};

// Lists each directory once in its life, unless that fails, so make a new one for a new look.
class RotatedFiles {
 public:
  // `below` outlives it; more is added.
  RotatedFiles(FileSystem& files, DirectoriesBelow& below) : files_(files), below_(below) {}

  // Appends the regular files, the oldest first. After an error there may be more than those. A directory that is not
  // there has none; nor has one that we may not read, and never could. One that has, or had, a log of the same name has
  // its own rotated ones.
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
  [[nodiscard]] bool has_own_log(const Directory& directory, const std::string& log_path, const std::string& base);
  [[nodiscard]] std::error_code find_in(const Directory& directory, const std::string& base,
                                        std::vector<RotatedFile>& rotated);

  FileSystem& files_;
  DirectoriesBelow& below_;
  std::map<std::string, Directory> directories_;
};

}  // namespace tailmeter
