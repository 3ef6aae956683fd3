// One inotify queue over a set of directories, for one kind of hint. See inotify(7).
//
// There are two of these, one for names and one for writes: a flood of writes then cannot crowd out a rename, and the
// loop can sleep through writes without being deaf to names.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "exporter/tail/file_system.h"

namespace tailmeter {

class InotifyQueue {
 public:
  InotifyQueue(Hint::Kind kind, std::uint32_t event_mask);
  ~InotifyQueue();
  InotifyQueue(const InotifyQueue&) = delete;
  InotifyQueue& operator=(const InotifyQueue&) = delete;

  // -1 if the system gave none; watch() then says why and take() finds nothing.
  [[nodiscard]] int fd() const { return fd_; }

  [[nodiscard]] std::error_code watch(std::span<const std::string> directories);
  void take(std::vector<Hint>& hints);

 private:
  void take_event(int watch, std::uint32_t mask, std::string_view name, std::vector<Hint>& hints) const;

  Hint::Kind kind_;
  std::uint32_t event_mask_;
  int fd_;
  std::error_code error_;
  std::map<int, std::vector<std::string>> directories_;  // by watch; two paths to one directory share its watch
};

}  // namespace tailmeter
