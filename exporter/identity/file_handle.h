// What the kernel calls a file, whatever its name: name_to_handle_at(2).
//
// An inode's number is used again at once (ext4 gives a new log that of the one just deleted); a handle also holds the
// inode's generation, and outlives a restart of the machine. It is opaque: good to compare, and to keep. Any thread.
#pragma once

#include <string>
#include <system_error>

namespace tailmeter {

// Makes `bytes` the handle of the file that `directory_fd`, `path` and `flags` lead to, as the system call has them.
// Empty, and no error, where there are no handles and never will be: the file system has none, or the kernel or a
// filter of system calls refuses. Any other refusal may pass and is an error: whoever took it for that would see
// another file for a moment.
[[nodiscard]] std::error_code read_file_handle(int directory_fd, const char* path, int flags, std::string& bytes);

// For an identity that is put together where there is no handle.
template <typename T>
void append_raw(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace tailmeter
