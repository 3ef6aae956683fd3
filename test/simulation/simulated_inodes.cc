#include "test/simulation/simulated_inodes.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tailmeter {
namespace {

constexpr int kLinksMax = 40;  // on the way of one path, as in Linux

}  // namespace

SimulatedInodes::SimulatedInodes() {
  Inode& root = inodes_[make(Inode::Type::kDirectory)];
  root.link_count = 1;
  root.parent = kRoot;
}

std::error_code SimulatedInodes::find(std::string_view path, LastLink last_link, User user, Place& place) const {
  if (path.empty()) return std::make_error_code(std::errc::no_such_file_or_directory);
  int links_left = kLinksMax;
  return walk(path, kRoot, last_link, user, links_left, place);
}

std::error_code SimulatedInodes::walk(std::string_view path, Index start, LastLink last_link, User user,
                                      int& links_left, Place& place) const {
  Index at = path.starts_with('/') ? kRoot : start;
  place = {inodes_[at].parent, inodes_[at].name, at};
  for (;;) {
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    if (path.empty()) return {};
    if (at == kNone) return std::make_error_code(std::errc::no_such_file_or_directory);
    const Inode& directory = inodes_[at];
    if (!directory.is_directory()) return std::make_error_code(std::errc::not_a_directory);
    if (user == User::kReader && !directory.is_readable) return std::make_error_code(std::errc::permission_denied);
    const std::string_view name = path.substr(0, path.find('/'));
    path.remove_prefix(name.size());
    if (name == "." || name == "..") {
      at = name == "." ? at : directory.parent;
      place = {inodes_[at].parent, inodes_[at].name, at};
      continue;
    }
    const auto entry = directory.entries.find(name);
    place = {at, name, entry == directory.entries.end() ? kNone : entry->second};
    const bool is_last = path.empty();
    const bool is_link = place.inode != kNone && inodes_[place.inode].type == Inode::Type::kLink;
    if (is_link && (!is_last || last_link == LastLink::kFollowed)) {
      if (--links_left < 0) return std::make_error_code(std::errc::too_many_symbolic_link_levels);
      const std::string_view target = inodes_[place.inode].bytes;
      if (const std::error_code error = walk(target, at, LastLink::kFollowed, user, links_left, place)) return error;
    }
    at = place.inode;
  }
}

std::string SimulatedInodes::path_of(const Place& place) const {
  if (place.name.empty()) return "/";
  const Inode& directory = inodes_[place.directory];
  std::string path = path_of({directory.parent, directory.name, place.directory});
  if (path != "/") path += '/';
  return path.append(place.name);
}

bool SimulatedInodes::is_within(Index directory, Index ancestor) const {
  while (directory != ancestor && directory != kRoot) directory = inodes_[directory].parent;
  return directory == ancestor;
}

SimulatedInodes::Index SimulatedInodes::make(Inode::Type type) {
  const auto free = std::find(used_numbers_.begin(), used_numbers_.end(), false);
  const auto index = static_cast<Index>(inodes_.size());
  Inode& inode = inodes_.emplace_back();
  inode.type = type;
  inode.number = static_cast<std::uint32_t>(free - used_numbers_.begin());
  inode.generation = index;
  if (free == used_numbers_.end()) {
    used_numbers_.push_back(true);
  } else {
    *free = true;
  }
  return index;
}

void SimulatedInodes::move_name(const Place& from, const Place& to) {
  const Index inode = from.inode;
  journal_name(to.directory, to.name, inode, false);
  journal_name(from.directory, from.name, kNone, true);
}

void SimulatedInodes::journal_name(Index directory, std::string_view name, Index inode, bool is_joined) {
  Change change{.is_joined = is_joined, .directory = directory, .text = std::string(name)};
  change.inode = put_name(directory, name, inode);
  journal_.push_back(std::move(change));
}

// Returns what the name led to.
SimulatedInodes::Index SimulatedInodes::put_name(Index directory, std::string_view name, Index inode) {
  auto& entries = inodes_[directory].entries;
  auto entry = entries.find(name);
  if (entry == entries.end()) entry = entries.emplace(std::string(name), kNone).first;
  const Index before = std::exchange(entry->second, inode);
  if (inode != kNone) {
    ++inodes_[inode].link_count;
    if (inodes_[inode].is_directory()) {
      inodes_[inode].parent = directory;
      inodes_[inode].name = name;
    }
  } else {
    entries.erase(entry);
  }
  if (before != kNone) {
    --inodes_[before].link_count;
    note_number(inodes_[before]);
  }
  return before;
}

void SimulatedInodes::write(Index index, std::uint64_t offset_bytes, std::string_view bytes) {
  std::string& content = inodes_[index].bytes;
  if (content.size() < offset_bytes + bytes.size()) content.resize(offset_bytes + bytes.size());
  bytes.copy(content.data() + offset_bytes, bytes.size());
  touch(inodes_[index]);
}

void SimulatedInodes::truncate(Index index, std::uint64_t size_bytes) {
  Inode& inode = inodes_[index];
  if (size_bytes < inode.bytes.size()) {
    journal_.push_back(
        {.is_truncation = true, .inode = index, .text = inode.bytes, .synced_bytes = inode.synced_bytes});
    inode.synced_bytes = std::min(inode.synced_bytes, size_bytes);
  }
  inode.bytes.resize(size_bytes);
  touch(inode);
}

void SimulatedInodes::release(Index index) {
  assert(inodes_[index].open_count > 0);
  --inodes_[index].open_count;
  note_number(inodes_[index]);
}

void SimulatedInodes::note_number(const Inode& inode) {
  if (!inode.is_alive()) used_numbers_[inode.number] = false;
}

void SimulatedInodes::sync(Index index) {
  inodes_[index].synced_bytes = inodes_[index].bytes.size();
  journal_.clear();
}

void SimulatedInodes::sync_all() {
  for (Inode& inode : inodes_) inode.synced_bytes = inode.bytes.size();
  journal_.clear();
}

void SimulatedInodes::write_back(SeededRandom& random) {
  for (Inode& inode : inodes_) inode.synced_bytes += random.below(inode.bytes.size() - inode.synced_bytes + 1);
  journal_.erase(journal_.begin(), journal_.begin() + static_cast<std::ptrdiff_t>(random_journal_size(random)));
}

void SimulatedInodes::cut_power(SeededRandom& random) {
  const std::size_t kept = random_journal_size(random);
  while (journal_.size() > kept) undo_last();
  journal_.clear();
  used_numbers_.assign(used_numbers_.size(), false);
  for (Inode& inode : inodes_) {
    inode.open_count = 0;
    if (inode.is_alive()) used_numbers_[inode.number] = true;
    if (inode.type == Inode::Type::kRegular) {
      const std::size_t size_before = inode.bytes.size();
      inode.bytes.resize(inode.synced_bytes + random.below(inode.bytes.size() - inode.synced_bytes + 1));
      if (inode.bytes.size() != size_before) touch(inode);
    }
    inode.synced_bytes = inode.bytes.size();
  }
}

void SimulatedInodes::undo_last() {
  Change& change = journal_.back();
  if (change.is_truncation) {
    inodes_[change.inode].bytes = std::move(change.text);
    inodes_[change.inode].synced_bytes = change.synced_bytes;
    touch(inodes_[change.inode]);
  } else {
    put_name(change.directory, change.text, change.inode);
  }
  journal_.pop_back();
}

// Never between two changes that are one.
std::size_t SimulatedInodes::random_journal_size(SeededRandom& random) const {
  std::size_t size = random.below(journal_.size() + 1);
  while (size < journal_.size() && journal_[size].is_joined) ++size;
  return size;
}

}  // namespace tailmeter
