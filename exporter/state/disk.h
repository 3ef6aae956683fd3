// The files under the state: its one seam with the kernel.
//
// RealDisk is the kernel's; tests put a disk here that loses what was not synced. One thread at a time. Errors are
// returned; nothing is retried but interrupted and short calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace tailmeter {

// What is refused although the system would allow it.
enum class DiskError {
  kLocked = 1,  // another process, or another handle of this one, has the file
  kNotRegular
};
[[nodiscard]] std::error_code make_error_code(DiskError error);

class Disk;

// An open file, closed with this object, which ends its lock. The disk must outlive it.
class DiskFile {
 public:
  DiskFile() = default;
  DiskFile(Disk& owner, int number) : owner_(&owner), number_(number) {}
  DiskFile(DiskFile&& other) noexcept;
  DiskFile& operator=(DiskFile&& other) noexcept;
  ~DiskFile() { close(); }

  void close();
  [[nodiscard]] bool is_open() const { return owner_ != nullptr; }
  [[nodiscard]] int number() const { return number_; }  // the disk's own

 private:
  Disk* owner_ = nullptr;
  int number_ = -1;
};

class Disk {
 public:
  virtual ~Disk() = default;

  // Opens a regular file to read and write, made empty if it is not there, and locks it until it is closed, by whatever
  // end of the process. Never waits: DiskError::kLocked when the file is taken. The file is the one that has the name
  // when the call returns, and whoever keeps to these calls leaves it that name while it is locked.
  [[nodiscard]] virtual std::error_code open_locked(const std::string& path, DiskFile& file) = 0;

  // Opens a regular file to read only, whoever has it locked.
  [[nodiscard]] virtual std::error_code open_to_look(const std::string& path, DiskFile& file) = 0;

  [[nodiscard]] virtual std::error_code size(const DiskFile& file, std::uint64_t& size_bytes) = 0;

  // Whether the name leads to this file: not if it was removed, or another one has the name by now.
  [[nodiscard]] virtual std::error_code has_name(const DiskFile& file, const std::string& path, bool& has) = 0;

  // Which file it is, whatever its name: the same after a restart of the machine, another for a copy. Opaque.
  [[nodiscard]] virtual std::error_code identity(const DiskFile& file, std::string& bytes) = 0;

  // A number that stays with the file and is no part of its content: who writes other content into it leaves it as it
  // is. Nobody waits for the disk: a power cut may bring the one before back. None is 0, as it is where the file system
  // keeps no such thing.
  [[nodiscard]] virtual std::error_code note(const DiskFile& file, std::uint64_t number) = 0;
  [[nodiscard]] virtual std::error_code noted(const DiskFile& file, std::uint64_t& number) = 0;

  // Fewer bytes than fit mean the end of the file.
  [[nodiscard]] virtual std::error_code read(const DiskFile& file, std::uint64_t offset_bytes, std::span<char> room,
                                             std::size_t& bytes_read) = 0;

  // All of `bytes`, or an error: then any part of them may be in the file. Not durable before sync().
  [[nodiscard]] virtual std::error_code write(const DiskFile& file, std::uint64_t offset_bytes,
                                              std::string_view bytes) = 0;

  // Returns when the content is durable. After an error what was written since the last sync() may be lost later and
  // read well until then: only writing it again makes the next sync() mean something.
  [[nodiscard]] virtual std::error_code sync(const DiskFile& file) = 0;

  // Gives the file `from` the name `to`, in the same directory, at once, in place of a file of that name.
  [[nodiscard]] virtual std::error_code rename(const std::string& from, const std::string& to) = 0;

  [[nodiscard]] virtual std::error_code remove(const std::string& path) = 0;

  // Returns when the names in the directory are durable.
  [[nodiscard]] virtual std::error_code sync_directory(const std::string& directory) = 0;

 private:
  friend class DiskFile;
  virtual void close(int number) = 0;
};

}  // namespace tailmeter

template <>
struct std::is_error_code_enum<tailmeter::DiskError> : std::true_type {};
