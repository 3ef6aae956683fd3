// The reader's side; the world's is in simulated_world.cc.
#include "test/simulation/simulated_files.h"

#include <algorithm>
#include <utility>

namespace tailmeter {
namespace {

using LastLink = SimulatedInodes::LastLink;
using User = SimulatedInodes::User;

template <typename T>
void append_raw(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

std::error_code SimulatedFiles::open(const std::string& path, OpenFile& file) {
  if (const std::error_code error = enter(Call::kOpen)) return error;
  if (!has_descriptor()) return std::make_error_code(std::errc::too_many_files_open);
  Place place;
  if (const std::error_code error = find_there(path, place)) return error;
  if (!inodes_[place.inode].is_readable) return std::make_error_code(std::errc::permission_denied);
  if (inodes_[place.inode].is_directory()) return FileError::kNotRegular;
  ++open_files_;
  file = OpenFile(*this, add_descriptor(place, true), identity_of(place.inode));
  return {};
}

std::error_code SimulatedFiles::read(const OpenFile& file, std::uint64_t offset_bytes, std::span<char> room,
                                     std::size_t& bytes_read) {
  if (const std::error_code error = enter(Call::kRead)) return error;
  const Index index = inode_of(file);
  if (index == kNone) return std::make_error_code(std::errc::bad_file_descriptor);
  const Inode& inode = inodes_[index];
  std::uint64_t end_bytes = std::min<std::uint64_t>(inode.bytes.size(), offset_bytes + room.size());
  if (offset_bytes < inode.bad_end_bytes && inode.bad_begin_bytes < end_bytes) {
    if (offset_bytes >= inode.bad_begin_bytes && offset_bytes < end_bytes) {
      return std::make_error_code(std::errc::io_error);
    }
    end_bytes = inode.bad_begin_bytes;
  }
  bytes_read = offset_bytes < end_bytes ? inode.bytes.copy(room.data(), end_bytes - offset_bytes, offset_bytes) : 0;
  return {};
}

std::error_code SimulatedFiles::status(const OpenFile& file, FileStatus& status) {
  if (const std::error_code error = enter(Call::kStatus)) return error;
  const Index inode = inode_of(file);
  if (inode == kNone) return std::make_error_code(std::errc::bad_file_descriptor);
  status = status_of(inode);
  return {};
}

std::error_code SimulatedFiles::status(const std::string& path, FileStatus& status) {
  if (const std::error_code error = enter(Call::kStatus)) return error;
  Place place;
  if (const std::error_code error = find_there(path, place)) return error;
  status = status_of(place.inode);
  return {};
}

std::error_code SimulatedFiles::resolve(const std::string& path, std::string& real_path) {
  if (const std::error_code error = enter(Call::kResolve)) return error;
  Place place;
  if (const std::error_code error = find_there(path, place)) return error;
  real_path = inodes_.path_of(place);
  return {};
}

std::error_code SimulatedFiles::list(const std::string& directory, std::vector<DirectoryEntry>& entries) {
  if (const std::error_code error = enter(Call::kList)) return error;
  if (!has_descriptor()) return std::make_error_code(std::errc::too_many_files_open);
  Place place;
  if (const std::error_code error = find_there(directory, place)) return error;
  const Inode& inode = inodes_[place.inode];
  if (!inode.is_directory()) return std::make_error_code(std::errc::not_a_directory);
  if (!inode.is_readable) return std::make_error_code(std::errc::permission_denied);
  const std::size_t first = entries.size();
  for (const auto& [name, index] : inode.entries) {
    entries.push_back({name, inodes_[index].is_directory()});
    std::swap(entries.back(), entries[first + random_.below(entries.size() - first)]);
  }
  return {};
}

std::error_code SimulatedFiles::watch(std::span<const std::string> directories) {
  std::error_code first_error = enter(Call::kWatch);
  const std::size_t failing = first_error && !directories.empty() ? random_.below(directories.size()) : 0;
  std::vector<SimulatedHints::Directory> found;
  for (std::size_t i = 0; i < directories.size(); ++i) {
    if (first_error && i == failing) continue;
    Place place;
    std::error_code error = find_there(directories[i], place);
    if (!error && !inodes_[place.inode].is_directory()) error = std::make_error_code(std::errc::not_a_directory);
    if (!error && !inodes_[place.inode].is_readable) error = std::make_error_code(std::errc::permission_denied);
    if (!error) {
      found.emplace_back(place.inode, directories[i]);
    } else if (!is_absent(error) && !first_error) {
      first_error = error;
    }
  }
  if (!hints_.watch(found) && !first_error) first_error = std::make_error_code(std::errc::no_space_on_device);
  return first_error;
}

void SimulatedFiles::close(int number) {
  Descriptor& descriptor = descriptors_.at(static_cast<std::size_t>(number));
  if (descriptor.inode == kNone) return;  // by a kill or a power cut
  inodes_.release(std::exchange(descriptor.inode, kNone));
  if (descriptor.is_reader) --open_files_;
  for (Index directory = descriptor.directory; inodes_[directory].link_count == 0;) {
    note_end_of(directory);
    directory = inodes_[directory].parent;
  }
}

std::error_code SimulatedFiles::enter(Call call) {
  Failure& failure = failures_[static_cast<std::size_t>(call)];
  if (failure.calls_left == 0 || --failure.calls_left > 0) return {};
  return failure.error;
}

std::error_code SimulatedFiles::find_there(const std::string& path, Place& place) const {
  if (const std::error_code error = inodes_.find(path, LastLink::kFollowed, User::kReader, place)) return error;
  return place.inode == kNone ? std::make_error_code(std::errc::no_such_file_or_directory) : std::error_code();
}

FileIdentity SimulatedFiles::identity_of(Index index) const {
  const Inode& inode = inodes_[index];
  FileIdentity identity{"h"};
  append_raw(identity.bytes, inode.number);
  append_raw(identity.bytes, inode.generation);
  return identity;
}

FileStatus SimulatedFiles::status_of(Index index) const {
  const Inode& inode = inodes_[index];
  return {.identity = identity_of(index),
          .type = inode.is_directory() ? FileType::kDirectory : FileType::kRegular,
          .size_bytes = inode.bytes.size(),
          .link_count = inode.link_count,
          // The clock of a real file system may not have moved since the latest change.
          .modified_ns = inodes_.is_changed_last(index) ? 0 : inode.modified,
          .inode = inode.number};
}

int SimulatedFiles::add_descriptor(const Place& place, bool is_reader) {
  inodes_.hold(place.inode);
  descriptors_.push_back(
      {.inode = place.inode, .is_reader = is_reader, .directory = place.directory, .name = std::string(place.name)});
  return static_cast<int>(descriptors_.size()) - 1;
}

void SimulatedFiles::kill_reader() {
  hints_.forget_all();
  for (std::size_t number = 0; number < descriptors_.size(); ++number) {
    if (descriptors_[number].is_reader) close(static_cast<int>(number));
  }
}

void SimulatedFiles::power_cut(std::uint64_t seed) {
  kill_reader();
  for (Descriptor& descriptor : descriptors_) descriptor.inode = kNone;
  SeededRandom random(seed);
  inodes_.cut_power(random);
}

void SimulatedFiles::fail_call(Call call, unsigned nth, std::error_code error) {
  failures_[static_cast<std::size_t>(call)] = {nth, error};
}

}  // namespace tailmeter
