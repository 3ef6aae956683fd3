#include "exporter/cli/log_reader.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exporter/cli/rule_files.h"
#include "exporter/descriptors/descriptor.h"
#include "exporter/lines/line_cutter.h"
#include "exporter/tail/decompression.h"

namespace tailmeter {

// A log as one piece of bytes after the other, decompressed if its name says so.
class Log {
 public:
  explicit Log(const std::string& path)
      : log_(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
                         : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)) {
    struct stat status {};
    if (!log_.is_open() || ::fstat(log_.get(), &status) != 0) {
      throw WorkError(fmt::format("{}: {}", path, std::error_code(errno, std::generic_category()).message()));
    }
    const bool is_file = S_ISREG(status.st_mode);
    is_given_once_ = !is_file || path == "-";
    if (is_file) size_bytes_ = static_cast<std::uint64_t>(status.st_size);
    std::unique_ptr<Decompressor> decompressor = make_decompressor(path);
    if (!decompressor) return;
    // What is in a bomb is bounded by the size of its file, which only a file has.
    if (!is_file) throw WorkError(path + ": what is compressed is read from a file only");
    decompression_.emplace(
        std::move(decompressor), size_bytes_,
        [this](std::uint64_t, std::span<char> room, std::size_t& bytes_read) { return read_raw(room, bytes_read); });
  }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // Some of the next bytes; none are the end. There may be some beside an error.
  [[nodiscard]] std::error_code read(std::span<char> room, std::size_t& bytes_read) {
    if (!again_.empty()) {
      bytes_read = again_.copy(room.data(), room.size());
      again_.erase(0, bytes_read);
      return {};
    }
    return decompression_ ? decompression_->read(room, bytes_read) : read_raw(room, bytes_read);
  }

  // These come next.
  void give_again(std::string bytes) { again_ = std::move(bytes); }

  // Opening it once more does not give the same bytes.
  [[nodiscard]] bool is_given_once() const { return is_given_once_; }
  [[nodiscard]] std::uint64_t raw_bytes() const { return raw_bytes_; }    // read of the file
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }  // of the file; 0: not known

 private:
  [[nodiscard]] std::error_code read_raw(std::span<char> room, std::size_t& bytes_read) {
    ssize_t got = 0;
    do {
      got = ::read(log_.get(), room.data(), room.size());
    } while (got < 0 && errno == EINTR);
    bytes_read = got < 0 ? 0 : static_cast<std::size_t>(got);
    raw_bytes_ += bytes_read;
    return got < 0 ? std::error_code(errno, std::generic_category()) : std::error_code();
  }

  const Descriptor log_;
  bool is_given_once_ = false;
  std::string again_;
  std::uint64_t size_bytes_ = 0;
  std::uint64_t raw_bytes_ = 0;
  std::optional<Decompression> decompression_;
};

namespace {

void read_to_end(Log& log, const std::string& path, SourceIndex source, const LineEnds& line_ends, LineSink& sink,
                 const ProgressListener& on_progress) {
  LineCutter cutter(line_ends);
  std::error_code error;
  std::size_t bytes = 1;
  while (!error && bytes > 0) {
    error = log.read(cutter.room(), bytes);
    cutter.take(bytes, source, path, sink);
    on_progress(log.raw_bytes(), log.size_bytes());
  }
  if (error) {
    throw WorkError(fmt::format("{}: {}; the lines before that place are counted", path, error.message()));
  }
  cutter.finish(source, path, sink);
}

}  // namespace

void read_log(const std::string& path, SourceIndex source, const LineEnds& line_ends, LineSink& sink,
              const ProgressListener& on_progress) {
  Log log(path);
  read_to_end(log, path, source, line_ends, sink, on_progress);
}

LogReader::LogReader() = default;
LogReader::~LogReader() = default;

LogReader::Beginning LogReader::read_beginning(const std::string& path, std::size_t bytes, LineSink& sink) {
  auto log = std::make_unique<Log>(path);
  LineCutter cutter;
  Beginning beginning;
  std::string seen;
  while (beginning.bytes < bytes && !beginning.is_whole && !beginning.error) {
    const std::span<char> room = cutter.room();
    std::size_t bytes_read = 0;
    beginning.error = log->read(room.first(std::min(bytes - beginning.bytes, room.size())), bytes_read);
    if (log->is_given_once()) seen.append(room.data(), bytes_read);
    cutter.take(bytes_read, 0, path, sink);
    beginning.bytes += bytes_read;
    beginning.is_whole = bytes_read == 0 && !beginning.error;
  }
  if (beginning.is_whole) cutter.finish(0, path, sink);
  if (!log->is_given_once()) return beginning;
  log->give_again(std::move(seen));
  begun_.insert_or_assign(path, std::move(log));
  return beginning;
}

void LogReader::read(const std::string& path, SourceIndex source, const LineEnds& line_ends, LineSink& sink,
                     const ProgressListener& on_progress) {
  const auto begun = begun_.extract(path);
  if (begun.empty()) return read_log(path, source, line_ends, sink, on_progress);
  read_to_end(*begun.mapped(), path, source, line_ends, sink, on_progress);
}

}  // namespace tailmeter
