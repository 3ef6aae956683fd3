// Reads a log once, from its beginning to its end, as batches of whole lines: the one-shot counterpart of Tail.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "exporter/lines/line_ends.h"
#include "exporter/lines/line_sink.h"

namespace tailmeter {

// Hands every line of the file at `path` ("-" is standard input) to `sink`, decompressed if it ends in ".gz" or ".zst",
// and cut as Tail cuts them; a last line without a newline, or with parts to come, counts too. `on_progress` hears how
// many bytes of the file were read so far and how many it has (0: not known), a few times a second at most by its own
// choice.
//
// Throws WorkError if the log cannot be read, or not to its end; every whole line before that place was handed over.
void read_log(const std::string& path, SourceIndex source, const LineEnds& line_ends, LineSink& sink,
              const std::function<void(std::uint64_t read_bytes, std::uint64_t total_bytes)>& on_progress);

// As read_log(), of plain lines, for the first `bytes` at most: a line that does not end there is left out, and so
// is all behind a place that cannot be read, which read_log() will say.
void read_beginning(const std::string& path, std::size_t bytes, LineSink& sink);

}  // namespace tailmeter
