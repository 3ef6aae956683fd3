#include "exporter/identity/file_handle.h"

#include <array>
#include <cerrno>

#include <fcntl.h>

namespace tailmeter {
namespace {

// AT_HANDLE_FID (Linux 6.5): overlayfs gives handles only to those who will not open by them.
constexpr int kHandleFid = 0x200;

bool is_for_good(int error) {
  return error == EOPNOTSUPP || error == EOVERFLOW  // the file system has none, or none that fits
         || error == EINVAL                         // the kernel does not know kHandleFid
         || error == EPERM || error == ENOSYS;      // a filter of system calls, as some containers have, forbids it
}

}  // namespace

std::error_code read_file_handle(int directory_fd, const char* path, int flags, std::string& bytes) {
  alignas(file_handle) std::array<char, sizeof(file_handle) + MAX_HANDLE_SZ> room;
  auto* const handle = reinterpret_cast<file_handle*>(room.data());
  bytes.clear();
  for (const int fid : {0, kHandleFid}) {
    handle->handle_bytes = MAX_HANDLE_SZ;
    int mount_id = 0;
    if (name_to_handle_at(directory_fd, path, handle, &mount_id, flags | fid) == 0) {
      bytes = 'h';
      append_raw(bytes, handle->handle_type);
      bytes.append(room.data() + sizeof(file_handle), handle->handle_bytes);
      return {};
    }
    if (!is_for_good(errno)) return {errno, std::generic_category()};
  }
  return {};
}

}  // namespace tailmeter
