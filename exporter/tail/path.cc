#include "exporter/tail/path.h"

namespace tailmeter {

std::string_view parent_directory(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0: without a slash all of it is the name
}

std::string join_path(std::string_view directory, std::string_view name) {
  if (name.empty()) return std::string(directory);
  if (directory == ".") return std::string(name);
  std::string path(directory);
  if (!path.ends_with('/')) path += '/';
  return path += name;
}

}  // namespace tailmeter
