// What inotify would tell of the simulated files, as RealFileSystem hands it on: see inotify_queue.h.
//
// A watch is on a directory, not on its name. Names and writes have a queue each; the end of a queue that is full is
// the hint that some were dropped.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/tail/file_system.h"
#include "test/simulation/simulated_inodes.h"

namespace tailmeter {

class SimulatedHints {
 public:
  using Directory = std::pair<Inode::Index, std::string>;  // and the path that it is watched under

  // False if one of the directories needed a watch that there is not.
  [[nodiscard]] bool watch(const std::vector<Directory>& directories);
  void take(std::vector<Hint>& hints);
  void wake_on_writes(bool wanted) { wakes_on_writes_ = wanted; }

  // True while somebody who waits for hints would be woken.
  [[nodiscard]] bool is_ready() const;

  // The world's side.
  void note(Hint::Kind kind, Inode::Index directory, std::string_view name);
  void note_removal(Inode::Index directory);  // of the directory, and so of its watch
  void forget_all();

  // Faults, until further notice.
  void limit_queue(std::size_t events) { events_max_ = events; }
  void refuse_watches(bool is_refused) { is_refused_ = is_refused; }  // but those that there are
  void drop_all(bool is_dropped) { is_dropped_ = is_dropped; }

 private:
  struct Watch {
    Inode::Index directory = Inode::kNone;
    int number = 0;  // never used again
  };
  struct Event {
    int watch = 0;
    std::string name;
    bool operator==(const Event&) const = default;
  };
  struct Queue {
    std::vector<Event> events;
    bool has_overflowed = false;
    [[nodiscard]] bool is_empty() const { return events.empty() && !has_overflowed; }
  };

  void take(Hint::Kind kind, std::vector<Hint>& hints);
  [[nodiscard]] Queue& queue(Hint::Kind kind) { return queues_[kind == Hint::Kind::kNames ? 0 : 1]; }

  std::vector<Watch> watches_;
  std::vector<std::pair<int, std::string>> paths_;  // by watch, also where the directory is gone
  std::array<Queue, 2> queues_;
  int next_number_ = 1;
  std::size_t events_max_ = std::numeric_limits<std::size_t>::max();
  bool wakes_on_writes_ = true;
  bool is_refused_ = false;
  bool is_dropped_ = false;
};

}  // namespace tailmeter
