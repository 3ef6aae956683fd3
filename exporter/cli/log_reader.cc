#include "exporter/cli/log_reader.h"

#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exporter/cli/rule_files.h"

namespace tailmeter {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;  // as Tail reads, so that the same lines are oversize

class Descriptor {
 public:
  explicit Descriptor(const std::string& path)
      : fd_(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)) {
    if (fd_ < 0) throw WorkError(fmt::format("{}: {}", path, std::strerror(errno)));
  }
  ~Descriptor() {
    if (fd_ != STDIN_FILENO) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

std::uint64_t size_of(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
}

void refuse_compressed(const std::string& path) {
  for (const auto& [ending, program] : {std::pair{".gz", "zcat"}, std::pair{".zst", "zstdcat"}}) {
    if (path.size() > std::strlen(ending) &&
        path.compare(path.size() - std::strlen(ending), std::string::npos, ending) == 0) {
      throw WorkError(
          fmt::format("{}: compressed logs are not yet read; write: {} {} | tailmeter dry-run --source=NAME -", path,
                      program, path));
    }
  }
}

}  // namespace

void read_log(const std::string& path, SourceIndex source, const LineEnds& line_ends, LineSink& sink,
              const std::function<void(std::uint64_t, std::uint64_t)>& on_progress) {
  refuse_compressed(path);
  const Descriptor file(path);
  const std::uint64_t total_bytes = size_of(file.get());
  std::vector<char> buffer(kBufferBytes);
  std::size_t held_bytes = 0;  // of an unfinished line, at the start of the buffer
  LineEnds::Skipped skipped;
  std::uint64_t read_bytes = 0;
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer.data() + held_bytes, buffer.size() - held_bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw WorkError(fmt::format("{}: {}", path, std::strerror(errno)));
    if (got == 0) break;
    read_bytes += static_cast<std::uint64_t>(got);
    const std::string_view bytes(buffer.data(), held_bytes + static_cast<std::size_t>(got));
    const LineEnds::Cut cut = line_ends.cut(bytes, buffer.size(), skipped);
    if (cut.oversize_bytes > 0) sink.take_oversize(source, cut.oversize_bytes);
    if (!cut.lines.empty()) sink.take({source, path, cut.lines});
    std::memmove(buffer.data(), cut.begun.data(), cut.begun.size());
    held_bytes = cut.begun.size();
    on_progress(read_bytes, total_bytes);
  }
  if (skipped.bytes > 0) {
    sink.take_oversize(source, skipped.bytes + held_bytes);
  } else if (held_bytes > 0) {
    if (buffer[held_bytes - 1] != '\n') buffer[held_bytes++] = '\n';  // there is room: what waits never fills it
    sink.take({source, path, {buffer.data(), held_bytes}});
  }
}

}  // namespace tailmeter
