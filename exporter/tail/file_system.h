// The files under the tail: its one seam with the kernel.
//
// RealFileSystem is the kernel's; a simulation puts its own files, hints and faults here. All calls come from the loop
// thread. Errors are returned; the tail decides what they mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <system_error>
#include <vector>

namespace tailmeter {

enum class FileError {
  kNotRegular = 1,  // the tail refuses it although the system would allow it
  kNotYet           // it takes longer than a call may; the next one goes on from there
};
[[nodiscard]] std::error_code make_error_code(FileError error);

// True for the errors that say that there is no such file now.
[[nodiscard]] bool is_absent(std::error_code error);

// Which file it is, whatever its name: equal for the same file, never equal again for a later one, even where the inode
// number is. Opaque; empty is no file.
struct FileIdentity {
  std::string bytes;

  [[nodiscard]] bool is_known() const { return !bytes.empty(); }
  bool operator==(const FileIdentity&) const = default;
  bool operator<(const FileIdentity& other) const { return bytes < other.bytes; }
};

enum class FileType { kRegular, kDirectory, kOther };

struct FileStatus {
  FileIdentity identity;
  FileType type = FileType::kOther;
  std::uint64_t size_bytes = 0;
  std::uint64_t link_count = 0;  // 0: unlinked, and gone with the last descriptor
  // Of the last change of the content. 0 if it is so recent that one more might not move it: the clock that it is taken
  // from ticks some 250 times a second.
  std::uint64_t modified_ns = 0;
  std::uint64_t inode = 0;  // its number, for people: `find -inum`
};

struct DirectoryEntry {
  std::string name;
  bool is_directory = false;  // false for a symbolic link to one
};

// Something may have changed. Hints may be missing, late, doubled or wrong: they save time and prove nothing.
struct Hint {
  enum class Kind {
    kNames,  // a name came, went, or may be opened differently now
    kWrite   // a file was written to or truncated
  };
  Kind kind = Kind::kNames;
  std::string directory;  // as it was given to watch(); empty: hints were dropped, look everywhere
  std::string name;       // in the directory; empty: the directory itself
};

class FileSystem;

// An open file, closed with this object. The file system must outlive it.
class OpenFile {
 public:
  OpenFile() = default;
  OpenFile(FileSystem& owner, int number, FileIdentity identity);
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&& other) noexcept;
  ~OpenFile() { close(); }

  void close();
  [[nodiscard]] bool is_open() const { return owner_ != nullptr; }
  [[nodiscard]] int number() const { return number_; }  // the file system's own
  [[nodiscard]] const FileIdentity& identity() const { return identity_; }

 private:
  FileSystem* owner_ = nullptr;
  int number_ = -1;
  FileIdentity identity_;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // Opens a regular file for reading, without ever waiting for it; anything else is FileError::kNotRegular.
  [[nodiscard]] virtual std::error_code open(const std::string& path, OpenFile& file) = 0;

  // Reads at an offset into `room`. Fewer bytes than fit mean the end of the file, or a place that cannot be read (the
  // size tells which).
  [[nodiscard]] virtual std::error_code read(const OpenFile& file, std::uint64_t offset_bytes, std::span<char> room,
                                             std::size_t& bytes_read) = 0;

  [[nodiscard]] virtual std::error_code status(const OpenFile& file, FileStatus& status) = 0;

  // Of what the path leads to, through symbolic links. Size and identity may be those of two files when the path
  // changes hands during the call.
  [[nodiscard]] virtual std::error_code status(const std::string& path, FileStatus& status) = 0;

  // The path without symbolic links.
  [[nodiscard]] virtual std::error_code resolve(const std::string& path, std::string& real_path) = 0;

  // The entries but "." and "..", in any order.
  [[nodiscard]] virtual std::error_code list(const std::string& directory, std::vector<DirectoryEntry>& entries) = 0;

  // From now on hints are wanted for exactly these directories. To be called again with each look: a directory may have
  // been replaced under its name. An error means that some are not watched; one that does not exist is none.
  [[nodiscard]] virtual std::error_code watch(std::span<const std::string> directories) = 0;

  // A descriptor to wait on that is readable while hints are queued, -1 if there will be none.
  [[nodiscard]] virtual int hint_fd() const = 0;

  // Whether hints of writes make hint_fd() readable. They are queued in any case.
  virtual void wake_on_writes(bool wanted) = 0;

  // Appends the queued hints. Never waits.
  virtual void take_hints(std::vector<Hint>& hints) = 0;

  // True if something was answered by FileError::kNotYet since the last call: to look again soon is worth while.
  [[nodiscard]] virtual bool take_unfinished() { return false; }

 private:
  friend class OpenFile;
  virtual void close(int number) = 0;
};

}  // namespace tailmeter

template <>
struct std::is_error_code_enum<tailmeter::FileError> : std::true_type {};
