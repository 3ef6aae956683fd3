// Where lines end: at each newline, or, for a source whose lines may come in parts, where no line has a part to come.
//
// A *whole line* here is what is handed over together: a line with its newline, or as many as it takes until the parts
// of all lines have come, with the whole lines that stand between them. Positions only ever move past whole lines, so
// that parts that wait for their rest are read again after a restart, like the beginning of a line without an end.
//
// One that does not fit the reader's buffer is skipped to its end. Everything that reads lines cuts them by this class,
// so that the same bytes give the same lines whatever the pieces in which they are read. Immutable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

namespace tailmeter {

// The streams, one bit each, that have begun a line and not ended it.
using OpenStreams = std::uint32_t;

class LineEnds {
 public:
  // What is open behind `line` (without its newline) when `open` was in front of it.
  using PartReader = std::function<OpenStreams(std::string_view line, OpenStreams open)>;

  LineEnds() = default;  // each newline is an end
  explicit LineEnds(PartReader open_behind) : open_behind_(std::move(open_behind)) {}

  // Where the last whole line in `bytes`, which begin with one, ends; 0 if none does.
  [[nodiscard]] std::size_t last_in(std::string_view bytes) const;

  // As last_in(), of bytes that may begin anywhere: what is begun there is not known, and taken for ended.
  [[nodiscard]] std::size_t last_in_excerpt(std::string_view bytes) const;

  // How far a line that does not fit was skipped.
  struct Skipped {
    std::uint64_t bytes = 0;  // 0: none is
    OpenStreams open = 0;     // behind them
    bool is_midway = false;   // they end within a line's text, not behind a newline
  };

  // What becomes of bytes, in their order; each of the three may be empty.
  struct Cut {
    std::string_view skipped;          // of a line that does not fit
    std::uint64_t oversize_bytes = 0;  // of all of that line, if it ended there; else 0
    std::string_view lines;            // whole ones
    std::string_view begun;            // waits for its end: to be given again, with what follows
  };

  // Cuts `bytes`, which follow what was skipped, or else begin with a line. They are at most `longest_bytes`, the
  // reader's buffer; what waits is always less. When parts of a line are skipped, a piece of `longest_bytes` without a
  // newline belongs to no stream.
  [[nodiscard]] Cut cut(std::string_view bytes, std::size_t longest_bytes, Skipped& skipped) const;

 private:
  [[nodiscard]] std::size_t skip(std::string_view bytes, std::size_t longest_bytes, Skipped& skipped,
                                 bool& has_ended) const;

  PartReader open_behind_;
};

}  // namespace tailmeter
