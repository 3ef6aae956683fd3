// A socket that takes datagrams, as nginx's `access_log syslog:server=...` sends them: on UDP, or under a path.
//
// A datagram is one or more lines; the last newline may be missing, or be a NUL. What a line begins with is not known
// here. A path is bound with mode 0666, as systemd.socket(5) does, for nginx's workers are another user: its directory
// says who may send. A socket that an earlier run left behind is replaced, anything else at its path is not; at the end
// it is removed.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <sys/socket.h>
#include <sys/stat.h>

#include "exporter/descriptors/descriptor.h"
#include "exporter/input/input.h"
#include "exporter/lines/line_cutter.h"

namespace tailmeter {

class DatagramInput final : public Input {
 public:
  // Taken in one turn.
  static constexpr std::size_t kTurnDatagrams = 32;
  // A longer one is cut by the kernel and counts as one line that is too long. UDP has at most 65,507.
  static constexpr std::size_t kDatagramBytesMax = LineCutter::kBufferBytes;
  // Asked for; net.core.rmem_max may allow less.
  static constexpr int kReceiveBufferBytes = 8 << 20;
  // More than a receive buffer holds: the kernel doubles its size, and takes at least 512 bytes for a datagram.
  static constexpr std::uint64_t kBacklogDatagramsMax = 2 * std::uint64_t{kReceiveBufferBytes} / 512;

  explicit DatagramInput(const InputPlace& place);
  ~DatagramInput() override;
  DatagramInput(const DatagramInput&) = delete;
  DatagramInput& operator=(const DatagramInput&) = delete;

  [[nodiscard]] std::error_code open() override;
  void close(SourceIndex source, LineSink& sink) override;
  [[nodiscard]] int fd() const override { return socket_.get(); }
  [[nodiscard]] bool has_moved() const override;
  [[nodiscard]] std::uint64_t backlog() const override { return kBacklogDatagramsMax; }
  Turn read_turn(SourceIndex source, LineSink& sink) override;
  [[nodiscard]] std::uint64_t dropped_datagrams() override;

 private:
  [[nodiscard]] std::error_code bind_udp(Descriptor& socket) const;
  [[nodiscard]] std::error_code bind_path(Descriptor& socket);
  void close();
  void take(char* datagram, std::size_t bytes, SourceIndex source, LineSink& sink) const;

  const InputPlace place_;
  const std::string name_;
  Descriptor socket_;
  struct stat bound_ {};  // what bind(2) made at the path
  std::uint64_t dropped_datagrams_ = 0;
  std::uint32_t dropped_by_socket_ = 0;  // as the kernel counted when last asked
  std::unique_ptr<char[]> buffer_;
};

}  // namespace tailmeter
