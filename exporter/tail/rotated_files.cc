#include "exporter/tail/rotated_files.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "exporter/tail/path.h"

namespace tailmeter {
namespace {

// A directory with more of them than this is not one that logrotate's olddir lies in.
constexpr std::size_t kDirectoriesMax = 256;

bool is_earlier(const RotatedFile& a, const RotatedFile& b) {
  const auto age = [](const RotatedFile& file) { return std::make_tuple(file.name.date.empty(), file.name.date); };
  return age(a) != age(b) ? age(a) < age(b) : a.name.number > b.name.number;
}

}  // namespace

std::error_code RotatedFiles::find(const std::string& path, std::vector<RotatedFile>& rotated) {
  const std::string base(file_name(path));
  const Directory& directory = list(std::string(parent_directory(path)));
  std::error_code error = find_in(directory, base, rotated);
  if (directory.directories.size() <= kDirectoriesMax) {
    for (const std::string& below : directory.directories) {
      const Directory& old = list(below);
      if (has_own_log(old, join_path(below, base), base)) continue;
      // Among logs lie directories of other services, such as /var/log/private.
      if (old.error == std::errc::permission_denied && !below_.old.contains(below)) continue;
      const std::size_t found = rotated.size();
      if (const std::error_code old_error = find_in(old, base, rotated)) error = old_error;
      if (rotated.size() > found) below_.old.insert(below);
    }
  }
  std::stable_sort(rotated.begin(), rotated.end(), is_earlier);
  return error;
}

// It may be gone for the moment, between its rotation and the next line.
bool RotatedFiles::has_own_log(const Directory& directory, const std::string& log_path, const std::string& base) {
  if (below_.own_logs.contains(log_path)) return true;
  if (!directory.names.contains(base)) return false;
  if (below_.own_logs.size() < DirectoriesBelow::kOwnLogsMax) below_.own_logs.insert(log_path);
  return true;
}

std::error_code RotatedFiles::find_in(const Directory& directory, const std::string& base,
                                      std::vector<RotatedFile>& rotated) {
  std::error_code error = is_absent(directory.error) ? std::error_code() : directory.error;
  const auto [first, last] = directory.siblings.equal_range(base);
  for (auto sibling = first; sibling != last; ++sibling) {
    FileStatus status;
    if (const std::error_code status_error = files_.status(sibling->second.path, status)) {
      error = status_error;
    } else if (status.type == FileType::kRegular) {
      rotated.push_back({sibling->second.path, sibling->second.name, std::move(status.identity), status.size_bytes,
                         status.modified_ns});
    }
  }
  return error;
}

const RotatedFiles::Directory& RotatedFiles::list(const std::string& path) {
  const auto [found, is_new] = directories_.try_emplace(path);
  Directory& directory = found->second;
  if (!is_new && !directory.error) return directory;
  directory = {};
  std::vector<DirectoryEntry> entries;
  directory.error = files_.list(path, entries);
  for (const DirectoryEntry& entry : entries) {
    if (entry.is_directory) directory.directories.push_back(join_path(path, entry.name));
    directory.names.insert(entry.name);
    std::optional<RotatedName> name = parse_rotated_name(entry.name);
    if (!name) continue;
    std::string base = name->base;
    directory.siblings.emplace(std::move(base), Sibling{join_path(path, entry.name), std::move(*name)});
  }
  return directory;
}

}  // namespace tailmeter
