// SourceFollower's ways back to what it was reading: after the program was stopped, and after a file was rewritten.
#include <algorithm>
#include <utility>

#include "exporter/tail/source_follower.h"

namespace tailmeter {

void SourceFollower::note_rewrite(Generation& generation, ReadBuffer& buffer, TimePoint now) {
  generation.restart(go_on_in_copy(generation, buffer, now).value_or(0), now);
  note_truncation(generation);
}

// Goes on in a copy of the file, in front of what the file has now. Returns the copy's size, nothing if there is none.
std::optional<std::uint64_t> SourceFollower::go_on_in_copy(Generation& generation, ReadBuffer& buffer, TimePoint now) {
  std::optional<OpenFile> copy = find_copy(generation, buffer);
  FileStatus status;
  if (!copy || files_.status(*copy, status)) return std::nullopt;
  SavedGeneration place = generation.save();
  place.identity = copy->identity();
  place.known_bytes =
      std::max(place.offset_bytes + place.oversize_bytes, std::min(place.known_bytes, status.size_bytes));
  const auto original = std::find_if(generations_.begin(), generations_.end(),
                                     [&](const Generation& other) { return &other == &generation; });
  Generation& continued = *generations_.emplace(original, files_, outlet_, place, now);
  continued.reopen(std::move(*copy));
  by_identity_.emplace(place.identity, &continued);
  return status.size_bytes;
}

// What a file that we do not know is to one that we do.
Generation::Kinship SourceFollower::kinship(const RotatedFile& rotated, const FileIdentity& known, ReadBuffer& buffer) {
  OpenFile file;
  const Generation* const generation = find(known);
  if (generation == nullptr || open(rotated.path, file) || file.identity() != rotated.identity) {
    return Generation::Kinship::kNone;
  }
  return generation->kinship(file, buffer);
}

// A copy that logrotate made before it truncated the file.
std::optional<OpenFile> SourceFollower::find_copy(const Generation& generation, ReadBuffer& buffer) {
  for (const auto& [path, name] : names_) {
    if (name.identity != generation.identity() && path != generation.path()) continue;
    RotatedFiles look(files_);
    std::vector<RotatedFile> candidates = rotated_files(path, name, look);
    for (auto candidate = candidates.rbegin(); candidate != candidates.rend(); ++candidate) {  // the youngest first
      OpenFile file;
      if (name.settled_rotated.contains(candidate->identity) || find(candidate->identity) != nullptr) continue;
      if (open(candidate->path, file) || file.identity() != candidate->identity) continue;
      if (generation.kinship(file, buffer) == Generation::Kinship::kContinuation) return file;
    }
  }
  return std::nullopt;
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
                           .settled_rotated = {name.settled_rotated.begin(), name.settled_rotated.end()},
                           .unread_rotated = {name.unread_rotated.begin(), name.unread_rotated.end()}});
  }
  for (const Generation& generation : generations_) saved.generations.push_back(generation.save());
  saved.totals = outlet_.totals();
  return saved;
}

void SourceFollower::restore(const SavedFiles& saved, TimePoint now) {
  restored_patterns_ = std::vector<Glob>(saved.patterns.begin(), saved.patterns.end());
  for (const SavedName& name : saved.names) {
    names_[name.path] = {.is_present = name.is_present,
                         .identity = name.identity,
                         .real_path = name.real_path,
                         .start_bytes = name.start_bytes,
                         .settled_rotated = {name.settled_rotated.begin(), name.settled_rotated.end()},
                         .unread_rotated = {name.unread_rotated.begin(), name.unread_rotated.end()}};
  }
  for (const SavedGeneration& generation : saved.generations) {
    Generation& restored = generations_.emplace_back(files_, outlet_, generation, now);
    by_identity_.emplace(generation.identity, &restored);
  }
  outlet_.restore(saved.totals);
}

bool SourceFollower::is_first_look_at(const std::string& path) const {
  const auto was_followed = [&](const Glob& pattern) { return pattern.matches(path); };
  return is_first_look_ && std::none_of(restored_patterns_.begin(), restored_patterns_.end(), was_followed);
}

// Where the files are now that were being read when the earlier run stopped, and those that came since.
void SourceFollower::find_restored(Look& look) {
  for (auto& [path, name] : names_) {
    find_passed_by(path, name, look);
    read_passed_by(path, name, look);
  }
}

// Files that an earlier run was reading, and that no name leads to any more: a copy will do, or what is left of them is
// lost.
void SourceFollower::give_up_vanished(Look& look) {
  for (auto generation = generations_.begin(); generation != generations_.end();) {
    const FileIdentity identity = generation->identity();
    const bool may_come = std::any_of(names_.begin(), names_.end(), [&](const auto& name) {
      return name.second.unread_rotated.contains(identity) ||
             (name.second.is_present && name.second.identity == identity);
    });
    if (generation->is_open() || may_come) {
      ++generation;
      continue;
    }
    if (!go_on_in_copy(*generation, look.buffer, look.now)) generation->vanish();
    generation = forget(generation);
  }
}

}  // namespace tailmeter
