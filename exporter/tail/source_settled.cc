// SourceFollower's memory of the files under rotated names that are not to be read: those that were there before us,
// those that are read, and copies of them.
#include <algorithm>
#include <set>

#include "exporter/tail/source_follower.h"

namespace tailmeter {
namespace {

// One that was asked for is let go of last.
template <typename Is>
bool has_settled(std::vector<BeginningMark>& beginnings, Is is_it) {
  const auto found = std::find_if(beginnings.begin(), beginnings.end(), is_it);
  if (found == beginnings.end()) return false;
  std::rotate(found, found + 1, beginnings.end());
  return true;
}

}  // namespace

// Whatever lies there under rotated names now is not to be read, not even once it is compressed.
void SourceFollower::settle_rotated(const std::string& path, Name& name, Look& look) {
  std::vector<RotatedFile> rotated;
  name.is_unsettled = static_cast<bool>(find_rotated(path, name, look.rotated, rotated));
  for (const RotatedFile& file : rotated) {
    if (name.unread_rotated.contains(file.identity)) continue;
    settle(file, Fate::kSettled, name, look.buffer);
    OpenFile old;
    std::string_view first_bytes;
    if (open(file.path, old) || read_first_bytes(files_, old, look.buffer, first_bytes)) continue;
    Beginning beginning;
    beginning.append(0, {}, first_bytes);
    settle_beginning(beginning, first_bytes.size(), name);
  }
  if (!name.is_unsettled) forget_gone(rotated, name);
}

void SourceFollower::settle(const RotatedFile& file, Fate fate, Name& name, ReadBuffer& buffer) {
  if (name.settled_rotated.contains(file.identity)) return;
  OpenFile opened;
  FileMark mark{.size_bytes = file.size_bytes, .modified_ns = file.modified_ns};
  if (!open(file.path, opened) && opened.identity() == file.identity) mark = mark_of(files_, file, opened, buffer);
  mark.is_copy = fate == Fate::kCopy;
  name.settled_rotated.emplace(file.identity, mark);
}

// Of the settled files that are not among `rotated`, which are all that lie there, only the last to go are remembered:
// they may be back at the next look. Of what compressed files are known by, as much as files that are there can need:
// while one waits to be compressed, no more others go than there were.
void SourceFollower::forget_gone(const std::vector<RotatedFile>& rotated, Name& name) {
  const std::size_t beginnings_max = 2 * rotated.size() + limits_.gone_beginnings_max;
  std::vector<BeginningMark>& beginnings = name.settled_beginnings;
  if (beginnings.size() > beginnings_max) {
    beginnings.erase(beginnings.begin(), beginnings.end() - static_cast<std::ptrdiff_t>(beginnings_max));
  }
  if (name.settled_rotated.size() <= limits_.gone_rotated_max) return;
  std::set<FileIdentity> present;
  for (const RotatedFile& file : rotated) present.insert(file.identity);
  std::vector<FileIdentity>& gone = name.gone_rotated;
  std::erase_if(gone, [&](const FileIdentity& identity) {
    return present.contains(identity) || !name.settled_rotated.contains(identity);
  });
  present.insert(gone.begin(), gone.end());
  for (const auto& [identity, mark] : name.settled_rotated) {
    if (!present.contains(identity)) gone.push_back(identity);
  }
  const auto remembered = gone.end() - static_cast<std::ptrdiff_t>(std::min(gone.size(), limits_.gone_rotated_max));
  for (auto identity = gone.begin(); identity != remembered; ++identity) name.settled_rotated.erase(*identity);
  gone.erase(gone.begin(), remembered);
}

// Such a file is not to be read once it is compressed.
void SourceFollower::settle_beginning(const Beginning& beginning, std::uint64_t file_bytes, Name& name) {
  const BeginningMark mark = mark_of(beginning, file_bytes);
  const auto is_same = [&](const BeginningMark& settled) { return settled == mark; };
  if (beginning.head.empty() || has_settled(name.settled_beginnings, is_same)) return;
  name.settled_beginnings.push_back(mark);
}

// What a file is to what it was when it was settled. If it was written anew, it is settled no longer. What could not be
// read then is told by its content once it can be.
Kinship SourceFollower::kinship_to_settled(const RotatedFile& file, Name& name, ReadBuffer& buffer) {
  const auto settled = name.settled_rotated.find(file.identity);
  const bool is_untouched = settled->second.is_of(file);
  if (is_untouched && (settled->second.hashed_bytes > 0 || file.size_bytes == 0)) return Kinship::kContinuation;
  OpenFile opened;
  if (open(file.path, opened) || opened.identity() != file.identity) {
    return is_untouched ? Kinship::kContinuation : Kinship::kUndecided;
  }
  const bool is_copy = settled->second.is_copy;
  const bool has_grown = file.size_bytes > settled->second.size_bytes;
  const Kinship found = is_copy && has_grown ? Kinship::kNone : kinship(files_, file, opened, settled->second, buffer);
  if (found == Kinship::kContinuation) {
    settled->second = mark_of(files_, file, opened, buffer);
    settled->second.is_copy = is_copy;
  }
  if (found != Kinship::kNone) return found;
  name.settled_rotated.erase(settled);
  return found;
}

// What is not to be read may be copied from name to name. Of what is being read a copy may be needed yet; but what is
// being read in a file may have been copied into it since that was settled.
bool SourceFollower::is_copy_of_settled(const RotatedFile& file, const OpenFile& opened, const Name& name,
                                        ReadBuffer& buffer) {
  const FileMark mark = mark_of(files_, file, opened, buffer);
  return std::any_of(name.settled_rotated.begin(), name.settled_rotated.end(), [&](const auto& settled) {
    if (!settled.second.has_content_of(mark)) return false;
    const Generation* const reader = find(settled.first);
    return reader == nullptr || (reader->is_open() && !reader->print().is_empty() &&
                                 kinship_to_read(*reader, opened, buffer) == Kinship::kNone);
  });
}

// True if it is an old or a finished file in another form: compressed, or brought back from that.
bool SourceFollower::has_settled_beginning(const OpenFile& file, Name& name, ReadBuffer& buffer) {
  std::string_view first_bytes;
  const auto is_it = [&](const BeginningMark& settled) { return settled.is_of(first_bytes); };
  return !read_first_bytes(files_, file, buffer, first_bytes) && has_settled(name.settled_beginnings, is_it);
}

// True if the file that was compressed was there before us; or if we have read it, or are reading it. A longer one is
// another: to compare more than its beginning, all of it would have to be decompressed, each time that a log is
// rotated.
bool SourceFollower::is_known_by_beginning(const std::string& path, const OpenFile& file, Name& name,
                                           ReadBuffer& buffer) {
  if (has_settled_beginning(file, name, buffer)) return true;
  std::string_view read;
  if (read_first_bytes(files_, file, buffer, read)) return false;
  const std::string first_bytes(read);
  if (first_bytes.size() < Beginning::kHeadBytesMax) return false;
  const auto may_be_of = [&](const Beginning& beginning, std::uint64_t size_bytes) {
    return first_bytes.size() <= size_bytes && beginning.head.size() == Beginning::kHeadBytesMax &&
           beginning.may_be_of(first_bytes);
  };
  const auto is_finished = [&](const SavedGeneration& generation) {
    return !generation.may_go_on &&
           may_be_of(generation.beginning, generation.offset_bytes + generation.oversize_bytes) &&
           is_same_log(generation.path, path);
  };
  const auto is_read = [&](const Generation& generation) {
    return generation.is_open() && may_be_of(generation.beginning(), generation.size_bytes()) &&
           is_same_log(generation.path(), path) && !read_first_bytes(files_, generation.file(), buffer, read) &&
           read.starts_with(first_bytes);
  };
  return std::any_of(finished_.begin(), finished_.end(), is_finished) ||
         std::any_of(generations_.begin(), generations_.end(), is_read);
}

// It was written anew, or is gone: what comes under its identity is no longer what was settled or is being read.
void SourceFollower::unsettle(const FileIdentity& identity) {
  for (auto& [path, name] : names_) name.settled_rotated.erase(identity);
}

}  // namespace tailmeter
