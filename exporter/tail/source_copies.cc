// SourceFollower's ways with files that were written anew: what is unread of them is read on in copies that were made
// before, and what has another log copied into it is no longer what it was.
#include <algorithm>
#include <utility>

#include "exporter/tail/source_follower.h"

namespace tailmeter {

void SourceFollower::note_rewritten(const std::vector<Generation*>& rewritten, ReadBuffer& buffer, TimePoint now) {
  const std::set<std::string> no_bases;
  Look look{buffer, now, no_bases, RotatedFiles(files_, below_), LostFiles(files_), {}, {}};
  for (Generation* const generation : rewritten) {
    if (generation->is_open()) note_rewrite(*generation, look);  // one before it may have had use for the file
  }
}

void SourceFollower::note_rewrite(Generation& generation, Look& look) {
  const bool may_be_back = generation.may_be_rolled_back();
  SavedGeneration before = generation.save();
  const bool is_truncated = may_be_back && has_copy_ahead(generation, look);
  Kinship came_back = is_truncated ? Kinship::kNone : generation.roll_back(look.buffer);
  if (came_back == Kinship::kContinuation) {
    before.identity = {};  // it is in the file no longer, but copies may hold it, and it is counted
    remember(std::move(before));
  }
  if (came_back == Kinship::kNone && may_be_back && !is_truncated)
    came_back = resume_finished(generation, false, look.buffer);
  if (came_back == Kinship::kNone && may_be_back) generation.note_crash();  // it is true of copies as well
  bool is_copied_into = false;
  if (came_back == Kinship::kNone && is_under_rotated_name(generation, is_copied_into, look))
    came_back = Kinship::kUndecided;
  if (came_back == Kinship::kNone && !is_copied_into && generation.state() != Generation::State::kFollowing) {
    // It may have lost that name since it was written anew, and still be a copy.
    const Kinship found = kinship_to_known(generation, look.buffer);
    if (found == Kinship::kUndecided) came_back = found;
    is_copied_into = found != Kinship::kNone;
  }
  if (came_back == Kinship::kUndecided) generation.postpone();
  if (came_back != Kinship::kNone) return;
  if (is_copied_into) return let_go_of(generation, look);
  generation.restart(keep_unread(generation, look), look.now);
}

// True if there is a copy of all that was read of the log, and of more. So it was not a crash that took the log's end,
// though what it has now may begin alike: it was truncated after that, and it is the new beginning that was cut off.
bool SourceFollower::has_copy_ahead(const Generation& generation, Look& look) {
  const auto name = names_.find(generation.path());
  const Print print = generation.print();
  if (name == names_.end() || generation.state() != Generation::State::kFollowing) return false;
  std::vector<RotatedFile> rotated;
  if (find_rotated(name->first, name->second, look.rotated, rotated)) return false;
  return std::any_of(rotated.begin(), rotated.end(), [&](const RotatedFile& candidate) {
    OpenFile file;
    FileStatus status;
    return !open(candidate.path, file) && kinship(files_, file, print, look.buffer) == Kinship::kContinuation &&
           !files_.status(file, status) && status.size_bytes > print.position_bytes;
  });
}

// What the file of a generation is to those of others that are read, and to what was read of those that are gone or
// were written anew.
Kinship SourceFollower::kinship_to_known(const Generation& generation, ReadBuffer& buffer) {
  for (const Generation& other : generations_) {
    if (&other == &generation || other.path() != generation.path() || !other.is_open()) continue;
    const Kinship found = kinship_to_read(other, generation.file(), buffer);
    if (found == Kinship::kContinuation && !other.is_at_end()) return Kinship::kUndecided;  // it may be needed yet
    if (found != Kinship::kNone) return found;
  }
  return kinship_to_finished(generation.path(), generation.file(), buffer);
}

std::error_code SourceFollower::is_under_rotated_name(const Generation& generation, bool& is_copied_into, Look& look) {
  const auto name = names_.find(generation.path());
  if (name == names_.end() || generation.state() == Generation::State::kFollowing) return {};
  std::vector<RotatedFile> rotated;
  const std::error_code error = find_rotated(name->first, name->second, look.rotated, rotated);
  is_copied_into = std::any_of(rotated.begin(), rotated.end(),
                               [&](const RotatedFile& file) { return file.identity == generation.identity(); });
  return is_copied_into ? std::error_code() : error;
}

// Somebody copied another log into the file that it has: what is there now is judged as that of any file found there.
void SourceFollower::let_go_of(Generation& generation, Look& look) {
  by_identity_.erase(generation.identity());
  unsettle(generation.identity());
  generation.let_go(keep_unread(generation, look));
  note_closed(generation);
}

void SourceFollower::note_closed(const Generation& generation) {
  const auto name = names_.find(generation.path());
  if (name != names_.end()) name->second.is_look_due = is_rescan_due_ = true;
}

void SourceFollower::forget_let_go() {
  std::erase_if(generations_, [](const Generation& generation) { return generation.has_let_go(); });
}

// Of a file that was written anew, what is unread goes on in a copy. Returns up to where of the file it is there.
std::uint64_t SourceFollower::keep_unread(Generation& generation, Look& look) {
  std::uint64_t saved_bytes = 0;
  note_truncation(generation);
  const Kinship found = go_on_in_copy(generation, look, saved_bytes);
  if (found != Kinship::kUndecided) {
    SavedGeneration before = generation.save();
    before.may_go_on = found != Kinship::kContinuation;
    remember(std::move(before));
    return saved_bytes;
  }
  // It waits on its own until the copy can be read; it has no file, and so no identity.
  SavedGeneration place = generation.save();
  place.identity = {};
  generations_.emplace(iterator_of(generation), files_, outlet_, place, look.now);
  return place.known_bytes;
}

// Goes on in a copy of the file, of `copy_bytes`, in front of what the file has now.
Kinship SourceFollower::go_on_in_copy(Generation& generation, Look& look, std::uint64_t& copy_bytes) {
  OpenFile copy;
  const Kinship found = find_copy(generation, look, copy);
  if (found != Kinship::kContinuation) return found;
  FileStatus status;
  if (files_.status(copy, status)) return Kinship::kUndecided;
  copy_bytes = status.size_bytes;
  if (Generation* const reader = find(copy.identity())) let_go_of(*reader, look);
  if (find(copy.identity()) != nullptr) return Kinship::kUndecided;  // the rest of what that one was reading is there
  SavedGeneration place = generation.save();
  place.identity = copy.identity();
  const std::uint64_t position_bytes = place.offset_bytes + place.oversize_bytes;
  place.known_bytes = std::max(position_bytes, std::min(place.known_bytes, copy_bytes));
  place.pending.resize(std::min<std::uint64_t>(place.pending.size(), place.known_bytes - position_bytes));
  Generation& continued = *generations_.emplace(iterator_of(generation), files_, outlet_, place, look.now);
  continued.reopen(std::move(copy));
  by_identity_.emplace(place.identity, &continued);
  note_closed(generation);  // now that it is known which one is the copy, others are none
  return found;
}

// A copy that logrotate made before it truncated the file, perhaps compressed since; or the file itself, compressed. Of
// several the oldest, or a longer copy of that: copying may have been cut short.
Kinship SourceFollower::find_copy(const Generation& generation, Look& look, OpenFile& copy) {
  Kinship result = Kinship::kNone;
  for (const auto& [path, name] : names_) {
    if (name.identity != generation.identity() && path != generation.path()) continue;
    std::vector<RotatedFile> candidates;
    if (find_rotated(path, name, look.rotated, candidates) && result == Kinship::kNone) result = Kinship::kUndecided;
    for (const RotatedFile& candidate : candidates) {
      OpenFile file;
      const Kinship found = kinship_to_candidate(candidate, name, generation, look.buffer, file);
      if (found == Kinship::kUndecided && result == Kinship::kNone) result = found;
      if (found != Kinship::kContinuation) continue;
      const bool is_longer = !copy.is_open() || kinship(files_, copy, file, look.buffer) == Kinship::kOlderCopy;
      if (!is_longer) continue;  // it is a younger log with the same header
      copy = std::move(file);
      result = found;
    }
  }
  return find_held_copy(generation, look.buffer, copy) ? Kinship::kContinuation : result;
}

// kContinuation if what is unread of `generation` is in the file, and the file is not that of another one that begins
// with the same header.
Kinship SourceFollower::kinship_to_candidate(const RotatedFile& candidate, const Name& name,
                                             const Generation& generation, ReadBuffer& buffer, OpenFile& file) {
  const auto settled = name.settled_rotated.find(candidate.identity);
  // What is read there may have been another file when that was settled.
  const bool is_untouched =
      settled != name.settled_rotated.end() && settled->second.is_of(candidate) && find(candidate.identity) == nullptr;
  if (is_untouched || candidate.identity == generation.identity()) return Kinship::kNone;
  const std::error_code error = open(candidate.path, file);  // it may have been compressed since it was listed
  if (error || file.identity() != candidate.identity) return Kinship::kUndecided;
  const Kinship found = kinship_to_unread(generation.save(), file, buffer);
  if (found == Kinship::kNone) return found;
  const std::uint64_t position_bytes = generation.print().position_bytes;
  for (const Kinship to_another : {kinship_to_readers(candidate, file, generation, buffer),
                                   kinship_to_finished_beyond(generation.path(), file, position_bytes, buffer)}) {
    if (to_another != Kinship::kNone) return to_another == Kinship::kUndecided ? to_another : Kinship::kNone;
  }
  return found;
}

// What was copied into a file that has lost its name since is there for `generation` alone. If that is more than in
// `copy`, its reader has to give the file away.
bool SourceFollower::find_held_copy(const Generation& generation, ReadBuffer& buffer, OpenFile& copy) {
  FileStatus longest;
  if (copy.is_open() && files_.status(copy, longest)) return false;
  Generation* holder = nullptr;
  for (Generation& other : generations_) {
    const bool is_without_name = &other != &generation && other.path() == generation.path() && !is_log(other);
    FileStatus status;
    if (!is_without_name || !other.is_open() || files_.status(other.file(), status)) continue;
    if (status.size_bytes <= longest.size_bytes) continue;
    if (kinship(files_, other.file(), generation.print(), buffer) != Kinship::kContinuation) continue;
    if (kinship(files_, other.file(), other.print(), buffer) != Kinship::kNone) continue;
    const std::uint64_t position_bytes = generation.print().position_bytes;
    if (kinship_to_rolled_back(other, other.file(), position_bytes, buffer) != Kinship::kNone) continue;
    longest = status;
    holder = &other;
  }
  if (holder != nullptr) copy = holder->release();
  return holder != nullptr;
}

// True if the file that has its name is the one that is open.
bool SourceFollower::is_log(const Generation& generation) const {
  const auto name = names_.find(generation.path());
  return generation.is_open() && name != names_.end() && name->second.is_present &&
         name->second.identity == generation.identity();
}

// kContinuation if more than `position_bytes` of a file of the log `path` is what was read of another one that has come
// to its end, and nothing else; or what a crash of the machine left of that, if the file itself is back.
Kinship SourceFollower::kinship_to_finished_beyond(const std::string& path, const OpenFile& file,
                                                   std::uint64_t position_bytes, ReadBuffer& buffer) {
  FileStatus status;
  std::string_view read;
  if (files_.status(file, status) || read_first_bytes(files_, file, buffer, read)) return Kinship::kUndecided;
  const std::string first_bytes(read);
  for (const SavedGeneration& finished : finished_) {
    if (!is_same_log(finished.path, path)) continue;
    if (finished.may_be_rolled_back && finished.identity == file.identity()) {
      std::optional<Landing> left;
      if (find_landing(finished, file, buffer, left)) return Kinship::kUndecided;
      if (left && left->offset_bytes > position_bytes) return Kinship::kContinuation;
    }
    const Print print = finished.print();
    const bool is_all = status.size_bytes == print.position_bytes;
    const bool is_more = print.beginning.shared_with(first_bytes).bytes > position_bytes;
    if (status.size_bytes > print.position_bytes || !(is_all || is_more)) continue;
    const Kinship found = kinship(files_, file, print, buffer);
    if (found != Kinship::kNone) return found == Kinship::kUndecided ? found : Kinship::kContinuation;
  }
  return Kinship::kNone;
}

// kContinuation if a crash of the machine left more than `position_bytes` of what `reader` was reading in its file.
Kinship SourceFollower::kinship_to_rolled_back(const Generation& reader, const OpenFile& file,
                                               std::uint64_t position_bytes, ReadBuffer& buffer) {
  std::optional<Landing> left;
  if (!reader.may_be_rolled_back()) return Kinship::kNone;
  if (find_landing(reader.save(), file, buffer, left)) return Kinship::kUndecided;
  return left && left->offset_bytes > position_bytes ? Kinship::kContinuation : Kinship::kNone;
}

// kContinuation for a file that is read already, and for a copy of a log that is read in the place of `generation`, or
// was for longer, and which may have begun like that; kNone for a file that we were reading when another log was copied
// into it.
Kinship SourceFollower::kinship_to_readers(const RotatedFile& rotated, const OpenFile& file,
                                           const Generation& generation, ReadBuffer& buffer) {
  const std::uint64_t position_bytes = generation.print().position_bytes;
  if (const Generation* const reader = find(rotated.identity)) {
    const Kinship read = kinship(files_, file, reader->print(), buffer);
    if (read == Kinship::kContinuation || read == Kinship::kUndecided) return read;
    const Kinship left = kinship_to_rolled_back(*reader, file, position_bytes, buffer);
    if (left != Kinship::kNone) return left;
    // What a crash left of `generation` would be in its own file.
    const Kinship own = kinship(files_, file, generation.print(), buffer);
    if (own != Kinship::kContinuation) return own == Kinship::kUndecided ? own : Kinship::kContinuation;
  }
  Kinship result = Kinship::kNone;
  for (const Generation& other : generations_) {
    if (&other == &generation || other.path() != generation.path()) continue;
    const Print print = other.print();
    if (!other.is_open() && print.position_bytes <= position_bytes) continue;
    const Kinship read = print.is_empty() ? Kinship::kContinuation : kinship(files_, file, print, buffer);
    if (read == Kinship::kNone) continue;
    const Kinship found = other.is_open() && read != Kinship::kUndecided ? kinship_to_read(other, file, buffer) : read;
    if (found == Kinship::kContinuation || (found == Kinship::kOlderCopy && other.is_open())) {
      return Kinship::kContinuation;
    }
    if (found == Kinship::kUndecided) result = found;
  }
  return result;
}

}  // namespace tailmeter
