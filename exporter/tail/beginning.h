// What a log is known by of its first bytes: when it is compressed, or when a part of it was copied.
//
// Many logs may begin with the same header. So behind the head, which is kept as it is, stand rungs at the ends of
// lines: at each of the first ones, for a log may have few lines behind its header, and then further and further apart.
// Each is of the bytes behind the one before it, as far as a window goes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "exporter/tail/file_system.h"
#include "exporter/tail/read_buffer.h"
#include "exporter/tail/rung.h"

namespace tailmeter {

struct Beginning {
  static constexpr std::size_t kBytesMax = ReadBuffer::kBeginningBytesMax;
  static constexpr std::size_t kHeadBytesMax = 512;
  static constexpr std::size_t kEachLineMax = 16;  // so many rungs stand at each line's end, the next ones a quarter on

  std::uint64_t bytes = 0;  // known by these two, up to kBytesMax
  std::string head;
  std::vector<Rung> rungs;  // upwards

  // The file goes on with `consumed` from `offset_bytes`, in front of which `window` stands. Nothing if what is between
  // is not known.
  void append(std::uint64_t offset_bytes, std::string_view window, std::string_view consumed);
  void cut(std::uint64_t offset_bytes);
  void clear() { cut(0); }

  // Whether a file that begins with `first_bytes` may be the log, or have a copy of a part of it, or of more than is
  // known here.
  [[nodiscard]] bool may_be_of(std::string_view first_bytes) const;

  // How much of it a file has that begins with `first_bytes`: what of these is the same, as far as that is known.
  struct Shared {
    std::uint64_t bytes = 0;
    std::uint64_t end_bytes = 0;  // less than so many; 0: more than is known here
  };
  [[nodiscard]] Shared shared_with(std::string_view first_bytes) const;

  bool operator==(const Beginning&) const = default;

 private:
  [[nodiscard]] bool has_same_line_ends(std::string_view first_bytes) const;
};

// The same of a file that is not to be read, in less: many of them are remembered in case that they are compressed.
struct BeginningMark {
  std::uint64_t bytes = 0;  // all that the file has, up to kBytesMax
  ContentHash head{};
  Rung last;  // none if it was no longer than its head

  [[nodiscard]] bool is_of(std::string_view first_bytes) const;
  bool operator==(const BeginningMark&) const = default;
};
[[nodiscard]] BeginningMark mark_of(const Beginning& beginning, std::uint64_t file_bytes);

// The first bytes of a file, up to kBytesMax; they stay until the buffer is used again.
[[nodiscard]] std::error_code read_first_bytes(FileSystem& files, const OpenFile& file, ReadBuffer& buffer,
                                               std::string_view& first_bytes);

}  // namespace tailmeter
