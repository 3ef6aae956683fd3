// Path patterns: "*", "?" and "[...]" within a name, "**" for any number of directories, none included.
//
// As in a shell, a name that starts with "." is matched only by a pattern that says so, and "**" does not go through
// symbolic links. There is no escaping and no brace expansion.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "exporter/tail/file_system.h"

namespace tailmeter {

// What patterns come to at one look.
struct Expansion {
  std::set<std::string> paths;                        // names to try; those without wildcards need not exist
  std::set<std::string> bases;                        // names that would match, of which rotated ones are there
  std::set<std::string> directories;                  // where something may appear that changes the answer; all exist
  std::map<std::string, std::error_code> unreadable;  // directories that could not be listed
};

class Glob {
 public:
  explicit Glob(std::string_view pattern);

  [[nodiscard]] const std::string& text() const { return text_; }

  // Adds to `expansion` what the pattern matches now.
  void expand(FileSystem& files, Expansion& expansion) const;

  [[nodiscard]] bool matches(std::string_view path) const;

  // True if `path`, or something below it, could match.
  [[nodiscard]] bool leads_to(std::string_view path) const;

  // The path that a pattern without wildcards names, whether it exists or not; empty for others.
  [[nodiscard]] std::string literal_path() const;

 private:
  void walk(FileSystem& files, const std::string& directory, std::size_t index, Expansion& expansion) const;
  void walk_entries(FileSystem& files, const std::string& directory, std::size_t index, Expansion& expansion) const;

  std::string text_;
  bool is_absolute_;
  std::vector<std::string> components_;
};

}  // namespace tailmeter
