#include "exporter/state/slot_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <optional>
#include <span>

namespace tailmeter {
namespace {

constexpr std::size_t kFillBytes = std::size_t{1} << 20;

std::string path_of(const std::string& directory, std::string_view name) {
  return directory + "/" + std::string(name);
}

std::uint64_t slot_offset(std::uint64_t slot_bytes, int slot) {
  return kSlotFileHeaderBytes + static_cast<std::uint64_t>(slot) * slot_bytes;
}

// The end of the second slot.
std::uint64_t whole_file_bytes(std::uint64_t slot_bytes) {
  return slot_offset(slot_bytes, 2);
}

std::error_code identify(Disk& disk, const DiskFile& file, Fingerprint& identity) {
  std::string bytes;
  const std::error_code error = disk.identity(file, bytes);
  if (!error) identity = fingerprint(bytes);
  return error;
}

// Up to `size_bytes` at the offset, fewer at the end of the file. The caller keeps the size within the file's.
std::error_code read_bytes(Disk& disk, const DiskFile& file, std::uint64_t offset_bytes, std::uint64_t size_bytes,
                           std::string& bytes) {
  bytes.resize(size_bytes);
  std::size_t bytes_read = 0;
  if (const std::error_code error = disk.read(file, offset_bytes, bytes, bytes_read)) return error;
  bytes.resize(bytes_read);
  return {};
}

// The content is for decode_slot(), and empty if it can be none.
std::error_code read_slot(Disk& disk, const DiskFile& file, const SlotLayout& layout, int slot, std::string& bytes) {
  const std::uint64_t offset_bytes = slot_offset(layout.slot_bytes, slot);
  bytes.clear();
  if (layout.file_bytes < offset_bytes + kSlotHeadBytes) return {};
  if (const std::error_code error = read_bytes(disk, file, offset_bytes, kSlotHeadBytes, bytes)) return error;
  const std::uint64_t room_bytes = std::min(layout.slot_bytes, layout.file_bytes - offset_bytes);
  const std::uint64_t claimed_bytes = bytes.size() == kSlotHeadBytes ? claimed_slot_bytes(bytes) : room_bytes + 1;
  bytes.clear();
  if (claimed_bytes > room_bytes) return {};
  return read_bytes(disk, file, offset_bytes, claimed_bytes, bytes);
}

std::error_code write_slot(Disk& disk, const DiskFile& file, std::uint64_t slot_bytes, int slot, const Slot& content) {
  return disk.write(file, slot_offset(slot_bytes, slot), encode_slot(content));
}

// Chooses among the slots, of which nothing stands for a damaged one. A record that is older than the noted one was
// brought back, but for the one that is left when damage took the newest.
void judge(const std::array<std::optional<Slot>, 2>& slots, const Fingerprint& identity, std::uint64_t noted,
           SlotContents& contents) {
  int damaged = 0;
  bool is_any_foreign = false;
  for (int i = 0; i < 2; ++i) {
    const std::optional<Slot>& slot = slots[static_cast<std::size_t>(i)];
    const bool is_foreign = slot && slot->file != identity;
    if (!slot || is_foreign) ++damaged;
    is_any_foreign = is_any_foreign || is_foreign;
    if (!slot || is_foreign || slot->sequence <= contents.layout.sequence) continue;
    contents.layout.sequence = slot->sequence;
    contents.layout.newest_slot = i;
    contents.record = slot->record;
  }
  const std::uint64_t newest = contents.layout.sequence;
  if (newest != 0 && noted > newest + (damaged > 0 ? 1 : 0)) {
    contents.layout.sequence = 0;
    contents.record.clear();
    is_any_foreign = true;
  }
  if (contents.layout.sequence == 0) {
    contents.finding = is_any_foreign ? StateFinding::kForeign : StateFinding::kDamaged;
  } else {
    contents.finding = damaged == 0 ? StateFinding::kRight : StateFinding::kOneSlotDamaged;
  }
}

std::error_code read_contents(Disk& disk, const DiskFile& file, SlotContents& contents) {
  contents = {};
  SlotLayout& layout = contents.layout;
  if (const std::error_code error = disk.size(file, layout.file_bytes)) return error;
  if (layout.file_bytes == 0) return {};

  std::string header_bytes;
  if (const std::error_code error = read_bytes(disk, file, 0, kSlotFileHeaderBytes, header_bytes)) return error;
  const DecodedHeader header = decode_header(header_bytes);
  if (header.kind != DecodedHeader::Kind::kRight) {
    contents.finding =
        header.kind == DecodedHeader::Kind::kOtherVersion ? StateFinding::kOtherVersion : StateFinding::kDamaged;
    return {};
  }
  layout.slot_bytes = header.slot_bytes;

  Fingerprint identity;
  if (const std::error_code error = identify(disk, file, identity)) return error;
  std::array<std::string, 2> bytes;
  std::array<std::optional<Slot>, 2> slots;
  for (std::size_t i = 0; i < 2; ++i) {
    if (const std::error_code error = read_slot(disk, file, layout, static_cast<int>(i), bytes[i])) return error;
    slots[i] = decode_slot(bytes[i]);
  }
  std::uint64_t noted = 0;
  if (const std::error_code error = disk.noted(file, noted)) return error;
  judge(slots, identity, noted, contents);
  return {};
}

}  // namespace

SlotFile::SlotFile(Disk& disk, std::uint64_t slot_bytes) : disk_(disk), first_slot_bytes_(slot_bytes) {
  assert(std::has_single_bit(slot_bytes) && slot_bytes >= kSlotAlignmentBytes && slot_bytes <= kMaxSlotBytes);
}

std::error_code SlotFile::open(const std::string& directory, SlotContents& contents) {
  assert(!file_.is_open());
  directory_ = directory;
  DiskFile file;
  if (const std::error_code error = disk_.open_locked(path_of(directory, kStateFileName), file)) return error;
  // Only the lock's holder makes a new file. One that cannot be removed costs room, and is written over when needed.
  static_cast<void>(disk_.remove(path_of(directory, kNewStateFileName)));
  if (const std::error_code error = read_contents(disk_, file, contents)) return error;
  if (const std::error_code error = identify(disk_, file, identity_)) return error;

  layout_ = contents.layout;
  last_sequence_ = layout_.sequence;
  must_be_made_ = layout_.sequence == 0 || layout_.file_bytes < whole_file_bytes(layout_.slot_bytes);
  is_name_durable_ = false;
  file_ = std::move(file);
  const std::error_code error = layout_.sequence == 0 ? std::error_code() : settle(contents.record);
  if (error) file_.close();
  return error;
}

// The record that was read may only be in the page cache: of a run that was killed before its sync, or whose sync
// failed, which leaves pages that pass for clean. The commit after this one overwrites the other slot, so this one has
// to be on the disk first. Its bytes do not change: writing them once more risks nothing.
std::error_code SlotFile::settle(std::string_view record) {
  const Slot newest{layout_.sequence, identity_, record};
  if (const std::error_code error = write_slot(disk_, file_, layout_.slot_bytes, layout_.newest_slot, newest)) {
    return error;
  }
  if (const std::error_code error = disk_.sync(file_)) return error;
  return make_name_durable();
}

std::error_code SlotFile::commit(std::string_view record) {
  assert(file_.is_open());
  if (record.size() > kMaxRecordBytes) return std::make_error_code(std::errc::file_too_large);
  if (const std::error_code error = regain_file()) return error;
  ++last_sequence_;
  const bool fits = kSlotHeadBytes + record.size() <= layout_.slot_bytes;
  return must_be_made_ || !fits ? commit_in_new_file(record) : commit_in_place(record);
}

// Somebody may have removed the file, or cut it off.
std::error_code SlotFile::regain_file() {
  const std::string path = path_of(directory_, kStateFileName);
  bool has_name = false;
  if (const std::error_code error = disk_.has_name(file_, path, has_name)) return error;
  if (has_name) {
    std::uint64_t file_bytes = 0;
    if (const std::error_code error = disk_.size(file_, file_bytes)) return error;
    must_be_made_ = must_be_made_ || file_bytes < whole_file_bytes(layout_.slot_bytes);
    return {};
  }
  // Whoever has the name has to be kept out, or left alone, before it is given to another file.
  DiskFile named;
  if (const std::error_code error = disk_.open_locked(path, named)) return error;
  file_ = std::move(named);
  must_be_made_ = true;
  is_name_durable_ = false;
  return {};
}

// An error leaves the newest slot the newest, so the next commit writes this one again, all of it: a sync after that
// covers what a failed one let go.
std::error_code SlotFile::commit_in_place(std::string_view record) {
  const int slot = 1 - layout_.newest_slot;
  const Slot next{last_sequence_, identity_, record};
  if (const std::error_code error = write_slot(disk_, file_, layout_.slot_bytes, slot, next)) return error;
  if (const std::error_code error = disk_.sync(file_)) return error;
  if (const std::error_code error = make_name_durable()) return error;
  layout_.newest_slot = slot;
  layout_.sequence = last_sequence_;
  note_sequence();
  return {};
}

std::error_code SlotFile::commit_in_new_file(std::string_view record) {
  const std::string new_path = path_of(directory_, kNewStateFileName);
  SlotLayout layout;
  layout.slot_bytes =
      std::max(first_slot_bytes_, std::min(std::bit_ceil(2 * (kSlotHeadBytes + record.size())), kMaxSlotBytes));
  layout.file_bytes = whole_file_bytes(layout.slot_bytes);
  layout.sequence = last_sequence_;

  DiskFile file;
  Fingerprint identity;
  std::error_code error = make_file(layout, record, file, identity);
  if (!error) error = disk_.rename(new_path, path_of(directory_, kStateFileName));
  if (error) {
    file.close();
    static_cast<void>(disk_.remove(new_path));
    return error;
  }
  // From here on the name leads to the new file, so there is no way back, only the name left to be made durable.
  file_ = std::move(file);
  identity_ = identity;
  layout_ = layout;
  must_be_made_ = false;
  is_name_durable_ = false;
  error = make_name_durable();
  if (!error) note_sequence();
  return error;
}

// After the record is durable: what is noted is never ahead of the disk, whatever happens. Without it, all is right but
// that an older state in the same file is taken for the newest.
void SlotFile::note_sequence() {
  static_cast<void>(disk_.note(file_, layout_.sequence));
}

std::error_code SlotFile::make_file(const SlotLayout& layout, std::string_view record, DiskFile& file,
                                    Fingerprint& identity) const {
  if (const std::error_code error = disk_.open_locked(path_of(directory_, kNewStateFileName), file)) return error;
  if (const std::error_code error = identify(disk_, file, identity)) return error;
  // Zeros, not only allocated room: file systems need room of their own to note that such room is now in use.
  const std::string zeros(std::min<std::uint64_t>(kFillBytes, layout.file_bytes), '\0');
  for (std::uint64_t offset_bytes = 0; offset_bytes < layout.file_bytes; offset_bytes += zeros.size()) {
    const std::string_view piece = std::string_view(zeros).substr(0, layout.file_bytes - offset_bytes);
    if (const std::error_code error = disk_.write(file, offset_bytes, piece)) return error;
  }
  if (const std::error_code error = disk_.write(file, 0, encode_header(layout.slot_bytes))) return error;
  const Slot first{layout.sequence, identity, record};
  const Slot empty{0, identity, {}};
  if (const std::error_code error = write_slot(disk_, file, layout.slot_bytes, 0, first)) return error;
  if (const std::error_code error = write_slot(disk_, file, layout.slot_bytes, 1, empty)) return error;
  return disk_.sync(file);
}

std::error_code SlotFile::make_name_durable() {
  if (is_name_durable_) return {};
  const std::error_code error = disk_.sync_directory(directory_);
  is_name_durable_ = !error;
  return error;
}

std::error_code look_at_state(Disk& disk, const std::string& directory, SlotContents& contents) {
  contents = {};
  DiskFile file;
  const std::error_code error = disk.open_to_look(path_of(directory, kStateFileName), file);
  if (error == std::errc::no_such_file_or_directory) return {};
  return error ? error : read_contents(disk, file, contents);
}

}  // namespace tailmeter
