// A tree of inodes in memory, and what of it would survive a power cut.
//
// The disk is an ext4 with data=ordered, made a little weaker where it makes up for careless programs (it flushes
// nothing when a file is replaced or truncated):
// - Changes of names and truncations go through one journal. A power cut loses the latest of them, any number back to
//   the last sync; all before those hold. A rename is lost or holds as a whole.
// - Bytes that make a file longer stay in the page cache. A power cut leaves each file what was synced of it and a
//   prefix, of any length, of the rest. A truncation that holds leaves none of the bytes that it took; with one that is
//   lost go the bytes that were written after it.
// - A sync of one file makes its bytes and the journal so far durable.
// Bytes written over others and permissions are durable at once. No byte ever reads as NUL that was not written so or
// skipped by its writer.
//
// Inode numbers are used again at once, the lowest first. Inodes are kept until the end of the object, used or not: it
// is made for one short schedule.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "test/simulation/seeded_random.h"

namespace tailmeter {

struct Inode {
  using Index = std::uint32_t;
  static constexpr Index kNone = ~Index{0};
  enum class Type { kRegular, kDirectory, kLink };

  Type type = Type::kRegular;
  std::uint32_t number = 0;
  std::uint64_t generation = 0;  // never that of another inode
  std::uint32_t link_count = 0;  // 1 for a directory that has a name
  std::uint32_t open_count = 0;
  bool is_readable = true;
  std::uint64_t modified = 0;  // when the content was changed last, by a clock of changes
  std::string bytes;           // the content; the target of a link
  std::uint64_t synced_bytes = 0;
  std::uint64_t bad_begin_bytes = 0;  // from here ...
  std::uint64_t bad_end_bytes = 0;    // ... up to here the disk gives nothing

  // Of a directory.
  std::map<std::string, Index, std::less<>> entries;
  Index parent = kNone;
  std::string name;

  [[nodiscard]] bool is_alive() const { return link_count > 0 || open_count > 0; }
  [[nodiscard]] bool is_directory() const { return type == Type::kDirectory; }
};

class SimulatedInodes {
 public:
  using Index = Inode::Index;
  static constexpr Index kNone = Inode::kNone;
  static constexpr Index kRoot = 0;

  // A name in a directory, and what it leads to, if anything. The name is part of the path or of a link.
  struct Place {
    Index directory = kNone;
    std::string_view name;  // empty: the root
    Index inode = kNone;
  };
  enum class LastLink { kFollowed, kKept };
  enum class User { kReader, kRoot };  // root passes through unreadable directories

  SimulatedInodes();

  // No error where only the last name is missing. Relative paths start at the root.
  [[nodiscard]] std::error_code find(std::string_view path, LastLink last_link, User user, Place& place) const;

  [[nodiscard]] Inode& operator[](Index index) { return inodes_[index]; }
  [[nodiscard]] const Inode& operator[](Index index) const { return inodes_[index]; }
  [[nodiscard]] bool is_changed_last(Index index) const { return inodes_[index].modified == changes_; }
  [[nodiscard]] std::string path_of(const Place& place) const;
  [[nodiscard]] bool is_within(Index directory, Index ancestor) const;

  // Changes. An inode without name and holder gives its number back.
  [[nodiscard]] Index make(Inode::Type type);
  void set_name(Index directory, std::string_view name, Index inode) { journal_name(directory, name, inode, false); }
  void move_name(const Place& from, const Place& to);
  void write(Index inode, std::uint64_t offset_bytes, std::string_view bytes);
  void truncate(Index inode, std::uint64_t size_bytes);
  void hold(Index inode) { ++inodes_[inode].open_count; }
  void release(Index inode);

  // What brings changes to the disk, and what shows whether it did.
  void sync(Index inode);
  void sync_all();
  void write_back(SeededRandom& random);  // some of it
  void cut_power(SeededRandom& random);   // who held an inode does no longer

 private:
  // How to undo a change.
  struct Change {
    bool is_joined = false;  // to the change before
    bool is_truncation = false;
    Index inode = kNone;  // truncated, or named before
    Index directory = kNone;
    std::string text;  // the name, or the bytes before
    std::uint64_t synced_bytes = 0;
  };

  [[nodiscard]] std::error_code walk(std::string_view path, Index start, LastLink last_link, User user, int& links_left,
                                     Place& place) const;
  void journal_name(Index directory, std::string_view name, Index inode, bool is_joined);
  Index put_name(Index directory, std::string_view name, Index inode);
  void undo_last();
  void note_number(const Inode& inode);
  [[nodiscard]] std::size_t random_journal_size(SeededRandom& random) const;

  void touch(Inode& inode) { inode.modified = ++changes_; }

  std::deque<Inode> inodes_;
  std::uint64_t changes_ = 0;
  std::vector<bool> used_numbers_;
  std::vector<Change> journal_;  // since the last sync
};

}  // namespace tailmeter
