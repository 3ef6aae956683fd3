// SourceFollower's ways back to what it was reading after the program was stopped, or the machine.
#include <algorithm>
#include <iterator>
#include <utility>

#include "exporter/tail/source_follower.h"

namespace tailmeter {
namespace {

std::vector<SettledFile> saved_settled(const std::map<FileIdentity, FileMark>& settled) {
  std::vector<SettledFile> saved;
  for (const auto& [identity, mark] : settled) saved.push_back({identity, mark});
  return saved;
}

std::map<FileIdentity, FileMark> settled_of(const SavedName& name) {
  std::map<FileIdentity, FileMark> settled;
  for (const SettledFile& file : name.settled_rotated) settled.emplace(file.identity, file.mark);
  return settled;
}

}  // namespace

// Goes on where we were in a file that had come to its end, and is back. After a crash of the machine: the crash undid
// that it was removed or truncated, and it may be back in part, with more written behind that. Or in one that was given
// up, of which a copy shows under a rotated name: its directory was away, or nobody could read it. What was read of the
// file itself comes first, and that of which most is there: others may begin with the same header.
Kinship SourceFollower::resume_finished(Generation& generation, bool is_rotated, ReadBuffer& buffer) {
  const auto is_back = [&](const SavedGeneration& finished) { return finished.identity == generation.identity(); };
  const auto may_be_copied = [&](const SavedGeneration& finished) {
    return is_rotated && finished.may_go_on && !is_back(finished) && is_same_log(finished.path, generation.path());
  };
  const Kinship found = resume_finished_if(is_back, generation, buffer);
  return found == Kinship::kNone ? resume_finished_if(may_be_copied, generation, buffer) : found;
}

Kinship SourceFollower::resume_finished_if(const std::function<bool(const SavedGeneration&)>& may_be,
                                           Generation& generation, ReadBuffer& buffer) {
  auto last = finished_.end();
  std::uint64_t last_bytes = 0;
  for (auto finished = finished_.begin(); finished != finished_.end(); ++finished) {
    if (!may_be(*finished)) continue;
    std::uint64_t rest_bytes = 0;
    const Kinship found = find_rest(*finished, generation.file(), buffer, rest_bytes);
    if (found == Kinship::kUndecided) return found;
    if (found != Kinship::kContinuation || rest_bytes < last_bytes) continue;
    last = finished;
    last_bytes = rest_bytes;
  }
  if (last == finished_.end()) return Kinship::kNone;
  generation.resume(*last);
  finished_.erase(last);
  return Kinship::kContinuation;
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
                           .settled_rotated = saved_settled(name.settled_rotated),
                           .settled_beginnings = name.settled_beginnings,
                           .unread_rotated = {name.unread_rotated.begin(), name.unread_rotated.end()},
                           .left_rotated = {name.left_rotated.begin(), name.left_rotated.end()},
                           .undecided = {name.undecided.begin(), name.undecided.end()}});
  }
  for (const Generation& generation : generations_) saved.generations.push_back(generation.save());
  saved.finished = finished_;
  saved.below = {below_.old.begin(), below_.old.end()};
  saved.own_logs = {below_.own_logs.begin(), below_.own_logs.end()};
  saved.left = {left_.begin(), left_.end()};
  saved.totals = outlet_.totals();
  return saved;
}

bool SourceFollower::is_followed(const std::string& path) const {
  const auto matches = [&](const Glob& pattern) { return pattern.matches(path); };
  return std::any_of(patterns_.begin(), patterns_.end(), matches) && !is_excluded(path);
}

void SourceFollower::restore(const SavedFiles& saved, bool is_other_boot, TimePoint now) {
  restored_patterns_ = std::vector<Glob>(saved.patterns.begin(), saved.patterns.end());
  for (const SavedName& name : saved.names) {
    if (!is_followed(name.path)) continue;
    names_[name.path] = {.is_present = name.is_present,
                         .identity = name.identity,
                         .real_path = name.real_path,
                         .start_bytes = name.start_bytes,
                         .settled_rotated = settled_of(name),
                         .gone_rotated = {},
                         .settled_beginnings = name.settled_beginnings,
                         .unread_rotated = {name.unread_rotated.begin(), name.unread_rotated.end()},
                         .left_rotated = {name.left_rotated.begin(), name.left_rotated.end()},
                         .undecided = {name.undecided.begin(), name.undecided.end()},
                         .damaged_bytes = {},
                         .is_look_due = true,
                         .is_unsettled = name.is_unsettled};
    if (is_other_boot) copies_before_crash_.insert(name.left_rotated.begin(), name.left_rotated.end());
  }
  for (const SavedGeneration& generation : saved.generations) {
    if (!is_followed(generation.path)) continue;
    Generation& restored = generations_.emplace_back(files_, outlet_, generation, now);
    if (is_other_boot) restored.note_crash();
    if (generation.identity.is_known()) by_identity_.emplace(generation.identity, &restored);
  }
  finished_ = saved.finished;
  if (is_other_boot) {
    for (SavedGeneration& finished : finished_) finished.may_be_rolled_back = true;
  }
  below_ = {{saved.below.begin(), saved.below.end()}, {saved.own_logs.begin(), saved.own_logs.end()}};
  left_ = {saved.left.begin(), saved.left.end()};
  outlet_.restore(saved.totals);
}

SavedFiles SourceFollower::unfollowed(const SavedFiles& saved) const {
  SavedFiles left;
  left.patterns = saved.patterns;
  left.below = saved.below;
  left.own_logs = saved.own_logs;
  left.left = saved.left;
  const auto is_left = [&](const auto& entry) { return !is_followed(entry.path); };
  std::copy_if(saved.names.begin(), saved.names.end(), std::back_inserter(left.names), is_left);
  std::copy_if(saved.generations.begin(), saved.generations.end(), std::back_inserter(left.generations), is_left);
  std::copy_if(saved.finished.begin(), saved.finished.end(), std::back_inserter(left.finished), is_left);
  return left;
}

void SourceFollower::release_files(OpenFiles& files) {
  for (Generation& generation : generations_) {
    if (generation.is_open()) files.emplace(generation.identity(), generation.release());
  }
}

void SourceFollower::take_files(OpenFiles& files) {
  for (Generation& generation : generations_) {
    const auto file = files.find(generation.identity());
    if (generation.is_open() || file == files.end()) continue;
    generation.reopen(std::move(file->second));
    files.erase(file);
  }
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
    const Kinship again = find_again(*generation, look);
    if (generation->is_open() || generation->has_let_go()) continue;
    const auto name = names_.find(generation->path());
    const bool is_look_due = name != names_.end() && name->second.is_look_due;
    const bool is_quiet = look.now - generation->quiet_since() >= limits_.quiet_before_done;
    std::uint64_t copy_bytes = 0;
    const bool may_recover = again == Kinship::kUndecided && !is_quiet && !generation->is_failing();
    const Kinship found = may_recover ? again : go_on_in_copy(*generation, look, copy_bytes);
    const bool is_undecided = found != Kinship::kContinuation &&
                              (again == Kinship::kUndecided || found == Kinship::kUndecided || is_look_due);
    if (is_undecided && !is_quiet) {
      ++generation;
      continue;
    }
    if (found != Kinship::kContinuation) {
      remember_unread(*generation);
      unsettle(generation->identity());  // if it comes back, there may be more in it than was read
      // What was taken for a copy of it may be more than that.
      if (name != names_.end() && !name->second.left_rotated.empty())
        name->second.is_look_due = look.is_outdated = true;
      generation->vanish(is_undecided ? LossReason::kUnreadable : LossReason::kVanished);
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

// It may lie where its rotated names are not sought. Then it is opened; or let go of, if it was written anew.
Kinship SourceFollower::find_again(Generation& generation, Look& look) {
  const auto name = names_.find(generation.path());
  if (!generation.identity().is_known() || name == names_.end()) return Kinship::kNone;
  const std::string path = look.lost.find(generation.identity(), generation.path(), name->second.real_path, left_);
  if (path.empty()) return Kinship::kNone;
  OpenFile file;
  if (const std::error_code error = open(path, file)) {
    if (!is_absent(error)) look.troubles.emplace(path, error);
    return Kinship::kUndecided;
  }
  if (file.identity() != generation.identity()) return Kinship::kUndecided;
  const SavedGeneration place = generation.save();
  const bool is_unread = place.print().is_empty() && !is_compressed_name(path);
  const Kinship found = is_unread ? Kinship::kContinuation : kinship_to_unread(place, file, look.buffer);
  if (found == Kinship::kContinuation) generation.reopen(std::move(file));
  if (found == Kinship::kNone || found == Kinship::kOlderCopy) let_go_of(generation, look);
  return found;
}

}  // namespace tailmeter
