#include "exporter/tail/source_follower.h"

#include <algorithm>
#include <utility>

#include "exporter/tail/path.h"
#include "exporter/tail/surplus.h"

namespace tailmeter {
namespace {

bool is_out_of_descriptors(std::error_code error) {
  return error == std::errc::too_many_files_open || error == std::errc::too_many_files_open_in_system;
}

}  // namespace

SourceFollower::SourceFollower(SourceIndex index, const FollowedSource& source, FileSystem& files, LineSink& sink,
                               TailObserver& observer, const Limits& limits)
    : patterns_(source.files.begin(), source.files.end()),
      exclude_(source.exclude.begin(), source.exclude.end()),
      start_at_(source.start_at),
      files_(files),
      limits_(limits),
      outlet_(index, source.line_ends, sink, observer) {
  for (const Glob& pattern : patterns_) literals_.insert(pattern.literal_path());
}

void SourceFollower::rescan(ReadBuffer& buffer, TimePoint now) {
  Expansion expansion;
  for (const Glob& pattern : patterns_) pattern.expand(files_, expansion);
  Look look{
      buffer, now, expansion.bases, RotatedFiles(files_, below_), LostFiles(files_), std::move(expansion.unreadable),
      {}};
  std::vector<Seen> seen;
  for (const std::string& path : candidates(expansion)) {
    FileStatus status;
    const std::error_code error = files_.status(path, status);
    seen.push_back({path, status, error});
  }
  // Not before all that: directories are listed once, and what lost its name before it was seen to is in the list.
  for (const Seen& name : seen) look_at(name, look);
  give_up_vanished(look);
  settle_generations(look);
  forget_names(look);
  directories_ = std::move(expansion.directories);
  for (const auto& [path, name] : names_) {
    if (!name.real_path.empty()) directories_.emplace(parent_directory(name.real_path));
  }
  tell_troubles(std::move(look.troubles));
  is_first_look_ = false;
  is_rescan_due_ = look.is_outdated;
}

void SourceFollower::note_name(const std::string& path) {
  is_rescan_due_ = is_rescan_due_ || path.empty() || concerns(path);
  note_rotated(path);
}

// Something happened to a file that may be a rotated one of ours; an empty path stands for any.
void SourceFollower::note_rotated(const std::string& path) {
  const std::optional<RotatedName> rotated = parse_rotated_name(path);
  for (auto& [log_path, name] : names_) {
    if (!path.empty() && !(rotated && (rotated->base == log_path || rotated->base == name.real_path))) continue;
    name.is_look_due = is_rescan_due_ = true;
  }
}

void SourceFollower::note_writes(const std::unordered_set<std::string>& paths) {
  for (const std::string& path : paths) {
    if (parse_rotated_name(path)) note_rotated(path);
  }
  for (const auto& [path, name] : names_) {
    if (!paths.contains(path) && !paths.contains(name.real_path)) continue;
    if (Generation* const generation = find(name.identity)) generation->set_due();
  }
}

void SourceFollower::note_writes_anywhere() {
  for (Generation& generation : generations_) generation.set_due();
}

void SourceFollower::note_truncation(const Generation& generation) {
  for (auto& [path, name] : names_) {
    if (name.identity == generation.identity()) name.is_look_due = is_rescan_due_ = true;
  }
}

SourceStatus SourceFollower::status() const {
  SourceStatus status;
  status.totals = outlet_.totals();
  status.files_unreadable = troubles_.size();
  for (const Generation& generation : generations_) {
    status.files_following += generation.state() == Generation::State::kFollowing ? 1 : 0;
    status.files_draining += generation.state() == Generation::State::kDraining ? 1 : 0;
    status.files_unreadable += generation.is_failing() ? 1 : 0;
    status.lag_bytes += generation.lag_bytes();
    status.pending_bytes += generation.pending_bytes();
  }
  return status;
}

bool SourceFollower::concerns(const std::string& path) const {
  return directories_.contains(path) ||
         std::any_of(patterns_.begin(), patterns_.end(), [&](const Glob& pattern) { return pattern.leads_to(path); }) ||
         std::any_of(names_.begin(), names_.end(), [&](const auto& name) { return name.second.real_path == path; });
}

// What the patterns match, or matched before it was rotated: files may have come and lost their name between two looks.
// A directory that cannot be listed for a while loses no names.
std::set<std::string> SourceFollower::candidates(const Expansion& expansion) const {
  std::set<std::string> paths;
  for (const std::string& path : expansion.paths) {
    if (!is_left_out(path) && !(is_first_look_at(path) && is_rotated_from(path, expansion.paths))) paths.insert(path);
  }
  for (const std::string& path : expansion.bases) {
    if (!is_left_out(path)) paths.insert(path);
  }
  for (const auto& [path, name] : names_) {
    if (!is_left_out(path)) paths.insert(path);
  }
  return paths;
}

bool SourceFollower::is_left_out(const std::string& path) const {
  return is_excluded(path) ||
         (!literals_.contains(path) && (is_compressed_name(path) || is_rotated_from_followed(path)));
}

bool SourceFollower::is_excluded(const std::string& path) const {
  return std::any_of(exclude_.begin(), exclude_.end(),
                     [&](const Glob& pattern) { return pattern.matches(path) || pattern.matches(file_name(path)); });
}

// At the first look the names are not yet known: what this one is rotated from may be among them. Later it is not
// asked: a log and what was rotated from it may both have come between two looks, unread.
bool SourceFollower::is_rotated_from(const std::string& path, const std::set<std::string>& paths) const {
  const std::optional<RotatedName> rotated = parse_rotated_name(path);
  FileStatus status;
  return rotated && !literals_.contains(path) && paths.contains(rotated->base) && !files_.status(rotated->base, status);
}

// Such a name holds what was read under its base name already, or a copy of that.
bool SourceFollower::is_rotated_from_followed(const std::string& path) const {
  const std::optional<RotatedName> rotated = parse_rotated_name(path);
  if (!rotated) return false;
  const auto base = names_.find(rotated->base);
  return base != names_.end() && base->second.identity.is_known();
}

void SourceFollower::look_at(const Seen& seen, Look& look) {
  const auto& [path, status, status_error] = seen;
  std::error_code error = status_error;
  if (!error && status.type != FileType::kRegular) error = FileError::kNotRegular;
  if (error && !is_absent(error)) look.troubles.emplace(path, error);
  const bool is_gone = is_absent(error) || error == FileError::kNotRegular;
  const bool is_new = !names_.contains(path);
  if (is_gone && is_new && !literals_.contains(path) && !look.bases.contains(path)) return;

  Name& name = is_new ? add_name(path, look) : names_[path];
  if (error && !is_gone) name.is_look_due = true;
  if (is_gone) {
    name.is_present = false;
    find_passed_by(path, name, look);
  } else if (!error && status.identity != name.identity) {
    if (!is_new) change_hands(path, name, look);
    name.identity = status.identity;
    name.start_bytes = is_first_look_at(path) && start_at_ == StartAt::kEnd ? status.size_bytes : 0;
  } else if (!error && (name.is_look_due || !name.is_present || !name.unread_rotated.empty() ||
                        is_empty(name.identity) || has_rotated_unread(path))) {
    find_passed_by(path, name, look);
  }
  if (is_gone || !name.identity.is_known()) return;

  name.is_present = true;
  look.named.insert(name.identity);
  const Generation* const generation = find(name.identity);
  if (generation != nullptr && generation->is_open()) return;
  follow(path, path, name.identity, name.start_bytes, look);
  if ((is_new && name.is_look_due) || is_empty(name.identity)) {
    find_passed_by(path, name, look);
  }
}

SourceFollower::Name& SourceFollower::add_name(const std::string& path, Look& look) {
  Name& name = names_[path];
  if (files_.resolve(path, name.real_path)) name.real_path.clear();  // there is nothing at the path yet
  name.is_look_due = !is_first_look_at(path);
  if (!name.is_look_due) settle_rotated(path, name, look);
  return name;
}

void SourceFollower::change_hands(const std::string& path, Name& name, Look& look) {
  find_passed_by(path, name, look);
  if (name.identity.is_known()) outlet_.observer().on_rotation(outlet_.source(), path, kind_of_rotation(name));

  std::string real_path;
  if (!files_.resolve(path, real_path) && real_path != name.real_path) {
    if (!name.real_path.empty() && left_.size() < LostFiles::kLeftMax) {
      left_.emplace(parent_directory(name.real_path));
    }
    name.real_path = std::move(real_path);
    if (name.real_path != path) settle_rotated(path, name, look);  // of what the link led to before
  }
}

// Of the one by which the file last seen under the name lost it.
Rotation SourceFollower::kind_of_rotation(const Name& name) {
  Generation* const old = find(name.identity);
  if (old == nullptr || !old->is_open())
    return name.unread_rotated.contains(name.identity) ? Rotation::kRename : Rotation::kReplace;
  old->refresh();
  return old->is_unlinked() ? Rotation::kReplace : Rotation::kRename;
}

// A file that is quiet and done gives its descriptor to one that has none.
std::error_code SourceFollower::open(const std::string& path, OpenFile& file) {
  const std::error_code error = files_.open(path, file);
  if (!is_out_of_descriptors(error)) return error;
  const auto spare = std::find_if(generations_.begin(), generations_.end(), [](const Generation& generation) {
    return generation.state() == Generation::State::kDone && generation.is_open();
  });
  if (spare == generations_.end()) return error;
  spare->close();
  return files_.open(path, file);
}

// Opens `path` and reads it as a part of the log `log_path`: from where we were if we had it, else from behind
// `start_bytes`. Null if that did not succeed, or if the path leads to another file by now, or to none: another look
// will find out.
Generation* SourceFollower::follow(const std::string& path, const std::string& log_path, const FileIdentity& identity,
                                   std::uint64_t start_bytes, Look& look) {
  OpenFile file;
  const std::error_code open_error = open(path, file);
  if (is_absent(open_error) || (!open_error && file.identity() != identity)) look.is_outdated = true;
  if (open_error && !is_absent(open_error)) look.troubles.emplace(path, open_error);
  if (open_error || file.identity() != identity) return nullptr;
  if (Generation* const known = find(identity)) {
    known->reopen(std::move(file));
    return known;
  }
  Generation& generation = generations_.emplace_back(files_, outlet_, std::move(file), log_path, look.now);
  std::error_code error;
  if (start_bytes > 0) {
    error = generation.start_at_line_before(start_bytes, look.buffer);
  } else if (resume_finished(generation, path != log_path, look.buffer) == Kinship::kUndecided) {
    error = std::make_error_code(std::errc::io_error);
  } else if (path != log_path && !is_compressed_name(path) && generation.print().is_empty()) {
    error = generation.note_beginning(look.buffer);  // before its first turn a log may be copied into it
  }
  if (error) {
    look.troubles.emplace(path, error);
    generations_.pop_back();
    return nullptr;
  }
  by_identity_.emplace(identity, &generation);
  outlet_.observer().on_open(outlet_.source(), path);
  return &generation;
}

// True for a file of which there was nothing to see yet.
bool SourceFollower::is_empty(const FileIdentity& identity) {
  const Generation* const generation = find(identity);
  return generation != nullptr && generation->is_open() && generation->size_bytes() == 0;
}

bool SourceFollower::has_rotated_unread(const std::string& path) const {
  return std::any_of(generations_.begin(), generations_.end(), [&](const Generation& generation) {
    return generation.path() == path && generation.is_open() && is_rotated_unread(generation);
  });
}

Generation* SourceFollower::find(const FileIdentity& identity) {
  const auto found = by_identity_.find(identity);
  return found == by_identity_.end() ? nullptr : found->second;
}

void SourceFollower::settle_generations(Look& look) {
  forget_let_go();
  for (auto generation = generations_.begin(); generation != generations_.end();) {
    generation->set_named(look.named.contains(generation->identity()), look.now);
    generation->refresh();
    if (is_over(*generation, look)) {
      generation = forget(generation);
    } else {
      ++generation;
    }
  }
  forget_surplus();
}

// True for a generation that is of no more use: its bytes are accounted for, and no name can bring it back.
bool SourceFollower::is_over(Generation& generation, Look& look) {
  const bool is_quiet = look.now - generation.quiet_since() >= limits_.quiet_before_done;
  if (generation.state() == Generation::State::kDraining && is_quiet) {
    if (generation.is_at_end() && generation.finish(look.buffer)) {
      generation.set_done();
      outlet_.observer().on_done(outlet_.source(), generation.path());
    } else if (generation.is_failing() && (generation.is_unlinked() || !generation.is_open())) {
      std::uint64_t copy_bytes = 0;
      if (go_on_in_copy(generation, look, copy_bytes) != Kinship::kContinuation) abandon(generation);
      return true;
    }
  }
  if (generation.state() == Generation::State::kDone) {
    if (generation.is_at_end()) return generation.is_unlinked();
    generation.wake(look.now);
  }
  generation.set_due();
  return false;
}

// What is unread of it is lost. What was read is counted, in copies as well.
void SourceFollower::abandon(Generation& generation) {
  remember_unread(generation);
  generation.abandon();
}

// Its lines are counted, and a copy of it that is made later, by compressing it, is to be known.
std::list<Generation>::iterator SourceFollower::forget(std::list<Generation>::iterator generation) {
  remember(generation->save());
  if (find(generation->identity()) == &*generation) by_identity_.erase(generation->identity());
  return generations_.erase(generation);
}

void SourceFollower::remember(SavedGeneration generation) {
  if (generation.print().is_empty()) return;
  finished_.push_back(std::move(generation));
  if (finished_.size() > limits_.finished_ladders_max) {
    finished_[finished_.size() - limits_.finished_ladders_max - 1].rungs.clear();
  }
}

// Its rest may show in a copy yet.
void SourceFollower::remember_unread(const Generation& generation) {
  SavedGeneration place = generation.save();
  place.may_go_on = true;
  remember(std::move(place));
}

void SourceFollower::forget_surplus() {
  std::vector<std::list<Generation>::iterator> done;
  std::vector<std::string_view> logs;
  for (auto generation = generations_.begin(); generation != generations_.end(); ++generation) {
    if (generation->state() != Generation::State::kDone) continue;
    done.push_back(generation);
    logs.push_back(generation->path());
  }
  const std::vector<bool> is_surplus = find_surplus(logs, limits_.done_generations_max, limits_.done_of_source_max);
  for (std::size_t i = 0; i < done.size(); ++i) {
    if (is_surplus[i]) forget(done[i]);
  }
  forget_surplus_finished();
}

// What is made of one of them later is known by its first bytes.
void SourceFollower::forget_surplus_finished() {
  std::vector<std::string_view> logs;
  for (const SavedGeneration& finished : finished_) logs.push_back(finished.path);
  const std::vector<bool> is_surplus =
      find_surplus(logs, limits_.finished_generations_max, limits_.finished_of_source_max);
  if (std::find(is_surplus.begin(), is_surplus.end(), true) == is_surplus.end()) return;
  std::vector<SavedGeneration> kept;
  for (std::size_t i = 0; i < finished_.size(); ++i) {
    const auto name = names_.find(finished_[i].path);
    if (!is_surplus[i]) {
      kept.push_back(std::move(finished_[i]));
    } else if (name != names_.end()) {
      settle_beginning(finished_[i].beginning, finished_[i].known_bytes, name->second);
    }
  }
  finished_ = std::move(kept);
}

void SourceFollower::forget_names(const Look& look) {
  std::erase_if(names_, [&](const auto& entry) {
    const auto& [path, name] = entry;
    if (literals_.contains(path)) return false;
    const bool is_of_use =
        name.is_present || look.bases.contains(path) || !name.unread_rotated.empty() || find(name.identity) != nullptr;
    return is_left_out(path) || !is_of_use;
  });
}

void SourceFollower::tell_troubles(Troubles troubles) {
  for (const auto& [path, error] : troubles) {
    const auto old = troubles_.find(path);
    if (old == troubles_.end() || old->second != error) outlet_.observer().on_unreadable(outlet_.source(), path, error);
  }
  for (const auto& [path, error] : troubles_) {
    if (troubles.contains(path)) continue;
    const auto name = names_.find(path);
    const bool is_there = name != names_.end() ? name->second.is_present : directories_.contains(path);
    if (is_there) outlet_.observer().on_readable_again(outlet_.source(), path);
  }
  troubles_ = std::move(troubles);
}

}  // namespace tailmeter
