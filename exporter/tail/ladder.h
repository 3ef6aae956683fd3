// Places in a file that were passed, each with a hash of the bytes in front of it.
//
// A power cut may take back the end of a log that was read already, and what is written then stands where other bytes
// were. The highest rung that the file still has says up to where it is the file that was read. Rungs stand close
// together behind the newest one, and further apart the older they are: of twice the age, at most twice as far.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "exporter/lines/line_ends.h"
#include "exporter/tail/beginning.h"
#include "exporter/tail/file_system.h"
#include "exporter/tail/read_buffer.h"
#include "exporter/tail/rung.h"

namespace tailmeter {

struct Landing {
  std::uint64_t offset_bytes = 0;     // the start of a line; all before it is the same
  std::uint64_t uncertain_bytes = 0;  // less than so many behind it may be the same, too
};

class Ladder {
 public:
  static constexpr std::size_t kRungsMax = 64;

  Ladder() = default;
  explicit Ladder(std::vector<Rung> rungs) : rungs_(std::move(rungs)) {}

  // A rung at `offset_bytes`, behind all others, with `window` in front of it.
  void add(std::uint64_t offset_bytes, std::string_view window);
  // Takes away the rungs above.
  void cut(std::uint64_t offset_bytes);

  // Finds up to where `file` is still the one that begins like `beginning` and that the rungs were passed in; nothing
  // if not even its first line is the same.
  [[nodiscard]] std::error_code descend(FileSystem& files, const OpenFile& file, const Beginning& beginning,
                                        const LineEnds& line_ends, ReadBuffer& buffer,
                                        std::optional<Landing>& landing) const;

  [[nodiscard]] const std::vector<Rung>& rungs() const { return rungs_; }

 private:
  void thin();
  [[nodiscard]] static std::error_code look(FileSystem& files, const OpenFile& file, const Rung& rung,
                                            ReadBuffer& buffer, bool& is_there);

  std::vector<Rung> rungs_;  // upwards
};

}  // namespace tailmeter
