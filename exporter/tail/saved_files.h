// What has to be known of a source's files to go on where an earlier run stopped.
//
// Plain values for a state file. Taken between two polls, when every offset stands at the start of a line; together
// with the values that were counted by then, they make a stop of any kind harmless.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "exporter/tail/beginning.h"
#include "exporter/tail/file_mark.h"
#include "exporter/tail/file_system.h"
#include "exporter/tail/outlet.h"
#include "exporter/tail/print.h"
#include "exporter/tail/rung.h"

namespace tailmeter {

struct SavedGeneration {
  FileIdentity identity;
  std::uint64_t inode = 0;           // its number, for people
  std::string path;                  // the followed name
  std::uint64_t offset_bytes = 0;    // all before it is accounted for
  std::uint64_t oversize_bytes = 0;  // of the line at the offset that were skipped already
  std::uint32_t oversize_open = 0;   // the streams that have parts to come behind them
  std::uint64_t known_bytes = 0;     // the size up to which the file was seen
  Beginning beginning;               // the first bytes of the file
  std::string window;                // the bytes in front of the offset and of what was skipped
  std::string pending;               // the first bytes behind the position, of a line that has not ended
  bool is_skipping_nuls = false;
  bool is_done = false;             // read to its end, quiet, and without a name
  bool may_be_rolled_back = false;  // the machine was started since the file was read for the last time
  bool may_go_on = false;           // given up, or truncated, before its rest was found: a copy may have it
  std::vector<Rung> rungs;          // of its ladder

  [[nodiscard]] Print print() const;
  bool operator==(const SavedGeneration&) const = default;
};

// Under a rotated name, and not to be read.
struct SettledFile {
  FileIdentity identity;
  FileMark mark;

  bool operator==(const SettledFile&) const = default;
};

// A followed path.
struct SavedName {
  std::string path;
  FileIdentity identity;  // of the file last seen there
  std::string real_path;
  std::uint64_t start_bytes = 0;
  bool is_present = false;
  bool is_unsettled = false;
  std::vector<SettledFile> settled_rotated;
  std::vector<BeginningMark> settled_beginnings;
  std::vector<FileIdentity> unread_rotated;
  std::vector<FileIdentity> left_rotated;
  std::vector<FileIdentity> undecided;

  bool operator==(const SavedName&) const = default;
};

struct SavedFiles {
  std::vector<std::string> patterns;  // the names that these do not match are looked at for the first time
  std::vector<SavedName> names;
  std::vector<SavedGeneration> generations;  // in the order of their birth
  std::vector<SavedGeneration> finished;     // read to their ends, and gone or truncated since
  std::vector<std::string> below;            // directories below those of logs, with rotated files of them
  std::vector<std::string> own_logs;         // logs in such directories that are called like one of ours
  std::vector<std::string> left;             // directories that symbolic links led to
  ByteTotals totals;

  // Takes over what `more` has and this has not, but for the totals.
  void merge(const SavedFiles& more);

  bool operator==(const SavedFiles&) const = default;
};

}  // namespace tailmeter
