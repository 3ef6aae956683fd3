#include "exporter/state/real_disk.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "exporter/identity/file_handle.h"

namespace tailmeter {
namespace {

constexpr mode_t kOwnerOnly = 0600;
constexpr int kMaxLockAttempts = 100;  // lost in a row to renames by others; the real number is 0 or 1

constexpr std::size_t kMaxNoteBytes = 20;  // the digits of the largest number

// None was noted, none ever will be (the file system, the kernel or a filter of system calls), or it is none of ours.
bool has_no_note(int error) {
  return error == ENODATA || error == EOPNOTSUPP || error == EPERM || error == ENOSYS || error == ERANGE;
}

std::error_code last_error() {
  return {errno, std::generic_category()};
}

std::error_code open_regular(const std::string& path, int flags, DiskFile& file, Disk& owner, struct stat& status) {
  // Not waiting is for a FIFO in the file's place; a symbolic link there may be meant to have us write elsewhere.
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, kOwnerOnly);
  if (fd < 0) return last_error();
  file = DiskFile(owner, fd);
  if (fstat(fd, &status) != 0) return last_error();
  return S_ISREG(status.st_mode) ? std::error_code() : DiskError::kNotRegular;
}

// False too for a name that cannot be looked at; errno tells why.
bool leads_to(const std::string& path, const struct stat& file) {
  struct stat named;
  return lstat(path.c_str(), &named) == 0 && named.st_ino == file.st_ino && named.st_dev == file.st_dev;
}

std::error_code lock(int fd) {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (fcntl(fd, F_OFD_SETLK, &whole) == 0) return {};
  return errno == EAGAIN || errno == EACCES ? DiskError::kLocked : last_error();
}

}  // namespace

std::error_code RealDisk::open_locked(const std::string& path, DiskFile& file) {
  for (int attempt = 0; attempt < kMaxLockAttempts; ++attempt) {
    DiskFile opened;
    struct stat status;
    if (const std::error_code error = open_regular(path, O_RDWR | O_CREAT, opened, *this, status)) return error;
    if (const std::error_code error = lock(opened.number())) return error;
    // Between the two calls the holder may have renamed another file over this one and let this one go.
    if (leads_to(path, status)) {
      file = std::move(opened);
      return {};
    }
  }
  return DiskError::kLocked;
}

std::error_code RealDisk::open_to_look(const std::string& path, DiskFile& file) {
  DiskFile opened;
  struct stat status;
  const std::error_code error = open_regular(path, O_RDONLY, opened, *this, status);
  if (!error) file = std::move(opened);
  return error;
}

std::error_code RealDisk::size(const DiskFile& file, std::uint64_t& size_bytes) {
  struct stat status;
  if (fstat(file.number(), &status) != 0) return last_error();
  size_bytes = static_cast<std::uint64_t>(status.st_size);
  return {};
}

std::error_code RealDisk::has_name(const DiskFile& file, const std::string& path, bool& has) {
  struct stat status;
  if (fstat(file.number(), &status) != 0) return last_error();
  errno = 0;
  has = leads_to(path, status);
  return has || errno == 0 || errno == ENOENT ? std::error_code() : last_error();
}

// Where there is no handle the birth time stands in; the device's number changes when it is mounted again.
std::error_code RealDisk::identity(const DiskFile& file, std::string& bytes) {
  const std::error_code error = read_file_handle(file.number(), "", AT_EMPTY_PATH, bytes);
  if (error || !bytes.empty()) return error;
  struct statx status;
  if (statx(file.number(), "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &status) != 0) return last_error();
  bytes = 'i';
  append_raw(bytes, status.stx_ino);
  append_raw(bytes, status.stx_btime.tv_sec);
  append_raw(bytes, status.stx_btime.tv_nsec);
  return {};
}

std::error_code RealDisk::note(const DiskFile& file, std::uint64_t number) {
  const std::string text = std::to_string(number);
  return fsetxattr(file.number(), kNoteName, text.data(), text.size(), 0) == 0 ? std::error_code() : last_error();
}

std::error_code RealDisk::noted(const DiskFile& file, std::uint64_t& number) {
  number = 0;
  std::array<char, kMaxNoteBytes> text{};
  const ssize_t size = fgetxattr(file.number(), kNoteName, text.data(), text.size());
  if (size < 0) return has_no_note(errno) ? std::error_code() : last_error();
  std::from_chars(text.data(), text.data() + size, number);
  return {};
}

std::error_code RealDisk::read(const DiskFile& file, std::uint64_t offset_bytes, std::span<char> room,
                               std::size_t& bytes_read) {
  bytes_read = 0;
  while (bytes_read < room.size()) {
    const ssize_t size = ::pread(file.number(), room.data() + bytes_read, room.size() - bytes_read,
                                 static_cast<off_t>(offset_bytes + bytes_read));
    if (size == 0) break;
    if (size > 0) bytes_read += static_cast<std::size_t>(size);
    if (size < 0 && errno != EINTR) return last_error();
  }
  return {};
}

std::error_code RealDisk::write(const DiskFile& file, std::uint64_t offset_bytes, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::pwrite(file.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset_bytes));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return last_error();
    if (size == 0) return std::make_error_code(std::errc::io_error);
    bytes.remove_prefix(static_cast<std::size_t>(size));
    offset_bytes += static_cast<std::uint64_t>(size);
  }
  return {};
}

std::error_code RealDisk::sync(const DiskFile& file) {
  return fdatasync(file.number()) == 0 ? std::error_code() : last_error();
}

std::error_code RealDisk::rename(const std::string& from, const std::string& to) {
  return std::rename(from.c_str(), to.c_str()) == 0 ? std::error_code() : last_error();
}

std::error_code RealDisk::remove(const std::string& path) {
  return ::unlink(path.c_str()) == 0 ? std::error_code() : last_error();
}

std::error_code RealDisk::sync_directory(const std::string& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return last_error();
  const std::error_code error = fsync(fd) == 0 ? std::error_code() : last_error();
  ::close(fd);
  return error;
}

void RealDisk::close(int number) {
  ::close(number);
}

}  // namespace tailmeter
