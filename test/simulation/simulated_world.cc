// The world's side of the simulated files.
#include <algorithm>

#include "test/simulation/simulated_files.h"

namespace tailmeter {

using LastLink = SimulatedInodes::LastLink;
using User = SimulatedInodes::User;

bool SimulatedFiles::make_directory(std::string_view path) {
  Place place;
  if (!find_new(path, place)) return false;
  make(place, Inode::Type::kDirectory);
  return true;
}

FileIdentity SimulatedFiles::create(std::string_view path) {
  Place place;
  if (!find_new(path, place)) return {};
  return identity_of(make(place, Inode::Type::kRegular));
}

bool SimulatedFiles::link(std::string_view from, std::string_view to) {
  Place source;
  Place target;
  if (!find(from, LastLink::kKept, source) || source.inode == kNone || inodes_[source.inode].is_directory()) {
    return false;
  }
  if (!find_new(to, target)) return false;
  inodes_.set_name(target.directory, target.name, source.inode);
  note_name(target);
  return true;
}

bool SimulatedFiles::symlink(std::string_view target, std::string_view path) {
  Place place;
  if (target.empty() || !find_new(path, place)) return false;
  inodes_.write(make(place, Inode::Type::kLink), 0, target);
  return true;
}

bool SimulatedFiles::rename(std::string_view from, std::string_view to) {
  Place source;
  Place target;
  if (!find(from, LastLink::kKept, source) || source.inode == kNone || source.name.empty()) return false;
  if (!find(to, LastLink::kKept, target) || target.name.empty()) return false;
  if (source.inode == target.inode) return true;
  const bool is_directory = inodes_[source.inode].is_directory();
  if (is_directory && inodes_.is_within(target.directory, source.inode)) return false;
  if (target.inode != kNone) {
    const Inode& replaced = inodes_[target.inode];
    if (replaced.is_directory() != is_directory || !replaced.entries.empty()) return false;
    unname_descriptors(target);
  }
  for (Descriptor& descriptor : descriptors_) {
    if (!descriptor.is_named || descriptor.directory != source.directory || descriptor.name != source.name) continue;
    descriptor.directory = target.directory;
    descriptor.name = target.name;
  }
  inodes_.move_name(source, target);
  note_name(source);
  note_name(target);
  if (!is_directory) return true;
  hints_.note(Hint::Kind::kNames, source.inode, {});
  if (target.inode == kNone) return true;
  hints_.note(Hint::Kind::kNames, target.inode, {});
  note_end_of(target.inode);
  return true;
}

bool SimulatedFiles::remove(std::string_view path) {
  Place place;
  if (!find(path, LastLink::kKept, place) || place.inode == kNone || place.name.empty()) return false;
  if (!inodes_[place.inode].entries.empty()) return false;
  remove_name(place);
  return true;
}

bool SimulatedFiles::remove_tree(std::string_view path) {
  Place place;
  if (!find(path, LastLink::kKept, place) || place.inode == kNone || place.name.empty()) return false;
  remove_tree(place);
  return true;
}

bool SimulatedFiles::set_readable(std::string_view path, bool is_readable) {
  Place place;
  if (!find(path, LastLink::kFollowed, place) || place.inode == kNone) return false;
  inodes_[place.inode].is_readable = is_readable;
  note_name(place);
  if (inodes_[place.inode].is_directory()) hints_.note(Hint::Kind::kNames, place.inode, {});
  return true;
}

bool SimulatedFiles::unmount(std::string_view directory) {
  Place place;
  if (!find(directory, LastLink::kKept, place) || place.inode == kNone) return false;
  inodes_.hold(place.inode);
  unmounted_ = {place.directory, inodes_[place.inode].name, place.inode};
  inodes_.set_name(unmounted_.directory, unmounted_.name, inodes_.make(Inode::Type::kDirectory));
  inodes_.sync_all();
  return true;
}

void SimulatedFiles::mount() {
  inodes_.set_name(unmounted_.directory, unmounted_.name, unmounted_.inode);
  inodes_.release(unmounted_.inode);
  inodes_.sync_all();
}

int SimulatedFiles::open_to_write(std::string_view path, WriteAt write_at) {
  Place place;
  if (!find_or_make_file(path, place)) return -1;
  const int writer = add_descriptor(place, false);
  descriptors_.back().write_at = write_at;
  return writer;
}

void SimulatedFiles::write(int number, std::string_view bytes) {
  Descriptor& writer = descriptors_.at(static_cast<std::size_t>(number));
  if (writer.inode == kNone || bytes.empty()) return;
  if (writer.write_at == WriteAt::kEnd) writer.offset_bytes = inodes_[writer.inode].bytes.size();
  inodes_.write(writer.inode, writer.offset_bytes, bytes);
  writer.offset_bytes += bytes.size();
  hints_.note(Hint::Kind::kWrite, writer.directory, writer.name);
}

bool SimulatedFiles::truncate(std::string_view path, std::uint64_t size_bytes) {
  Place place;
  if (!find_file(path, place)) return false;
  inodes_.truncate(place.inode, size_bytes);
  hints_.note(Hint::Kind::kWrite, place.directory, place.name);
  return true;
}

bool SimulatedFiles::set_content(std::string_view path, std::string_view bytes) {
  truncate(path, 0);
  const int writer = open_to_write(path, WriteAt::kEnd);
  if (writer < 0) return false;
  write(writer, bytes);
  close_writer(writer);
  return true;
}

bool SimulatedFiles::copy(std::string_view from, std::string_view to) {
  const std::optional<std::string> bytes = content(from);
  if (!bytes || identity(from) == identity(to)) return false;
  remove(to);
  return create(to).is_known() && set_content(to, *bytes);
}

FileIdentity SimulatedFiles::identity(std::string_view path) const {
  Place place;
  return find(path, LastLink::kFollowed, place) && place.inode != kNone ? identity_of(place.inode) : FileIdentity();
}

std::optional<std::string> SimulatedFiles::content(std::string_view path) const {
  Place place;
  if (!find_file(path, place)) return {};
  return inodes_[place.inode].bytes;
}

std::vector<std::string> SimulatedFiles::names(std::string_view directory) const {
  Place place;
  std::vector<std::string> names;
  if (!find(directory, LastLink::kFollowed, place) || place.inode == kNone) return names;
  for (const auto& [name, inode] : inodes_[place.inode].entries) {
    if (inodes_[inode].type == Inode::Type::kRegular) names.push_back(name);
  }
  return names;
}

std::vector<SimulatedFiles::Held> SimulatedFiles::held_by_reader() const {
  std::vector<Held> held;
  for (const Descriptor& descriptor : descriptors_) {
    if (!descriptor.is_reader || descriptor.inode == kNone) continue;
    held.push_back({identity_of(descriptor.inode), inodes_[descriptor.inode].bytes});
  }
  return held;
}

bool SimulatedFiles::sync(std::string_view path) {
  Place place;
  if (!find(path, LastLink::kFollowed, place) || place.inode == kNone) return false;
  inodes_.sync(place.inode);
  return true;
}

bool SimulatedFiles::spoil(std::string_view path, std::uint64_t begin_bytes, std::uint64_t end_bytes) {
  Place place;
  if (!find_file(path, place)) return false;
  inodes_[place.inode].bad_begin_bytes = begin_bytes;
  inodes_[place.inode].bad_end_bytes = end_bytes;
  return true;
}

bool SimulatedFiles::find(std::string_view path, LastLink last_link, Place& place) const {
  return !inodes_.find(path, last_link, User::kRoot, place);
}

bool SimulatedFiles::find_new(std::string_view path, Place& place) const {
  return find(path, LastLink::kKept, place) && place.inode == kNone;
}

bool SimulatedFiles::find_file(std::string_view path, Place& place) const {
  return find(path, LastLink::kFollowed, place) && place.inode != kNone && !inodes_[place.inode].is_directory();
}

bool SimulatedFiles::find_or_make_file(std::string_view path, Place& place) {
  if (!find(path, LastLink::kFollowed, place)) return false;
  if (place.inode == kNone) place.inode = make(place, Inode::Type::kRegular);
  return !inodes_[place.inode].is_directory();
}

SimulatedFiles::Index SimulatedFiles::make(const Place& place, Inode::Type type) {
  const Index inode = inodes_.make(type);
  inodes_.set_name(place.directory, place.name, inode);
  note_name(place);
  return inode;
}

void SimulatedFiles::remove_name(const Place& place) {
  unname_descriptors(place);
  inodes_.set_name(place.directory, place.name, kNone);
  note_name(place);
  if (inodes_[place.inode].is_directory()) note_end_of(place.inode);
}

void SimulatedFiles::remove_tree(const Place& place) {
  const auto entries = inodes_[place.inode].entries;
  for (const auto& [name, inode] : entries) remove_tree({place.inode, name, inode});
  remove_name(place);
}

void SimulatedFiles::unname_descriptors(const Place& place) {
  for (Descriptor& descriptor : descriptors_) {
    if (descriptor.directory == place.directory && descriptor.name == place.name) descriptor.is_named = false;
  }
}

// A removed directory goes on, with its watch, while a file that was removed from it is open.
void SimulatedFiles::note_end_of(Index directory) {
  if (!is_in_use(directory)) hints_.note_removal(directory);
}

bool SimulatedFiles::is_in_use(Index directory) const {
  return std::any_of(descriptors_.begin(), descriptors_.end(), [&](const Descriptor& descriptor) {
    return descriptor.inode != kNone && inodes_.is_within(descriptor.directory, directory);
  });
}

}  // namespace tailmeter
