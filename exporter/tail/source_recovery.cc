// SourceFollower's ways back to what it was reading: after the program was stopped, and after a file was rewritten.
#include <algorithm>
#include <iterator>
#include <utility>

#include "exporter/tail/source_follower.h"

namespace tailmeter {

void SourceFollower::note_rewrite(Generation& generation, ReadBuffer& buffer, TimePoint now) {
  const bool may_be_back = generation.may_be_rolled_back();
  Kinship came_back = generation.roll_back(buffer);
  if (came_back == Kinship::kNone && may_be_back) came_back = resume_finished(generation, buffer);
  if (came_back == Kinship::kUndecided) generation.postpone();
  if (came_back != Kinship::kNone) return;
  if (may_be_back) generation.note_crash();  // it is true of copies as well
  std::uint64_t saved_bytes = 0;
  const Kinship found = go_on_in_copy(generation, buffer, now, saved_bytes);
  if (found == Kinship::kUndecided) {
    // What is unread of it waits on its own until the copy can be read; it has no file, and so no identity.
    SavedGeneration place = generation.save();
    place.identity = {};
    saved_bytes = place.known_bytes;
    generations_.emplace(iterator_of(generation), files_, outlet_, place, now);
  } else {
    remember(generation.save());
  }
  generation.restart(saved_bytes, now);
  if (found != Kinship::kUndecided) note_truncation(generation);
}

// After a crash of the machine: goes on where we were in a file that had come to its end, and is back, for the crash
// undid that it was removed or truncated. It may be back in part, with more written behind that.
Kinship SourceFollower::resume_finished(Generation& generation, ReadBuffer& buffer) {
  for (auto finished = finished_.rbegin(); finished != finished_.rend(); ++finished) {
    if (finished->identity != generation.identity()) continue;
    SavedGeneration place = *finished;
    place.may_be_rolled_back = true;
    const Kinship found = kinship_to_unread(place, generation.file(), buffer);
    if (found == Kinship::kUndecided) return found;
    if (found != Kinship::kContinuation) continue;
    generation.resume(*finished);
    finished_.erase(std::next(finished).base());
    return found;
  }
  return Kinship::kNone;
}

// Goes on in a copy of the file, of `copy_bytes`, in front of what the file has now.
Kinship SourceFollower::go_on_in_copy(Generation& generation, ReadBuffer& buffer, TimePoint now,
                                      std::uint64_t& copy_bytes) {
  OpenFile copy;
  const Kinship found = find_copy(generation, buffer, copy);
  if (found != Kinship::kContinuation) return found;
  FileStatus status;
  if (files_.status(copy, status)) return Kinship::kUndecided;
  copy_bytes = status.size_bytes;
  SavedGeneration place = generation.save();
  place.identity = copy.identity();
  place.known_bytes = std::max(place.offset_bytes + place.oversize_bytes, std::min(place.known_bytes, copy_bytes));
  Generation& continued = *generations_.emplace(iterator_of(generation), files_, outlet_, place, now);
  continued.reopen(std::move(copy));
  by_identity_.emplace(place.identity, &continued);
  return found;
}

std::list<Generation>::iterator SourceFollower::iterator_of(const Generation& generation) {
  return std::find_if(generations_.begin(), generations_.end(),
                      [&](const Generation& other) { return &other == &generation; });
}

SavedFiles SourceFollower::save() const {
  SavedFiles saved;
  for (const Glob& pattern : patterns_) saved.patterns.push_back(pattern.text());
  for (const auto& [path, name] : names_) {
    saved.names.push_back({.path = path,
                           .identity = name.identity,
                           .real_path = name.real_path,
                           .start_bytes = name.start_bytes,
                           .is_present = name.is_present,
                           .is_unsettled = name.is_unsettled,
                           .settled_rotated = {name.settled_rotated.begin(), name.settled_rotated.end()},
                           .settled_heads = {name.settled_heads.begin(), name.settled_heads.end()},
                           .unread_rotated = {name.unread_rotated.begin(), name.unread_rotated.end()},
                           .undecided = {name.undecided.begin(), name.undecided.end()}});
  }
  for (const Generation& generation : generations_) saved.generations.push_back(generation.save());
  saved.finished = finished_;
  saved.below = {below_.begin(), below_.end()};
  saved.totals = outlet_.totals();
  return saved;
}

void SourceFollower::restore(const SavedFiles& saved, bool is_other_boot, TimePoint now) {
  restored_patterns_ = std::vector<Glob>(saved.patterns.begin(), saved.patterns.end());
  for (const SavedName& name : saved.names) {
    names_[name.path] = {.is_present = name.is_present,
                         .identity = name.identity,
                         .real_path = name.real_path,
                         .start_bytes = name.start_bytes,
                         .settled_rotated = {name.settled_rotated.begin(), name.settled_rotated.end()},
                         .settled_heads = {name.settled_heads.begin(), name.settled_heads.end()},
                         .unread_rotated = {name.unread_rotated.begin(), name.unread_rotated.end()},
                         .undecided = {name.undecided.begin(), name.undecided.end()},
                         .damaged_bytes = {},
                         .is_look_due = true,
                         .is_unsettled = name.is_unsettled};
  }
  for (const SavedGeneration& generation : saved.generations) {
    Generation& restored = generations_.emplace_back(files_, outlet_, generation, now);
    if (is_other_boot) restored.note_crash();
    if (generation.identity.is_known()) by_identity_.emplace(generation.identity, &restored);
  }
  finished_ = saved.finished;
  below_ = {saved.below.begin(), saved.below.end()};
  outlet_.restore(saved.totals);
}

bool SourceFollower::is_first_look_at(const std::string& path) const {
  const auto was_followed = [&](const Glob& pattern) { return pattern.matches(path); };
  return is_first_look_ && std::none_of(restored_patterns_.begin(), restored_patterns_.end(), was_followed);
}

// Files that were being read, and that are open no longer, nor does a name lead to them: a copy will do, or what is
// left of them is lost.
void SourceFollower::give_up_vanished(Look& look) {
  for (auto generation = generations_.begin(); generation != generations_.end();) {
    if (generation->is_open() || generation->state() == Generation::State::kDone || may_come(*generation)) {
      ++generation;
      continue;
    }
    const auto name = names_.find(generation->path());
    const bool is_look_due = name != names_.end() && name->second.is_look_due;
    std::uint64_t copy_bytes = 0;
    const Kinship found = go_on_in_copy(*generation, look.buffer, look.now, copy_bytes);
    const bool is_undecided = found == Kinship::kUndecided || (found != Kinship::kContinuation && is_look_due);
    if (is_undecided && look.now - generation->quiet_since() < limits_.quiet_before_done) {
      ++generation;
      continue;
    }
    if (is_undecided) {
      generation->abandon();
    } else if (found != Kinship::kContinuation) {
      generation->vanish();
    }
    generation = forget(generation);
  }
}

// True if it is known where the file is.
bool SourceFollower::may_come(const Generation& generation) const {
  const FileIdentity& identity = generation.identity();
  return identity.is_known() && std::any_of(names_.begin(), names_.end(), [&](const auto& entry) {
           const Name& name = entry.second;
           return name.unread_rotated.contains(identity) || (name.is_present && name.identity == identity);
         });
}

}  // namespace tailmeter
