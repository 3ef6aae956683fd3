#include "exporter/tail/rotated_files.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "exporter/tail/path.h"

namespace tailmeter {
namespace {

bool is_earlier(const RotatedFile& a, const RotatedFile& b) {
  const auto age = [](const RotatedFile& file) { return std::make_tuple(file.name.date.empty(), file.name.date); };
  return age(a) != age(b) ? age(a) < age(b) : a.name.number > b.name.number;
}

}  // namespace

std::vector<RotatedFile> RotatedFiles::of(const std::string& path) {
  std::vector<RotatedFile> rotated;
  const Directory& directory = list(std::string(parent_directory(path)));
  const auto [first, last] = directory.equal_range(std::string(file_name(path)));
  for (auto sibling = first; sibling != last; ++sibling) {
    FileStatus status;
    if (files_.status(sibling->second.path, status) || status.type != FileType::kRegular) continue;
    rotated.push_back({sibling->second.path, sibling->second.name, std::move(status.identity)});
  }
  std::sort(rotated.begin(), rotated.end(), is_earlier);
  return rotated;
}

RotatedFiles::Directory& RotatedFiles::list(const std::string& directory) {
  const auto [found, is_new] = directories_.try_emplace(directory);
  if (!is_new) return found->second;
  std::vector<DirectoryEntry> entries;
  if (files_.list(directory, entries)) return found->second;
  for (const DirectoryEntry& entry : entries) {
    std::optional<RotatedName> name = parse_rotated_name(entry.name);
    if (!name) continue;
    std::string base = name->base;
    found->second.emplace(std::move(base), Sibling{join_path(directory, entry.name), std::move(*name)});
  }
  return found->second;
}

}  // namespace tailmeter
