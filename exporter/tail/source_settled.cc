// SourceFollower's memory of the files under rotated names that are not to be read: those that were there before us,
// those that are read, and copies of them.
#include <algorithm>
#include <set>

#include "exporter/tail/source_follower.h"

namespace tailmeter {
namespace {

// One that was asked for is let go of last.
bool has_settled_head(std::vector<ContentHash>& heads, const ContentHash& head) {
  const auto found = std::find(heads.begin(), heads.end(), head);
  if (found == heads.end()) return false;
  std::rotate(found, found + 1, heads.end());
  return true;
}

}  // namespace

// Whatever lies there under rotated names now is not to be read, not even once it is compressed.
void SourceFollower::settle_rotated(const std::string& path, Name& name, ReadBuffer& buffer) {
  RotatedFiles now(files_, below_);
  std::vector<RotatedFile> rotated;
  name.is_unsettled = static_cast<bool>(find_rotated(path, name, now, rotated));
  for (const RotatedFile& file : rotated) {
    if (name.unread_rotated.contains(file.identity)) continue;
    settle({&file}, name, buffer);
    OpenFile old;
    Print print;
    if (file.name.is_compressed || open(file.path, old) || print_of_head(files_, old, print, buffer)) continue;
    settle_head(print.head, name);
  }
  if (!name.is_unsettled) forget_gone(rotated, name);
}

void SourceFollower::settle(const std::vector<const RotatedFile*>& settled, Name& name, ReadBuffer& buffer) {
  for (const RotatedFile* const file : settled) {
    if (name.settled_rotated.contains(file->identity)) continue;
    OpenFile opened;
    FileMark mark{.size_bytes = file->size_bytes, .modified_ns = file->modified_ns};
    if (!open(file->path, opened) && opened.identity() == file->identity) {
      mark = mark_of(files_, *file, opened, buffer);
    }
    name.settled_rotated.emplace(file->identity, mark);
  }
}

// Of the settled files that are not among `rotated`, which are all that lie there, only the last to go are remembered:
// they may be back at the next look. Of what compressed files are known by, as much as files that are there can need:
// while one waits to be compressed, no more others go than there were.
void SourceFollower::forget_gone(const std::vector<RotatedFile>& rotated, Name& name) {
  const std::size_t heads_max = 2 * rotated.size() + limits_.gone_heads_max;
  std::vector<ContentHash>& heads = name.settled_heads;
  if (heads.size() > heads_max) heads.erase(heads.begin(), heads.end() - static_cast<std::ptrdiff_t>(heads_max));
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

// What begins like that, or has no more than that, is not to be read once it is compressed.
void SourceFollower::settle_head(std::string_view head, Name& name) {
  if (head.empty() || has_settled_head(name.settled_heads, hash_of(head))) return;
  name.settled_heads.push_back(hash_of(head));
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
  const Kinship found = kinship(files_, file, opened, settled->second, buffer);
  if (found == Kinship::kContinuation) settled->second = mark_of(files_, file, opened, buffer);
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

// True if the file that was compressed was there before us; or if we have read it, or are reading it, for it begins
// with the same many bytes: to see more of it, all would have to be decompressed, each time that a log is rotated.
bool SourceFollower::is_known_by_head(const OpenFile& file, Name& name, ReadBuffer& buffer) {
  Print print;
  if (print_of_head(files_, file, print, buffer)) return false;
  if (has_settled_head(name.settled_heads, hash_of(print.head))) return true;
  if (print.head.size() < Print::kHeadBytesMax) return false;
  return std::any_of(finished_.begin(), finished_.end(),
                     [&](const SavedGeneration& generation) { return generation.head == print.head; }) ||
         std::any_of(generations_.begin(), generations_.end(), [&](const Generation& generation) {
           return generation.is_open() && generation.head() == print.head;
         });
}

// It was written anew, or is gone: what comes under its identity is no longer what was settled or is being read.
void SourceFollower::unsettle(const FileIdentity& identity) {
  for (auto& [path, name] : names_) name.settled_rotated.erase(identity);
}

}  // namespace tailmeter
