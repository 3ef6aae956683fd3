#include "exporter/input/stream_input.h"

#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>

namespace tailmeter {

StreamInput::StreamInput(const InputPlace& place)
    : name_(name_of(place)), is_fifo_(place.kind == InputPlace::Kind::kFifo), cutter_(place.line_ends) {}

std::error_code StreamInput::open() {
  Descriptor stream(is_fifo_ ? ::open(name_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
                             : ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  struct stat status {};
  if (!stream.is_open() || ::fstat(stream.get(), &status) != 0) return last_input_error();
  if (is_fifo_ && !S_ISFIFO(status.st_mode)) return InputError::kNotFifo;
  stream_ = std::move(stream);
  status_ = status;
  return {};
}

void StreamInput::close(SourceIndex source, LineSink& sink) {
  cutter_.finish(source, name_, sink);
  stream_.close();
}

bool StreamInput::has_moved() const {
  struct stat there {};
  if (!is_fifo_ || !stream_.is_open() || ::stat(name_.c_str(), &there) != 0) return false;
  return there.st_dev != status_.st_dev || there.st_ino != status_.st_ino;
}

std::uint64_t StreamInput::backlog() const {
  int bytes = 0;
  return ::ioctl(stream_.get(), FIONREAD, &bytes) == 0 && bytes > 0 ? static_cast<std::uint64_t>(bytes) : 0;
}

Input::Turn StreamInput::read_turn(SourceIndex source, LineSink& sink) {
  if (!is_readable()) return {};
  const std::span<char> room = cutter_.room();
  const ssize_t got = ::read(stream_.get(), room.data(), room.size());
  if (got < 0) return errno == EAGAIN || errno == EINTR ? Turn{} : fail(last_input_error(), source, sink);
  if (got == 0) return end(source, sink);
  cutter_.take(static_cast<std::size_t>(got), source, name_, sink);
  return {.units = static_cast<std::uint64_t>(got)};
}

// Asked before each read: standard input waits when there is nothing, for whether it does is shared with who gave it to
// us; and a FIFO that never had a writer reads as if it were at its end.
bool StreamInput::is_readable() const {
  pollfd stream{stream_.get(), POLLIN, 0};
  // A writer that came and went before we opened the FIFO again leaves no hang-up, only its bytes.
  return ::poll(&stream, 1, 0) > 0 || (is_fifo_ && cutter_.pending_bytes() > 0);
}

Input::Turn StreamInput::end(SourceIndex source, LineSink& sink) {
  cutter_.finish(source, name_, sink);
  if (!is_fifo_) {
    has_ended_ = true;
    stream_.close();
    return {};
  }
  // The new descriptor is there before the old one goes, so that nobody writes to a FIFO that nobody reads.
  const std::error_code error = open();
  return error ? fail(error, source, sink) : Turn{};
}

Input::Turn StreamInput::fail(std::error_code error, SourceIndex source, LineSink& sink) {
  close(source, sink);
  has_ended_ = !is_fifo_;
  return {.units = 0, .error = error};
}

}  // namespace tailmeter
