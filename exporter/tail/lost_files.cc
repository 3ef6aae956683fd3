#include "exporter/tail/lost_files.h"

#include <utility>
#include <vector>

#include "exporter/tail/path.h"
#include "exporter/tail/rotated_name.h"

namespace tailmeter {

std::string LostFiles::find(const FileIdentity& identity, const std::string& path, const std::string& real_path,
                            const std::set<std::string>& left) {
  const auto look = [&](const std::string& directory, std::string_view base) {
    const Places& places = list(directory, base).places;
    const auto found = places.find(identity);
    return found == places.end() ? std::string() : found->second;
  };
  const auto look_within = [&](const std::string& directory, std::string_view base) {
    for (const std::string& below : list(directory, base).directories) {
      if (std::string found = look(below, base); !found.empty()) return found;
    }
    return std::string();
  };
  std::set<std::string> directories = left;
  directories.emplace(parent_directory(path));
  if (!real_path.empty()) directories.emplace(parent_directory(real_path));
  for (const std::string& directory : directories) {
    if (std::string found = look(directory, {}); !found.empty()) return found;
    if (std::string found = look_within(directory, {}); !found.empty()) return found;
  }
  for (const std::string& name : {path, real_path}) {
    const std::string above(parent_directory(parent_directory(name)));
    if (name.empty() || above == "/" || above == parent_directory(name)) continue;  // what lies there are other disks
    if (std::string found = look_within(above, file_name(name)); !found.empty()) return found;
  }
  return {};
}

const LostFiles::Directory& LostFiles::list(const std::string& path, std::string_view base) {
  const auto [found, is_new] = directories_.try_emplace({path, std::string(base)});
  Directory& directory = found->second;
  std::vector<DirectoryEntry> entries;
  if (!is_new || files_.list(path, entries)) return directory;
  std::size_t files_left = kFilesMax;
  for (const DirectoryEntry& entry : entries) {
    std::string place = join_path(path, entry.name);
    if (entry.is_directory) {
      if (directory.directories.size() < kDirectoriesMax) directory.directories.push_back(std::move(place));
      continue;
    }
    const std::optional<RotatedName> rotated = parse_rotated_name(entry.name);
    if (!base.empty() && (!rotated || rotated->base != base)) continue;
    FileStatus status;
    if (files_left == 0 || files_.status(place, status)) continue;
    --files_left;
    if (status.type == FileType::kRegular) directory.places.emplace(std::move(status.identity), std::move(place));
  }
  return directory;
}

}  // namespace tailmeter
