// Files in memory, deterministic and fast: the kernel of a simulated run.
//
// One side is the reader's, a FileSystem that behaves as RealFileSystem does on ext4 for a user who is not root. The
// other is the world's: whoever writes, rotates and removes logs, and the faults. The world is root and meets no
// faults; its calls follow symbolic links where the system calls of that name do, and return whether they succeeded.
// What a power cut leaves is said in simulated_inodes.h, what gives hints in simulated_hints.h.
//
// Not there: anything but regular files, directories and symbolic links; relative paths start at the root.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "exporter/tail/file_system.h"
#include "test/simulation/seeded_random.h"
#include "test/simulation/simulated_hints.h"
#include "test/simulation/simulated_inodes.h"

namespace tailmeter {

class SimulatedFiles : public FileSystem {
 public:
  // The seed is that of all that a kernel does as it likes: the order of a list, what is lost.
  explicit SimulatedFiles(std::uint64_t seed) : random_(seed) {}
  SimulatedFiles(const SimulatedFiles&) = delete;
  SimulatedFiles& operator=(const SimulatedFiles&) = delete;

  // The reader's side.
  [[nodiscard]] std::error_code open(const std::string& path, OpenFile& file) override;
  [[nodiscard]] std::error_code read(const OpenFile& file, std::uint64_t offset_bytes, std::span<char> room,
                                     std::size_t& bytes_read) override;
  [[nodiscard]] std::error_code status(const OpenFile& file, FileStatus& status) override;
  [[nodiscard]] std::error_code status(const std::string& path, FileStatus& status) override;
  [[nodiscard]] std::error_code resolve(const std::string& path, std::string& real_path) override;
  [[nodiscard]] std::error_code list(const std::string& directory, std::vector<DirectoryEntry>& entries) override;
  [[nodiscard]] std::error_code watch(std::span<const std::string> directories) override;
  [[nodiscard]] int hint_fd() const override { return -1; }  // see is_hinting()
  void wake_on_writes(bool wanted) override { hints_.wake_on_writes(wanted); }
  void take_hints(std::vector<Hint>& hints) override { hints_.take(hints); }

  // True while hint_fd() would be readable.
  [[nodiscard]] bool is_hinting() const { return hints_.is_ready(); }

  // Names.
  bool make_directory(std::string_view path);
  FileIdentity create(std::string_view path);  // a new file; none if there is something
  bool link(std::string_view from, std::string_view to);
  bool symlink(std::string_view target, std::string_view path);
  bool rename(std::string_view from, std::string_view to);
  bool remove(std::string_view path);  // no directory that holds something
  bool remove_tree(std::string_view path);
  bool set_readable(std::string_view path, bool is_readable);

  // Mounts. What is under a directory is taken out of the tree, as umount -l does it: who holds a file of it keeps it,
  // its names are gone, and no hint tells so. An empty directory is in its place until it is mounted again, one at a
  // time. Both bring all changes to the disk. A handle is that of a file on its disk: it stays.
  bool unmount(std::string_view directory);
  void mount();

  // Bytes. A writer's descriptor stays valid until it is closed or the power is cut; one that is invalid is -1. Behind
  // a truncation, one with its own offset goes on there and leaves NULs before.
  enum class WriteAt { kEnd, kOwnOffset };
  [[nodiscard]] int open_to_write(std::string_view path, WriteAt write_at);  // makes the file if there is none
  void write(int writer, std::string_view bytes);
  void close_writer(int writer) { close(writer); }
  bool truncate(std::string_view path, std::uint64_t size_bytes);
  bool set_content(std::string_view path, std::string_view bytes);  // of the file there, or of a new one
  bool copy(std::string_view from, std::string_view to);            // as a new file, whatever there was

  // What is there, whatever the reader may see.
  [[nodiscard]] FileIdentity identity(std::string_view path) const;                // unknown: nothing
  [[nodiscard]] std::optional<std::string> content(std::string_view path) const;   // of a regular file
  [[nodiscard]] std::vector<std::string> names(std::string_view directory) const;  // of regular files, sorted
  struct Held {
    FileIdentity identity;
    std::string content;
  };
  [[nodiscard]] std::vector<Held> held_by_reader() const;
  [[nodiscard]] std::size_t open_files() const { return open_files_; }  // of the reader

  // The disk, and what shows it.
  bool sync(std::string_view path);
  void sync_all() { inodes_.sync_all(); }
  void write_back() { inodes_.write_back(random_); }  // some of it
  void kill_reader();                                 // its files and watches are gone
  void power_cut(std::uint64_t seed);                 // and all writers, and what the disk does not have

  // Faults. The nth call of a kind, from 1, fails once; a watch() fails for one of its directories.
  enum class Call { kOpen, kRead, kStatus, kResolve, kList, kWatch };
  void fail_call(Call call, unsigned nth, std::error_code error);
  // Bytes that the disk does not give: a read stops short before them, or fails with EIO where it starts there.
  bool spoil(std::string_view path, std::uint64_t begin_bytes,
             std::uint64_t end_bytes = std::numeric_limits<std::uint64_t>::max());
  bool heal(std::string_view path) { return spoil(path, 0, 0); }
  void limit_open_files(std::size_t files) { open_files_max_ = files; }
  [[nodiscard]] SimulatedHints& hints() { return hints_; }

 private:
  using Index = Inode::Index;
  using Place = SimulatedInodes::Place;
  static constexpr Index kNone = Inode::kNone;

  struct Descriptor {
    Index inode = kNone;  // none: closed
    bool is_reader = false;
    // The name that it was opened under, wherever that moves. Hints tell of it even when the file lost it.
    Index directory = kNone;
    std::string name;
    bool is_named = true;
    // Of a writer.
    WriteAt write_at = WriteAt::kEnd;
    std::uint64_t offset_bytes = 0;
  };
  struct Failure {
    unsigned calls_left = 0;
    std::error_code error;
  };

  // The reader's.
  [[nodiscard]] std::error_code enter(Call call);
  [[nodiscard]] std::error_code find_there(const std::string& path, Place& place) const;
  [[nodiscard]] FileIdentity identity_of(Index inode) const;
  [[nodiscard]] FileStatus status_of(Index inode) const;
  [[nodiscard]] Index inode_of(const OpenFile& file) const {
    return descriptors_.at(static_cast<std::size_t>(file.number())).inode;
  }
  [[nodiscard]] bool has_descriptor() const { return open_files_ < open_files_max_; }
  void close(int number) override;  // a writer's too

  // The world's.
  [[nodiscard]] bool find(std::string_view path, SimulatedInodes::LastLink last_link, Place& place) const;
  [[nodiscard]] bool find_new(std::string_view path, Place& place) const;
  [[nodiscard]] bool find_file(std::string_view path, Place& place) const;
  [[nodiscard]] bool find_or_make_file(std::string_view path, Place& place);
  Index make(const Place& place, Inode::Type type);
  void remove_name(const Place& place);
  void remove_tree(const Place& place);
  void unname_descriptors(const Place& place);
  [[nodiscard]] int add_descriptor(const Place& place, bool is_reader);
  [[nodiscard]] bool is_in_use(Index directory) const;
  void note_end_of(Index directory);
  void note_name(const Place& place) { hints_.note(Hint::Kind::kNames, place.directory, place.name); }

  SeededRandom random_;
  Place unmounted_;  // none: all is mounted
  SimulatedInodes inodes_;
  SimulatedHints hints_;
  std::vector<Descriptor> descriptors_;  // by number
  std::size_t open_files_ = 0;
  std::size_t open_files_max_ = std::numeric_limits<std::size_t>::max();
  std::array<Failure, 6> failures_;
};

}  // namespace tailmeter
