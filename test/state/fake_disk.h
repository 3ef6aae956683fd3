// A disk in memory that loses what was not synced.
//
// What is written lies in the page cache, where every reader finds it. It reaches the platter by sync(); a power cut
// keeps or drops each sector that was written since, and each change of a name, on its own. A killed program loses
// nothing but its locks. A copy of the object is a copy of the disk.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "exporter/state/disk.h"

namespace tailmeter {

class FakeDisk : public Disk {
 public:
  explicit FakeDisk(std::uint32_t seed = 0) : random_(seed) {}  // of what half-done calls leave behind

  // The calls from here on that count are all but close(). The `nth`, from 1, fails and does a part of its work or
  // none; or the machine stops within it: this call and all later ones fail until the restart.
  void fail_call(std::uint64_t nth, std::error_code error);
  void stop_at_call(std::uint64_t nth);
  [[nodiscard]] bool has_stopped() const { return has_stopped_; }
  [[nodiscard]] std::uint64_t calls() const { return calls_; }
  [[nodiscard]] std::uint64_t changes() const { return changes_; }  // calls that could change something

  // Whoever used the disk must have closed its files, or never use them again.
  void restart_after_kill();
  void restart_after_power_cut(std::uint32_t seed);

  // No call may make the files larger than this together.
  void limit_capacity(std::uint64_t bytes) { capacity_bytes_ = bytes; }
  void lift_capacity() { capacity_bytes_ = std::numeric_limits<std::uint64_t>::max(); }
  [[nodiscard]] std::uint64_t used_bytes() const;

  // What an operator does: durable at once.
  [[nodiscard]] bool exists(const std::string& path) const { return names_.contains(path); }
  [[nodiscard]] std::string content(const std::string& path) const;
  void set_content(const std::string& path, const std::string& bytes);
  void copy(const std::string& from, const std::string& to);
  void move(const std::string& from, const std::string& to);
  void unlink(const std::string& path);

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
  using Inode = std::uint64_t;
  struct Write {
    std::uint64_t offset_bytes = 0;
    std::string bytes;
  };
  struct Content {
    std::string cached;
    std::string platter;
    std::vector<Write> unsynced{};
    std::uint64_t noted = 0;
    std::uint64_t platter_noted = 0;
  };
  struct Handle {
    Inode inode = 0;
    bool has_lock = false;
  };
  struct NameChange {
    std::string removed;                                // a path, or empty
    std::optional<std::pair<std::string, Inode>> made;  // a path and what it leads to
  };

  // Of each call, first: its error, after which `is_half_done` says whether it leaves a part of its work behind.
  [[nodiscard]] std::error_code enter(bool may_change, bool& is_half_done);
  // Changes of names are done or not; one that fails is not.
  [[nodiscard]] bool is_done_at_stop(bool is_half_done) const { return has_stopped_ && is_half_done; }
  [[nodiscard]] bool coin() { return (random_() & 1U) != 0; }
  [[nodiscard]] DiskFile make_handle(Inode inode, bool has_lock);
  [[nodiscard]] Content& content_of(const DiskFile& file) { return contents_.at(handles_.at(file.number()).inode); }
  void put(Content& content, std::uint64_t offset_bytes, std::string_view bytes);
  void flush_some_sectors(Content& content);
  void change_names(NameChange change);
  void forget_unreachable();
  void close(int number) override;

  std::mt19937 random_;
  std::map<Inode, Content> contents_;
  std::map<std::string, Inode> names_;
  std::map<std::string, Inode> platter_names_;
  std::vector<NameChange> unsynced_names_;
  std::map<int, Handle> handles_;
  Inode next_inode_ = 1;
  int next_handle_ = 1;
  std::uint64_t capacity_bytes_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t calls_ = 0;
  std::uint64_t changes_ = 0;
  std::uint64_t failing_call_ = 0;
  std::uint64_t stopping_call_ = 0;
  std::error_code failure_;
  bool has_stopped_ = false;
};

}  // namespace tailmeter
