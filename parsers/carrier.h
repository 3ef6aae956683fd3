// What carried a line: it is taken off, and the parts of a line are joined, before any format looks at it.
//
//   Unwrapper unwrapper({Carrier::kCri, Carrier::kAnsi});
//   for (each line of a batch) {
//     if (const auto carried = unwrapper.unwrap(line, line_bytes)) ... carried->text ...
//   }
//   while (const auto carried = unwrapper.take_unended()) ...     parts whose rest did not come
//
// One Unwrapper for each source; not thread-safe. Nothing is allocated once its buffers are as large as the lines.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/byte_order_mark.h"
#include "parsers/container_part.h"

namespace tailmeter {

enum class Carrier {
  kSyslog,   // syslog_prefix.h
  kDocker,   // container_part.h
  kCri,      // container_part.h
  kCompose,  // compose_prefix.h
  kAnsi      // ansi.h
};

// True for a carrier that may bring a line in parts: kDocker, kCri. It can only be a source's first one.
[[nodiscard]] bool brings_parts(Carrier carrier);

// The streams, one bit each, whose line is not yet ended behind `line`, when it was `open` in front of it. For a
// carrier that brings parts; a line that is none of its changes nothing.
[[nodiscard]] std::uint32_t open_streams_behind(Carrier carrier, std::string_view line, std::uint32_t open);

struct CarriedLine {
  std::string_view text;          // the line without what carried it; if a carrier does not fit, what that was given
  std::size_t carried_bytes = 0;  // of all its parts as they stand in the file
  const char* refusal = nullptr;  // why a carrier does not fit, or null
  std::size_t diverged = 0;       // at which byte of `text`, then
};

class Unwrapper {
 public:
  explicit Unwrapper(std::vector<Carrier> carriers);

  // What `line`, which has `line_bytes` with its end, brings; nothing if it is a part of a line whose rest is to come.
  // A carriage return at the end of a line belongs to the line's end, a byte order mark in front of it to nothing:
  // files that begin with one may be appended to each other. Views are valid until the next call.
  [[nodiscard]] std::optional<CarriedLine> unwrap(std::string_view line, std::size_t line_bytes) {
    if (carriers_.empty()) [[likely]]
      return CarriedLine{bare(line), line_bytes};
    if (brings_parts(carriers_.front())) return join(line, line_bytes);
    return take_off({bare(line), line_bytes}, 0);
  }

  // A line of which only the first parts came, if there is one: nothing will follow.
  [[nodiscard]] std::optional<CarriedLine> take_unended();

 private:
  // The line of one stream, as far as it came.
  struct Joined {
    std::string text;
    std::size_t carried_bytes = 0;
  };

  [[nodiscard]] static std::string_view bare(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
    return line;
  }
  [[nodiscard]] std::optional<CarriedLine> join(std::string_view line, std::size_t line_bytes);
  void append(const ContainerPart& part, std::string& text) const;
  [[nodiscard]] CarriedLine take_off(CarriedLine carried, std::size_t first);

  std::vector<Carrier> carriers_;
  std::array<Joined, ContainerPart::kStreams> joined_;
  std::string ended_;  // the text of the line that was joined last
  std::string plain_;  // a line without escape sequences
};

}  // namespace tailmeter
