#include "exporter/tail/glob.h"

#include <algorithm>
#include <span>

#include <fnmatch.h>

#include "exporter/tail/path.h"
#include "exporter/tail/rotated_name.h"

namespace tailmeter {
namespace {

constexpr std::string_view kAnyDirectories = "**";

bool has_wildcard(std::string_view component) {
  return component.find_first_of("*?[") != std::string_view::npos;
}

bool is_hidden(std::string_view name) {
  return name.starts_with('.');
}

bool matches_name(const std::string& pattern, const std::string& name) {
  return fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD | FNM_NOESCAPE) == 0;
}

// Empty components and "." say nothing; "a/../b" is left alone, for a symbolic link may be on the way.
std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> components;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view component = path.substr(0, end);
    if (!component.empty() && component != ".") components.emplace_back(component);
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return components;
}

enum class Extent { kWhole, kPrefix };

bool match(std::span<const std::string> pattern, std::span<const std::string> path, Extent extent) {
  if (path.empty()) return pattern.empty() || extent == Extent::kPrefix;
  if (pattern.empty()) return false;
  if (pattern.front() == kAnyDirectories) {
    return match(pattern.subspan(1), path, extent) ||
           (!is_hidden(path.front()) && match(pattern, path.subspan(1), extent));
  }
  return matches_name(pattern.front(), path.front()) && match(pattern.subspan(1), path.subspan(1), extent);
}

// A directory that does not exist yet announces itself in the nearest one that does.
void watch_nearest(FileSystem& files, std::string directory, Expansion& expansion) {
  FileStatus status;
  while (directory != "/" && directory != ".") {
    const std::error_code error = files.status(directory, status);
    if (!is_absent(error) && (error || status.type == FileType::kDirectory)) break;
    directory = parent_directory(directory);
  }
  expansion.directories.insert(std::move(directory));
}

}  // namespace

Glob::Glob(std::string_view pattern) : text_(pattern), is_absolute_(pattern.starts_with('/')) {
  for (std::string& component : split(pattern)) {
    const bool is_repeated =
        component == kAnyDirectories && !components_.empty() && components_.back() == kAnyDirectories;
    if (!is_repeated) components_.push_back(std::move(component));
  }
  if (!components_.empty() && components_.back() == kAnyDirectories) components_.emplace_back("*");
}

void Glob::expand(FileSystem& files, Expansion& expansion) const {
  if (!components_.empty()) walk(files, is_absolute_ ? "/" : ".", 0, expansion);
}

bool Glob::matches(std::string_view path) const {
  return path.starts_with('/') == is_absolute_ && match(components_, split(path), Extent::kWhole);
}

bool Glob::leads_to(std::string_view path) const {
  return path.starts_with('/') == is_absolute_ && match(components_, split(path), Extent::kPrefix);
}

std::string Glob::literal_path() const {
  if (std::any_of(components_.begin(), components_.end(), has_wildcard)) return {};
  std::string path = is_absolute_ ? "/" : ".";
  for (const std::string& component : components_) path = join_path(path, component);
  return path;
}

void Glob::walk(FileSystem& files, const std::string& directory, std::size_t index, Expansion& expansion) const {
  const std::string& component = components_[index];
  if (component == kAnyDirectories) walk(files, directory, index + 1, expansion);
  if (has_wildcard(component)) {
    walk_entries(files, directory, index, expansion);
  } else if (index + 1 < components_.size()) {
    walk(files, join_path(directory, component), index + 1, expansion);
  } else {
    watch_nearest(files, directory, expansion);
    expansion.paths.insert(join_path(directory, component));
  }
}

void Glob::walk_entries(FileSystem& files, const std::string& directory, std::size_t index,
                        Expansion& expansion) const {
  const std::string& component = components_[index];
  std::vector<DirectoryEntry> entries;
  if (const std::error_code error = files.list(directory, entries)) {
    if (!is_absent(error)) expansion.unreadable.emplace(directory, error);
    watch_nearest(files, directory, expansion);
    return;
  }
  expansion.directories.insert(directory);
  for (const DirectoryEntry& entry : entries) {
    const std::string path = join_path(directory, entry.name);
    if (component == kAnyDirectories) {
      if (entry.is_directory && !is_hidden(entry.name)) walk(files, path, index, expansion);
    } else if (matches_name(component, entry.name)) {
      if (index + 1 == components_.size()) {
        if (!entry.is_directory) expansion.paths.insert(path);
      } else {
        walk(files, path, index + 1, expansion);
      }
    } else if (index + 1 == components_.size() && !entry.is_directory) {
      const std::optional<RotatedName> rotated = parse_rotated_name(entry.name);
      if (rotated && matches_name(component, rotated->base)) {
        expansion.bases.insert(join_path(directory, rotated->base));
      }
    }
  }
}

}  // namespace tailmeter
