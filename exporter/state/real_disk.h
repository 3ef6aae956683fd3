// The kernel's files, with open file description locks (fcntl(2), F_OFD_SETLK). What is noted of one is its extended
// attribute kNoteName (xattr(7)), in decimal.
#pragma once

#include "exporter/state/disk.h"

namespace tailmeter {

inline constexpr const char* kNoteName = "user.tailmeter.sequence";

class RealDisk : public Disk {
 public:
  [[nodiscard]] std::error_code open_locked(const std::string& path, DiskFile& file) override;
  [[nodiscard]] std::error_code open_to_look(const std::string& path, DiskFile& file) override;
  [[nodiscard]] std::error_code size(const DiskFile& file, std::uint64_t& size_bytes) override;
  [[nodiscard]] std::error_code has_name(const DiskFile& file, const std::string& path, bool& has) override;
  [[nodiscard]] std::error_code identity(const DiskFile& file, std::string& bytes) override;
  [[nodiscard]] std::error_code note(const DiskFile& file, std::uint64_t number) override;
  [[nodiscard]] std::error_code noted(const DiskFile& file, std::uint64_t& number) override;
  [[nodiscard]] std::error_code read(const DiskFile& file, std::uint64_t offset_bytes, std::span<char> room,
                                     std::size_t& bytes_read) override;
  [[nodiscard]] std::error_code write(const DiskFile& file, std::uint64_t offset_bytes,
                                      std::string_view bytes) override;
  [[nodiscard]] std::error_code sync(const DiskFile& file) override;
  [[nodiscard]] std::error_code rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] std::error_code remove(const std::string& path) override;
  [[nodiscard]] std::error_code sync_directory(const std::string& directory) override;

 private:
  void close(int number) override;
};

}  // namespace tailmeter
