// A FIFO, or standard input.
//
// A FIFO is opened for reading only, and opened again when its last writer is gone (fifo(7), pipe(7)): the end of a
// writer is seen, so that its unended last line is not joined to the next writer's first, and no writer finds the FIFO
// without a reader in between. Standard input ends once.
#pragma once

#include <string>

#include <sys/stat.h>

#include "exporter/descriptors/descriptor.h"
#include "exporter/input/input.h"
#include "exporter/lines/line_cutter.h"

namespace tailmeter {

class StreamInput final : public Input {
 public:
  explicit StreamInput(const InputPlace& place);

  [[nodiscard]] std::error_code open() override;
  void close(SourceIndex source, LineSink& sink) override;
  [[nodiscard]] int fd() const override { return stream_.get(); }
  [[nodiscard]] bool has_moved() const override;  // a FIFO without a name is read on while it has writers
  [[nodiscard]] bool has_ended() const override { return has_ended_; }
  [[nodiscard]] std::uint64_t backlog() const override;
  Turn read_turn(SourceIndex source, LineSink& sink) override;
  [[nodiscard]] std::uint64_t pending_bytes() const override { return cutter_.pending_bytes(); }

 private:
  [[nodiscard]] bool is_readable() const;
  Turn end(SourceIndex source, LineSink& sink);
  Turn fail(std::error_code error, SourceIndex source, LineSink& sink);

  const std::string name_;
  const bool is_fifo_;
  Descriptor stream_;
  struct stat status_ {};  // of the FIFO that is open
  LineCutter cutter_;
  bool has_ended_ = false;
};

}  // namespace tailmeter
