#include "test/simulation/simulated_hints.h"

#include <algorithm>

namespace tailmeter {

bool SimulatedHints::watch(const std::vector<Directory>& directories) {
  bool are_all_watched = true;
  std::vector<Watch> watches;
  paths_.clear();
  const auto find_in = [](const std::vector<Watch>& in, Inode::Index directory) {
    return std::find_if(in.begin(), in.end(), [&](const Watch& watch) { return watch.directory == directory; });
  };
  for (const auto& [directory, path] : directories) {
    auto found = find_in(watches, directory);
    if (found == watches.end()) {
      const auto old = find_in(watches_, directory);
      if (old == watches_.end() && is_refused_) {
        are_all_watched = false;
        continue;
      }
      found = watches.insert(watches.end(), old == watches_.end() ? Watch{directory, next_number_++} : *old);
    }
    paths_.emplace_back(found->number, path);
  }
  watches_ = std::move(watches);
  return are_all_watched;
}

void SimulatedHints::take(std::vector<Hint>& hints) {
  take(Hint::Kind::kNames, hints);
  take(Hint::Kind::kWrite, hints);
}

void SimulatedHints::take(Hint::Kind kind, std::vector<Hint>& hints) {
  Queue& taken = queue(kind);
  for (const Event& event : taken.events) {
    for (const auto& [watch, path] : paths_) {
      const bool is_repeated = !hints.empty() && hints.back().kind == kind && hints.back().directory == path &&
                               hints.back().name == event.name;
      if (watch == event.watch && !is_repeated) hints.push_back({kind, path, event.name});
    }
  }
  if (taken.has_overflowed) hints.push_back({kind, {}, {}});
  taken.events.clear();
  taken.has_overflowed = false;
}

bool SimulatedHints::is_ready() const {
  return !queues_[0].is_empty() || (wakes_on_writes_ && !queues_[1].is_empty());
}

void SimulatedHints::note(Hint::Kind kind, Inode::Index directory, std::string_view name) {
  if (is_dropped_) return;
  for (const Watch& watch : watches_) {
    if (watch.directory != directory) continue;
    Queue& queued = queue(kind);
    Event event{watch.number, std::string(name)};
    if (queued.events.size() >= events_max_) {
      queued.has_overflowed = true;
    } else if (queued.events.empty() || queued.events.back() != event) {
      queued.events.push_back(std::move(event));
    }
  }
}

void SimulatedHints::note_removal(Inode::Index directory) {
  note(Hint::Kind::kNames, directory, {});
  std::erase_if(watches_, [&](const Watch& watch) { return watch.directory == directory; });
}

void SimulatedHints::forget_all() {
  watches_.clear();
  paths_.clear();
  queues_ = {};
  wakes_on_writes_ = true;
}

}  // namespace tailmeter
