// Something that lines come from and that keeps none of them: a FIFO, standard input, a socket for syslog.
//
// What was taken from it is nowhere else. A crash loses what was taken since the last record, and counts nothing twice:
// at most once. No call waits for anything. Belongs to the loop thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <system_error>

#include "exporter/lines/line_ends.h"
#include "exporter/lines/line_sink.h"

namespace tailmeter {

// What is refused although the system would allow it, or says in words that do not help.
enum class InputError { kNotFifo = 1, kNotSocket, kSocketInUse };
[[nodiscard]] std::error_code make_error_code(InputError error);
[[nodiscard]] std::error_code last_input_error();  // of errno

// Where to read.
struct InputPlace {
  enum class Kind { kFifo, kStandardInput, kUdp, kUnixSocket };
  SourceIndex source = 0;
  Kind kind = Kind::kStandardInput;
  std::string path{};      // kFifo, kUnixSocket
  std::string host{};      // kUdp: an IP address; "": every address of the machine
  std::uint16_t port = 0;  // kUdp
  LineEnds line_ends{};    // kFifo, kStandardInput; a datagram has whole lines
};

// As the operator writes it, and as the field $file has it: a path, "-", "udp://127.0.0.1:5514", "unix:/path".
[[nodiscard]] std::string name_of(const InputPlace& place);

class Input {
 public:
  struct Turn {
    std::uint64_t units = 0;  // taken, of what backlog() counts
    std::error_code error{};  // it is closed now
  };

  virtual ~Input() = default;

  [[nodiscard]] virtual std::error_code open() = 0;

  // Hands over what is unended, as of `source`.
  virtual void close(SourceIndex source, LineSink& sink) = 0;

  // Readable when there is something to take; -1: not open.
  [[nodiscard]] virtual int fd() const = 0;

  // True if it has to be closed and opened again, for its name does not lead to it any more.
  [[nodiscard]] virtual bool has_moved() const { return false; }

  // True if nothing will ever come again.
  [[nodiscard]] virtual bool has_ended() const { return false; }

  // No more than that many units, bytes or datagrams, can be waiting.
  [[nodiscard]] virtual std::uint64_t backlog() const = 0;

  // Takes what is there, within the bound of one turn, as lines of `source`.
  virtual Turn read_turn(SourceIndex source, LineSink& sink) = 0;

  // Taken, of a line that has not ended.
  [[nodiscard]] virtual std::uint64_t pending_bytes() const { return 0; }

  // That the kernel had no room for, since open() was called for the first time.
  [[nodiscard]] virtual std::uint64_t dropped_datagrams() { return 0; }
};

[[nodiscard]] std::unique_ptr<Input> make_input(const InputPlace& place);

}  // namespace tailmeter

template <>
struct std::is_error_code_enum<tailmeter::InputError> : std::true_type {};
