#include "exporter/tail/real_file_system.h"

#include <cerrno>
#include <ctime>
#include <filesystem>
#include <memory>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exporter/identity/file_handle.h"

namespace tailmeter {
namespace {

constexpr std::uint32_t kNameEvents =
    IN_CREATE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;

std::error_code last_error() {
  return {errno, std::generic_category()};
}

// Where there is no handle the birth time stands in.
std::error_code make_identity(int directory_fd, const char* path, int flags, const struct statx& status,
                              FileIdentity& identity) {
  const std::error_code error = read_file_handle(directory_fd, path, flags, identity.bytes);
  if (error || !identity.bytes.empty()) return error;
  identity.bytes = 'i';
  append_raw(identity.bytes, status.stx_dev_major);
  append_raw(identity.bytes, status.stx_dev_minor);
  append_raw(identity.bytes, status.stx_ino);
  append_raw(identity.bytes, status.stx_btime.tv_sec);
  append_raw(identity.bytes, status.stx_btime.tv_nsec);
  return {};
}

// See FileStatus. A clock that is behind that of the file system makes all of it recent, which costs some reading.
std::uint64_t modified_ns(const struct statx& raw) {
  constexpr std::int64_t kTicksNs = 20'000'000;
  constexpr std::int64_t kSecondNs = 1'000'000'000;
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  const std::int64_t modified = raw.stx_mtime.tv_sec * kSecondNs + raw.stx_mtime.tv_nsec;
  const bool is_recent = modified > now.tv_sec * kSecondNs + now.tv_nsec - kTicksNs;
  return is_recent ? 0 : static_cast<std::uint64_t>(modified);
}

std::error_code read_status(int directory_fd, const char* path, int flags, struct statx& raw, FileStatus& status) {
  raw = {};
  constexpr unsigned kWanted = STATX_TYPE | STATX_NLINK | STATX_SIZE | STATX_INO | STATX_BTIME | STATX_MTIME;
  if (statx(directory_fd, path, flags, kWanted, &raw) != 0) {
    return last_error();
  }
  status.type = S_ISREG(raw.stx_mode)   ? FileType::kRegular
                : S_ISDIR(raw.stx_mode) ? FileType::kDirectory
                                        : FileType::kOther;
  status.size_bytes = raw.stx_size;
  status.link_count = raw.stx_nlink;
  status.modified_ns = modified_ns(raw);
  status.inode = raw.stx_ino;
  return {};
}

bool is_directory(int directory_fd, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN) return entry.d_type == DT_DIR;
  struct stat status;
  return fstatat(directory_fd, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace

RealFileSystem::RealFileSystem(std::size_t max_open_files)
    : max_open_files_(max_open_files), names_(Hint::Kind::kNames, kNameEvents), writes_(Hint::Kind::kWrite, IN_MODIFY) {
  if (names_.fd() < 0) return;
  epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  // An interest that cannot be registered is a hint that does not come.
  epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, names_.fd(), &event);
  epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, writes_.fd(), &event);
}

RealFileSystem::~RealFileSystem() {
  if (epoll_fd_ >= 0) ::close(epoll_fd_);
}

std::error_code RealFileSystem::open(const std::string& path, OpenFile& file) {
  if (open_files_ >= max_open_files_) return std::make_error_code(std::errc::too_many_files_open);
  // Not waiting matters for a FIFO that took the log's place; it must not become our terminal either.
  const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return last_error();
  struct statx raw;
  FileStatus status;
  FileIdentity identity;
  std::error_code error = read_status(fd, "", AT_EMPTY_PATH, raw, status);
  if (!error && status.type != FileType::kRegular) error = FileError::kNotRegular;
  if (!error) error = make_identity(fd, "", AT_EMPTY_PATH, raw, identity);
  if (error) {
    ::close(fd);
    return error;
  }
  ++open_files_;
  file = OpenFile(*this, fd, std::move(identity));
  return {};
}

std::error_code RealFileSystem::read(const OpenFile& file, std::uint64_t offset_bytes, std::span<char> room,
                                     std::size_t& bytes_read) {
  ssize_t size;
  do {
    size = ::pread(file.number(), room.data(), room.size(), static_cast<off_t>(offset_bytes));
  } while (size < 0 && errno == EINTR);
  if (size < 0) return last_error();
  bytes_read = static_cast<std::size_t>(size);
  return {};
}

std::error_code RealFileSystem::status(const OpenFile& file, FileStatus& status) {
  struct statx raw;
  status.identity = file.identity();
  return read_status(file.number(), "", AT_EMPTY_PATH, raw, status);
}

std::error_code RealFileSystem::status(const std::string& path, FileStatus& status) {
  struct statx raw;
  if (const std::error_code error = read_status(AT_FDCWD, path.c_str(), 0, raw, status)) return error;
  return make_identity(AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW, raw, status.identity);
}

std::error_code RealFileSystem::resolve(const std::string& path, std::string& real_path) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  if (!error) real_path = real.string();
  return error;
}

std::error_code RealFileSystem::list(const std::string& directory, std::vector<DirectoryEntry>& entries) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(opendir(directory.c_str()), &closedir);
  if (!stream) return last_error();
  for (;;) {
    errno = 0;
    const dirent* const entry = readdir(stream.get());
    if (entry == nullptr) return last_error();  // no error at the end
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") entries.push_back({std::string(name), is_directory(dirfd(stream.get()), *entry)});
  }
}

std::error_code RealFileSystem::watch(std::span<const std::string> directories) {
  const std::error_code names_error = names_.watch(directories);
  const std::error_code writes_error = writes_.watch(directories);
  return names_error ? names_error : writes_error;
}

void RealFileSystem::wake_on_writes(bool wanted) {
  epoll_event event{};
  event.events = wanted ? EPOLLIN : 0U;
  if (epoll_fd_ >= 0) epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, writes_.fd(), &event);
}

void RealFileSystem::take_hints(std::vector<Hint>& hints) {
  names_.take(hints);
  writes_.take(hints);
}

void RealFileSystem::close(int number) {
  ::close(number);
  --open_files_;
}

}  // namespace tailmeter
