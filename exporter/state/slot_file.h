// The file that holds the state: a record is on the disk as a whole or not at all.
//
// Two slots of equal size (slot_format.h has the bytes) are overwritten in place, in turns: a write that a crash tears
// leaves the other slot, and so the record before. The room is written ahead when the file is made, so that a disk that
// is full later does not stop a commit, on file systems that overwrite in place (ext4, xfs, tmpfs; not btrfs or zfs).
//
// A file is only ever made beside the one in use, as "tailmeter.state.new": whole, synced and locked before it takes
// the name. This happens at the first commit, after damage, and when a record does not fit. Until then, and when it
// fails, the one in use stays as it is.
//
// An older state that is copied into the file itself is found out by the number of the newest record, which is noted
// beside the content (Disk::note()) once that is durable.
//
// The lock keeps a second program out while the file is open. A file that lost its name meanwhile (rm, a backup moved
// over it) keeps nobody out and would end with the process: the next commit notices, and makes it anew. One thread at a
// time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include "exporter/state/disk.h"
#include "exporter/state/slot_format.h"

namespace tailmeter {

inline constexpr std::string_view kStateFileName = "tailmeter.state";
inline constexpr std::string_view kNewStateFileName = "tailmeter.state.new";
inline constexpr std::uint64_t kDefaultSlotBytes = std::uint64_t{1} << 20;
inline constexpr std::uint64_t kMaxRecordBytes = kMaxSlotBytes - kSlotHeadBytes;

// What a look at the file came to. There is a record with kRight and kOneSlotDamaged, and with no other.
enum class StateFinding {
  kNew,             // no file, or one without a byte: the first run
  kRight,           // both slots are
  kOneSlotDamaged,  // the other one is used; a crash in the middle of a commit looks like this
  kDamaged,         // nothing in it is right
  kForeign,         // right, but written in another file, or older than what was written last: brought back from a copy
  kOtherVersion     // of the format
};

struct SlotLayout {
  std::uint64_t file_bytes = 0;
  std::uint64_t slot_bytes = 0;
  std::uint64_t sequence = 0;  // of the newest record, 0: there is none
  int newest_slot = 0;         // 0 or 1, has a meaning with a record
};

struct SlotContents {
  StateFinding finding = StateFinding::kNew;
  SlotLayout layout;
  std::string record;  // the newest
};

class SlotFile {
 public:
  // A file that is made has slots of `slot_bytes` (a power of two from kSlotAlignmentBytes on), or larger ones if its
  // record needs them. The disk must outlive this object.
  explicit SlotFile(Disk& disk, std::uint64_t slot_bytes = kDefaultSlotBytes);

  // Locks the file in `directory` (an empty one, if there is none, to have a lock) and reads it; a leftover of a crash
  // is removed. A record that it gives is durable, also if the run that wrote it died before it could know.
  // DiskError::kLocked when another one has it; after this and any other error the file is not open.
  [[nodiscard]] std::error_code open(const std::string& directory, SlotContents& contents);

  // Returns when the record is durable. After an error the disk holds the last durable record or, as a whole, one that
  // failed since, and the next commit tries again; DiskError::kLocked when the name was lost to another program. A
  // record over kMaxRecordBytes is std::errc::file_too_large. The file must be open.
  [[nodiscard]] std::error_code commit(std::string_view record);

  [[nodiscard]] const SlotLayout& layout() const { return layout_; }

 private:
  [[nodiscard]] std::error_code regain_file();
  [[nodiscard]] std::error_code settle(std::string_view record);
  [[nodiscard]] std::error_code commit_in_place(std::string_view record);
  [[nodiscard]] std::error_code commit_in_new_file(std::string_view record);
  [[nodiscard]] std::error_code make_file(const SlotLayout& layout, std::string_view record, DiskFile& file,
                                          Fingerprint& identity) const;
  [[nodiscard]] std::error_code make_name_durable();
  void note_sequence();

  Disk& disk_;
  std::uint64_t first_slot_bytes_;
  std::string directory_;
  DiskFile file_;
  Fingerprint identity_{};
  SlotLayout layout_;
  std::uint64_t last_sequence_ = 0;  // of the last attempt
  bool must_be_made_ = true;         // there is no file, or not one to go on with
  bool is_name_durable_ = true;
};

// The same look without the lock and without a trace, for people. While a program commits, what it finds may be a
// moment's: look again before calling it damaged.
[[nodiscard]] std::error_code look_at_state(Disk& disk, const std::string& directory, SlotContents& contents);

}  // namespace tailmeter
