// SourceFollower's dealings with what lies under the rotated names of a log: files that had the log's name, and copies.
#include <algorithm>
#include <iterator>
#include <utility>

#include "exporter/tail/decompressor.h"
#include "exporter/tail/source_follower.h"

namespace tailmeter {

// A symbolic link and the file that it leads to may each have rotated names.
std::error_code SourceFollower::find_rotated(const std::string& path, const Name& name, RotatedFiles& look,
                                             std::vector<RotatedFile>& rotated) {
  std::error_code error = look.find(path, rotated);
  if (!name.real_path.empty() && name.real_path != path) {
    std::vector<RotatedFile> more;
    if (const std::error_code more_error = look.find(name.real_path, more)) error = more_error;
    std::move(more.begin(), more.end(), std::back_inserter(rotated));
  }
  return error;
}

// Finds the files that had the name and lost it between two looks: they lie under rotated names that are no older than
// that of the file we knew last. And copies of which nothing was read before the original was truncated.
void SourceFollower::find_passed_by(const std::string& path, Name& name, Look& look) {
  if (name.is_unsettled) settle_rotated(path, name, look);
  if (name.is_unsettled) return;
  std::vector<RotatedFile> rotated;
  const std::error_code error = find_rotated(path, name, look.rotated, rotated);
  look.is_outdated = look.is_outdated || is_absent(error);  // renamed since it was listed
  name.is_look_due = static_cast<bool>(error);
  if (name.is_look_due) {
    name.undecided.emplace();  // whatever lies there
    return;                    // a part of the list would make strangers of those that are settled
  }
  std::vector<std::pair<const RotatedFile*, Fate>> settled;
  std::set<FileIdentity> undecided;
  std::set<FileIdentity> left;
  std::vector<const RotatedFile*> to_read;
  for (const RotatedFile& file : rotated) {
    const Fate fate = fate_of(file, rotated, path, name, look);
    if (fate == Fate::kSettled || fate == Fate::kCopy) settled.emplace_back(&file, fate);
    if (fate == Fate::kToRead) to_read.push_back(&file);
    if (fate == Fate::kUndecided) undecided.insert(file.identity);
    if (fate == Fate::kLeft) left.insert(file.identity);
    // It could not be opened, and another log may have been copied into it since.
    if (fate == Fate::kLeft || fate == Fate::kUndecided) name.unread_rotated.erase(file.identity);
  }
  for (const auto& [file, fate] : settled) settle(*file, fate, name, look.buffer);
  forget_gone(rotated, name);
  for (const RotatedFile* const file : to_read) {
    const Kinship found = kinship_among(*file, to_read, look.buffer);
    if (found == Kinship::kNone)
      name.unread_rotated.insert(file->identity);
    else
      name.unread_rotated.erase(file->identity);
    if (found == Kinship::kUndecided) undecided.insert(file->identity);
  }
  name.left_rotated = std::move(left);
  name.undecided = std::move(undecided);
  std::erase_if(name.damaged_bytes, [&](const auto& entry) { return !name.undecided.contains(entry.first); });
  name.is_look_due = !name.undecided.empty() || (!name.left_rotated.empty() && has_unread(path));
  read_passed_by(path, name, rotated, look);
}

// Of such a log nobody could tell that it was truncated and has grown since: its copy has to be looked at again.
bool SourceFollower::has_unread(const std::string& path) {
  return std::any_of(generations_.begin(), generations_.end(), [&](Generation& generation) {
    if (generation.path() != path || !generation.is_open()) return false;
    generation.refresh();
    return generation.has_unread();
  });
}

// Whether one of them was copied twice before it was truncated: the copy that is not the longest is not to be read.
Kinship SourceFollower::kinship_among(const RotatedFile& rotated, const std::vector<const RotatedFile*>& others,
                                      ReadBuffer& buffer) {
  OpenFile file;
  if (others.size() == 1 || find(rotated.identity) != nullptr) return Kinship::kNone;
  if (open(rotated.path, file)) return Kinship::kUndecided;
  bool is_younger = true;
  for (const RotatedFile* const other : others) {
    OpenFile other_file;
    if (other == &rotated) {
      is_younger = false;
      continue;
    }
    if (open(other->path, other_file)) return Kinship::kUndecided;
    Kinship found = kinship(files_, file, other_file, buffer);
    if (found == Kinship::kNone) continue;
    // Of two that are the same, the younger one is read.
    const bool is_same = kinship(files_, other_file, file, buffer) == Kinship::kOlderCopy;
    if (found == Kinship::kUndecided || !is_same || !is_younger) return found;
  }
  return Kinship::kNone;
}

SourceFollower::Fate SourceFollower::fate_of(const RotatedFile& file, const std::vector<RotatedFile>& rotated,
                                             const std::string& path, Name& name, Look& look) {
  Generation* known = find(file.identity);
  const bool was_found_unread = known != nullptr && is_rotated_unread(*known);
  if (was_found_unread) {
    const Fate fate = fate_of_unread(*known, file, rotated, path, name, look);
    if (fate == Fate::kUndecided && !known->is_open()) return fate;
    if (fate != Fate::kToRead) {
      let_go_of(*known, look);
      known = nullptr;
    }
  }
  const bool is_lost_sight_of = known != nullptr && known->state() != Generation::State::kDone && !known->is_open();
  if (is_lost_sight_of && known->is_failing() && file.name.is_compressed) {
    // Opened again before it is mended, it would not be seen to be given up.
    OpenFile opened;
    if (open(file.path, opened) || !is_whole(opened, file.size_bytes, name)) return Fate::kUndecided;
  }
  if (is_lost_sight_of) return Fate::kToRead;
  if (known != nullptr) return Fate::kSettled;
  const bool was_settled = name.settled_rotated.contains(file.identity);
  const Kinship settled = was_settled ? kinship_to_settled(file, name, look.buffer) : Kinship::kNone;
  if (settled != Kinship::kNone) return settled == Kinship::kUndecided ? Fate::kUndecided : Fate::kSettled;
  // The one that had the name when we looked last.
  const auto last_known = std::find_if(rotated.begin(), rotated.end(),
                                       [&](const RotatedFile& other) { return other.identity == name.identity; });
  const bool is_old = !was_settled && !was_found_unread && last_known != rotated.end() &&
                      file.name.is_older_than(last_known->name) && !name.undecided.contains(file.identity);
  const Fate fate = fate_of_stranger(file, rotated, path, name, look);
  // Old files come and go unseen, compressed or brought back. One that came between those that we know and the last one
  // is not old: a copy that was made before that was renamed, or what became of one of which nothing was read.
  const auto is_settled_and_younger = [&](const RotatedFile& other) {
    const Generation* const reader = find(other.identity);
    const bool is_unread = reader != nullptr && reader->print().position_bytes == 0;  // found, then we were killed
    return other.identity != name.identity && name.settled_rotated.contains(other.identity) && !is_unread &&
           file.name.is_older_than(other.name);
  };
  const bool may_be_unread = !is_old || (std::none_of(rotated.begin(), rotated.end(), is_settled_and_younger) &&
                                         (!file.name.is_compressed || is_unread_missing(path, name, rotated)));
  return fate == Fate::kToRead && !may_be_unread ? Fate::kSettled : fate;
}

// Whether a file of which nothing was read may have been compressed, or one of which nothing was decided, that was left
// and had more written to it, or that was given up.
bool SourceFollower::is_unread_missing(const std::string& path, const Name& name,
                                       const std::vector<RotatedFile>& rotated) const {
  const auto is_missing = [&](const FileIdentity& identity) {
    return std::none_of(rotated.begin(), rotated.end(),
                        [&](const RotatedFile& other) { return other.identity == identity; });
  };
  return std::any_of(name.undecided.begin(), name.undecided.end(), is_missing) ||
         std::any_of(name.left_rotated.begin(), name.left_rotated.end(), is_missing) ||
         std::any_of(
             finished_.begin(), finished_.end(),
             [&](const SavedGeneration& finished) { return finished.may_go_on && is_same_log(finished.path, path); }) ||
         std::any_of(name.unread_rotated.begin(), name.unread_rotated.end(), is_missing) ||
         std::any_of(generations_.begin(), generations_.end(), [&](const Generation& generation) {
           return generation.path() == path && !generation.is_open() && generation.print().is_empty();
         });
}

// Nothing was in it yet, or nothing read before we were down. Its identity proves nothing: another log may have been
// copied into it.
bool SourceFollower::is_rotated_unread(const Generation& generation) {
  return generation.state() != Generation::State::kFollowing && generation.print().is_empty() &&
         (!generation.is_open() || generation.is_at_end());
}

// Of such a file. Nobody appends to a compressed one.
SourceFollower::Fate SourceFollower::fate_of_unread(const Generation& generation, const RotatedFile& unread,
                                                    const std::vector<RotatedFile>& rotated, const std::string& path,
                                                    Name& name, Look& look) {
  if (unread.name.is_compressed) return generation.is_open() ? Fate::kToRead : Fate::kLeft;
  if (unread.size_bytes == 0) return Fate::kToRead;
  return fate_of_stranger(unread, rotated, path, name, look);
}

// Of a file that may be a copy of one that we know, or be becoming one.
SourceFollower::Fate SourceFollower::fate_of_stranger(const RotatedFile& stranger,
                                                      const std::vector<RotatedFile>& rotated, const std::string& path,
                                                      Name& name, Look& look) {
  OpenFile file;
  if (const std::error_code error = open(stranger.path, file)) {
    if (!is_absent(error)) look.troubles.emplace(stranger.path, error);
    look.is_outdated = look.is_outdated || is_absent(error);
    return stranger.identity == name.identity ? Fate::kToRead : Fate::kUndecided;  // it is no copy
  }
  FileStatus status;
  if (file.identity() != stranger.identity || files_.status(stranger.path, status)) {
    look.is_outdated = true;
    return Fate::kUndecided;
  }
  if (stranger.name.is_compressed) {
    if (is_known_by_beginning(path, file, name, look.buffer)) return Fate::kLeft;
    if (!is_whole(file, status.size_bytes, name)) return Fate::kUndecided;
  }
  if (status.size_bytes == 0 && stranger.identity != name.identity) return Fate::kUndecided;  // a copy may be coming
  if (is_copy_of_settled(stranger, file, name, look.buffer)) return Fate::kCopy;
  if (const std::optional<Fate> fate = fate_of_copy(stranger, file, rotated, path, name, look)) return *fate;
  if (has_settled_beginning(file, name, look.buffer)) return Fate::kCopy;
  const Kinship found = kinship_to_finished(path, file, look.buffer);
  if (found == Kinship::kUndecided) return Fate::kUndecided;
  return found == Kinship::kNone ? Fate::kToRead : Fate::kCopy;
}

// kLeft or kUndecided if it is, or may be, a copy of a file that we are reading, or have yet to.
std::optional<SourceFollower::Fate> SourceFollower::fate_of_copy(const RotatedFile& copy, const OpenFile& file,
                                                                 const std::vector<RotatedFile>& rotated,
                                                                 const std::string& path, const Name& name,
                                                                 Look& look) {
  std::vector<std::string> originals{path};
  for (const RotatedFile& other : rotated) {
    const bool is_itself = other.identity == copy.identity;
    if (!other.name.is_compressed && !is_itself && find(other.identity) != nullptr) originals.push_back(other.path);
  }
  std::set<FileIdentity> present;
  for (const RotatedFile& other : rotated) present.insert(other.identity);
  for (const std::string& original : originals) {
    OpenFile log;
    const std::error_code error = open(original, log);
    if (is_absent(error)) continue;
    present.insert(log.identity());
    if (error || copy.size_bytes == 0) return Fate::kUndecided;
    const Kinship found = kinship(files_, file, log, look.buffer);
    if (found != Kinship::kNone) return found == Kinship::kUndecided ? Fate::kUndecided : Fate::kLeft;
  }
  // What is unread of a copy is for note_rewritten() if the file is truncated that it is of, and for give_up_vanished()
  // if that is gone. The rest is in the file itself.
  FileStatus status;
  if (files_.status(file, status)) return Fate::kUndecided;
  for (const Generation& generation : generations_) {
    if (generation.identity() == copy.identity) continue;
    const bool is_of_name = is_same_log(generation.path(), path) || generation.identity() == name.identity;
    if (!is_of_name && generation.size_bytes() != status.size_bytes) continue;
    const bool is_read = generation.is_open() && !generation.may_be_rolled_back();
    const Kinship found = is_read ? kinship_to_read(generation, file, look.buffer)
                                  : kinship_to_unread(generation.save(), file, look.buffer);
    if (found == Kinship::kNone) continue;
    // More is known once the file itself was looked at: it may have been truncated, and have grown since.
    const bool may_tell_more = !is_read && present.contains(generation.identity());
    look.is_outdated = look.is_outdated || (may_tell_more && generation.is_open() && generation.is_due());
    return found == Kinship::kUndecided || may_tell_more ? Fate::kUndecided : Fate::kLeft;
  }
  return std::nullopt;
}

// What a rotated file of the log `path` is to those that were read to their ends, or were truncated. Another one may
// begin with all that such a file had. Of another log it may be the whole file, in a directory that has a new name.
Kinship SourceFollower::kinship_to_finished(const std::string& path, const OpenFile& file, ReadBuffer& buffer) {
  if (finished_.empty()) return Kinship::kNone;
  std::string_view read;
  FileStatus status;
  if (files_.status(file, status) || read_first_bytes(files_, file, buffer, read)) return Kinship::kUndecided;
  const std::string first_bytes(read);
  for (const SavedGeneration& generation : finished_) {
    // There may be thousands: what begins otherwise is not read for each.
    if (!generation.beginning.may_be_of(first_bytes)) continue;
    const Print print = generation.print();
    const std::uint64_t end_bytes = print.position_bytes + print.pending.size();
    if (print.position_bytes == 0) continue;  // it was lost before anything of it was read
    if (status.size_bytes > end_bytes) continue;
    if (status.size_bytes < end_bytes && !is_same_log(generation.path, path)) continue;
    const Kinship found = kinship(files_, file, print, buffer);
    if (found == Kinship::kNone) continue;
    // What a crash left of it may be shorter, with more behind that.
    const bool may_be_left = may_be_left_by_crash(generation, file) && found == Kinship::kOlderCopy;
    const std::uint64_t shared_bytes = print.beginning.shared_with(first_bytes).bytes;
    if (may_be_left && (generation.may_go_on || has_rest_behind(shared_bytes, path, file, buffer))) continue;
    return found;
  }
  return Kinship::kNone;
}

// True if a file of the log `path` goes on where one was given up, no earlier than at `from_bytes`.
bool SourceFollower::has_rest_behind(std::uint64_t from_bytes, const std::string& path, const OpenFile& file,
                                     ReadBuffer& buffer) {
  FileStatus status;
  if (files_.status(file, status)) return false;
  return std::any_of(finished_.begin(), finished_.end(), [&](const SavedGeneration& finished) {
    const Print print = finished.print();
    return finished.may_go_on && print.position_bytes >= from_bytes && print.position_bytes < status.size_bytes &&
           is_same_log(finished.path, path) && kinship(files_, file, print, buffer) == Kinship::kContinuation;
  });
}

// Symbolic links may give it two paths.
bool SourceFollower::is_same_log(const std::string& path, const std::string& other) const {
  const auto real_path_of = [&](const std::string& of) {
    const auto name = names_.find(of);
    return name == names_.end() || name->second.real_path.empty() ? of : name->second.real_path;
  };
  return path == other || real_path_of(path) == real_path_of(other);
}

// Asks for it once for each size that the compressed file has: somebody may be writing it, or nobody any more.
bool SourceFollower::is_whole(const OpenFile& file, std::uint64_t compressed_bytes, Name& name) {
  const auto damaged = name.damaged_bytes.find(file.identity());
  if (damaged != name.damaged_bytes.end() && damaged->second == compressed_bytes) return false;
  FileStatus content;
  const std::error_code error = files_.status(file, content);
  if (is_compression_error(error)) name.damaged_bytes[file.identity()] = compressed_bytes;
  return !error;
}

// What a file is to one that we are reading.
Kinship SourceFollower::kinship_to_read(const Generation& generation, const OpenFile& file, ReadBuffer& buffer) {
  const Print print = generation.print();
  if (print.is_empty()) return kinship(files_, file, generation.file(), buffer);  // many logs may begin alike
  const Kinship found = kinship(files_, file, print, buffer);
  if (found == Kinship::kUndecided) return found;
  const Kinship itself = kinship(files_, generation.file(), print, buffer);
  if (itself == Kinship::kUndecided) {
    FileStatus content;
    const bool is_damaged = is_compression_error(files_.status(generation.file(), content));
    return is_damaged || found != Kinship::kNone ? found : itself;  // what nobody can read is nobody's original
  }
  if (itself != Kinship::kContinuation) {
    // It was written anew since its last turn, and perhaps copied after that.
    return found != Kinship::kNone ? found : kinship(files_, file, generation.file(), buffer);
  }
  FileStatus own;
  FileStatus others;
  if (files_.status(file, others) || files_.status(generation.file(), own)) return Kinship::kUndecided;
  // A copy is no longer than what it is of.
  if (found == Kinship::kNone || others.size_bytes > own.size_bytes) return Kinship::kNone;
  // What they have in common may be no more than a header that many logs begin with.
  if (std::min(print.position_bytes, others.size_bytes) > Beginning::kBytesMax) return found;
  const Kinship copy = kinship(files_, file, generation.file(), buffer);
  return copy == Kinship::kOlderCopy ? found : copy;
}

// What a file is to one that we have not read yet, or cannot: what a crash of the machine left of that, too.
Kinship SourceFollower::kinship_to_unread(const SavedGeneration& place, const OpenFile& file, ReadBuffer& buffer) {
  std::uint64_t rest_bytes = 0;
  return find_rest(place, file, buffer, rest_bytes);
}

// Of a continuation, `rest_bytes` is where it goes on.
Kinship SourceFollower::find_rest(const SavedGeneration& place, const OpenFile& file, ReadBuffer& buffer,
                                  std::uint64_t& rest_bytes) {
  const Print print = place.print();
  const Kinship found = kinship(files_, file, print, buffer);
  rest_bytes = print.position_bytes;
  if (!may_be_left_by_crash(place, file) || found == Kinship::kContinuation || found == Kinship::kUndecided)
    return found;
  std::optional<Landing> left;
  if (find_landing(place, file, buffer, left)) return Kinship::kUndecided;
  if (left) rest_bytes = left->offset_bytes;
  return left ? Kinship::kContinuation : found;
}

// What was a copy of it before that is one still, whatever was written to it since.
bool SourceFollower::may_be_left_by_crash(const SavedGeneration& place, const OpenFile& file) const {
  return place.may_be_rolled_back && !copies_before_crash_.contains(file.identity());
}

// Up to where a file is still the one that we were reading.
std::error_code SourceFollower::find_landing(const SavedGeneration& place, const OpenFile& file, ReadBuffer& buffer,
                                             std::optional<Landing>& landing) {
  return Ladder(place.rungs).descend(files_, file, place.beginning, outlet_.line_ends(), buffer, landing);
}

// Only right after they were judged: what could not be opened before may be a copy by now.
void SourceFollower::read_passed_by(const std::string& path, Name& name, const std::vector<RotatedFile>& rotated,
                                    Look& look) {
  std::set<FileIdentity> unread;
  std::size_t found = 0;
  for (const RotatedFile& file : rotated) {
    if (!name.unread_rotated.contains(file.identity)) continue;
    ++found;
    const bool is_known = find(file.identity) != nullptr;
    if (follow(file.path, path, file.identity, 0, look) == nullptr) {
      unread.insert(file.identity);
      continue;
    }
    settle(file, Fate::kSettled, name, look.buffer);
    if (file.name.is_compressed) forget_unread(path, rotated);
    if (!is_known && file.identity != name.identity)
      outlet_.observer().on_rotation(outlet_.source(), path, Rotation::kRename);
  }
  if (found < name.unread_rotated.size()) name.is_look_due = true;  // it may have been compressed
  name.unread_rotated = std::move(unread);
}

// A compressed file of which we knew nothing is read: it was made of one of which we had read nothing, if one is
// missing.
void SourceFollower::forget_unread(const std::string& path, const std::vector<RotatedFile>& rotated) {
  const auto unread = std::find_if(generations_.begin(), generations_.end(), [&](const Generation& generation) {
    return generation.path() == path && !generation.is_open() && generation.print().is_empty() &&
           std::none_of(rotated.begin(), rotated.end(),
                        [&](const RotatedFile& file) { return file.identity == generation.identity(); });
  });
  if (unread != generations_.end()) forget(unread);
}

}  // namespace tailmeter
