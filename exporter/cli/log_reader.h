// Reads a log once, from its beginning to its end, as batches of whole lines: the one-shot counterpart of Tail.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <system_error>

#include "exporter/lines/line_ends.h"
#include "exporter/lines/line_sink.h"

namespace tailmeter {

using ProgressListener = std::function<void(std::uint64_t read_bytes, std::uint64_t total_bytes)>;

// Hands every line of the file at `path` ("-" is standard input) to `sink`, decompressed if it ends in ".gz" or ".zst",
// and cut as Tail cuts them; a last line without a newline, or with parts to come, counts too. `on_progress` hears how
// many bytes of the file were read so far and how many it has (0: not known), a few times a second at most by its own
// choice.
//
// Throws WorkError if the log cannot be read, or not to its end; every whole line before that place was handed over.
void read_log(const std::string& path, SourceIndex source, const LineEnds& line_ends, LineSink& sink,
              const ProgressListener& on_progress);

// Looks at the beginnings of logs before they are read. Of one that gives its bytes once, as pipes and standard
// input do, it keeps what was seen and gives it again.
class LogReader {
 public:
  LogReader();
  ~LogReader();
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  struct Beginning {
    std::uint64_t bytes = 0;
    bool is_whole = false;  // the log has no more
    std::error_code error;  // of a place that cannot be read; read() will say it, too
  };

  // As read(), of plain lines, for the first `bytes` at most: a line that does not end there is left out.
  Beginning read_beginning(const std::string& path, std::size_t bytes, LineSink& sink);

  // As read_log().
  void read(const std::string& path, SourceIndex source, const LineEnds& line_ends, LineSink& sink,
            const ProgressListener& on_progress);

 private:
  std::map<std::string, std::unique_ptr<class Log>> begun_;  // of those, by path
};

}  // namespace tailmeter
