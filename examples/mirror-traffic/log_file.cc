#include "examples/mirror-traffic/log_file.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace tailmeter {
namespace {

int open_log(const std::string& path, int flags) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | flags, 0644);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), path);
  return descriptor;
}

}  // namespace

LogFile::LogFile(std::string path, Begin begin)
    : path_(std::move(path)), descriptor_(open_log(path_, begin == Begin::kEmpty ? O_TRUNC : 0)) {}

LogFile::~LogFile() {
  ::close(descriptor_);
}

void LogFile::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written < 0) throw std::system_error(errno, std::generic_category(), path_);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void LogFile::reopen() {
  const int fresh = open_log(path_, 0);
  ::close(descriptor_);
  descriptor_ = fresh;
}

}  // namespace tailmeter
