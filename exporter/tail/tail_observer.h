// What the tail tells of the files, apart from their lines.
#pragma once

#include <cstdint>
#include <string_view>
#include <system_error>

#include "exporter/lines/line_sink.h"

namespace tailmeter {

enum class Rotation {
  kRename,    // the name leads to another file, and the old one lives on
  kTruncate,  // the file is shorter than it was, or was written anew
  kReplace    // the name leads to another file, and the old one is unlinked
};
enum class LossReason {
  kTruncatedUnread,  // truncated, though we had seen that they were there
  kUnreadable,       // in an unlinked file that the disk does not give
  kVanished          // in a file that was nowhere to be found any more when we started again
};

// How a file was when it was seen last.
struct LastSeen {
  std::uint64_t inode = 0;  // its number
  std::uint64_t offset_bytes = 0;
  std::uint64_t size_bytes = 0;
};

// Hears what happens to the files, for counters and for the log. Called on the loop thread, during Tail::poll() and
// Tail::drain() only.
class TailObserver {
 public:
  virtual ~TailObserver() = default;

  // `path` may be a rotated name here: that of a file which lost the followed one between two looks.
  virtual void on_open(SourceIndex source, std::string_view path) = 0;
  virtual void on_rotation(SourceIndex source, std::string_view path, Rotation kind) = 0;
  // A file or directory cannot be opened or read: once for each change of state. It is tried again for ever.
  virtual void on_unreadable(SourceIndex source, std::string_view path, std::error_code error) = 0;
  virtual void on_readable_again(SourceIndex source, std::string_view path) = 0;
  // The file that had this name was read to its end and has been quiet for long. Should somebody write to it after all,
  // its lines still come, and this is said again.
  virtual void on_done(SourceIndex source, std::string_view path) = 0;
  // A file that was being read under this name, and was not done with, is nowhere to be found: what was written to it
  // since it was seen is not known. What was seen of it and not read is told by on_lost().
  virtual void on_vanished(SourceIndex source, std::string_view path, const LastSeen& seen) = 0;
  // A crash of the machine took back the end of the file, of which lines were counted. `uncertain_bytes` of what was
  // left of it, at most, are counted twice.
  virtual void on_rolled_back(SourceIndex source, std::string_view path, std::uint64_t uncertain_bytes) = 0;
  // Bytes that were in the file and can be proven to be gone unread.
  virtual void on_lost(SourceIndex source, std::string_view path, std::uint64_t bytes, LossReason reason) = 0;
};

}  // namespace tailmeter
