#include "exporter/files/text_file.h"

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tailmeter {
namespace {

[[noreturn]] void throw_errno() {
  throw std::system_error(errno, std::generic_category());
}

class OpenFile {
 public:
  // A FIFO without a writer would block, and for ever.
  explicit OpenFile(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
    if (fd_ < 0) throw_errno();
  }
  ~OpenFile() { ::close(fd_); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  void refuse_what_is_no_file() const {
    struct stat status {};
    if (::fstat(fd_, &status) != 0) throw_errno();
    if (S_ISREG(status.st_mode)) return;
    if (S_ISDIR(status.st_mode)) throw std::system_error(EISDIR, std::generic_category());
    throw std::runtime_error(S_ISFIFO(status.st_mode) ? "it is a FIFO, not a file: write its text into a file"
                                                      : "it is no regular file: write its text into one");
  }

  [[nodiscard]] std::size_t read(char* to, std::size_t size) const {
    for (;;) {
      const ssize_t count = ::read(fd_, to, size);
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) throw_errno();
    }
  }

 private:
  int fd_;
};

}  // namespace

std::string read_text_file(const std::string& path, std::size_t max_bytes) {
  const OpenFile file(path);
  file.refuse_what_is_no_file();
  std::string text;
  char part[4096];
  // The file may grow as fast as it is read.
  while (text.size() <= max_bytes) {
    const std::size_t count = file.read(part, sizeof part);
    if (count == 0) break;
    text.append(part, count);
  }
  return text;
}

}  // namespace tailmeter
