#include "exporter/tail/inotify_queue.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <sys/inotify.h>
#include <unistd.h>

namespace tailmeter {
namespace {

std::error_code last_error() {
  return {errno, std::generic_category()};
}

}  // namespace

InotifyQueue::InotifyQueue(Hint::Kind kind, std::uint32_t event_mask)
    : kind_(kind), event_mask_(event_mask), fd_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (fd_ < 0) error_ = last_error();
}

InotifyQueue::~InotifyQueue() {
  if (fd_ >= 0) ::close(fd_);
}

std::error_code InotifyQueue::watch(std::span<const std::string> directories) {
  if (fd_ < 0) return error_;
  std::error_code first_error;
  std::map<int, std::vector<std::string>> watched;
  for (const std::string& directory : directories) {
    // Adding is also how we learn that the name now stands for another directory: the watch then has another number.
    const int watch = inotify_add_watch(fd_, directory.c_str(), event_mask_ | IN_ONLYDIR);
    if (watch >= 0) {
      watched[watch].push_back(directory);
    } else if (!is_absent(last_error()) && !first_error) {
      first_error = last_error();
    }
  }
  for (const auto& [watch, paths] : directories_) {
    if (!watched.contains(watch)) inotify_rm_watch(fd_, watch);  // fails if the directory is gone: that is as good
  }
  directories_ = std::move(watched);
  return first_error;
}

void InotifyQueue::take(std::vector<Hint>& hints) {
  if (fd_ < 0) return;
  alignas(inotify_event) std::array<char, 64 << 10> buffer;
  for (ssize_t size; (size = ::read(fd_, buffer.data(), buffer.size())) > 0;) {
    for (const char* next = buffer.data(); next < buffer.data() + size;) {
      inotify_event event;
      std::memcpy(&event, next, sizeof event);
      next += sizeof event;
      take_event(event.wd, event.mask, {next, strnlen(next, event.len)}, hints);
      next += event.len;
    }
  }
}

void InotifyQueue::take_event(int watch, std::uint32_t mask, std::string_view name, std::vector<Hint>& hints) const {
  if ((mask & IN_Q_OVERFLOW) != 0) {
    hints.push_back({kind_, {}, {}});
    return;
  }
  const auto found = directories_.find(watch);
  if (found == directories_.end()) return;
  if (kind_ == Hint::Kind::kWrite && name.empty()) return;  // the end of a directory, which is the other queue's news
  for (const std::string& directory : found->second) {
    if (!hints.empty() && hints.back().kind == kind_ && hints.back().directory == directory &&
        hints.back().name == name)
      continue;
    hints.push_back({kind_, directory, std::string(name)});
  }
}

}  // namespace tailmeter
