#include "exporter/cli/text_file.h"

#include <cerrno>
#include <fstream>
#include <system_error>

namespace tailmeter {

std::string read_text_file(const std::string& path, std::size_t max_bytes) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  char part[4096];
  // The file may have no end.
  while (text.size() <= max_bytes && (file.read(part, sizeof part) || file.gcount() > 0)) {
    text.append(part, static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad() || !file.is_open()) throw std::system_error(errno, std::generic_category());
  return text;
}

}  // namespace tailmeter
