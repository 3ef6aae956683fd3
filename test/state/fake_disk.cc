#include "test/state/fake_disk.h"

#include <algorithm>
#include <utility>

namespace tailmeter {
namespace {

constexpr std::uint64_t kSectorBytes = 512;

const std::error_code kIoError = std::make_error_code(std::errc::io_error);
const std::error_code kAbsent = std::make_error_code(std::errc::no_such_file_or_directory);

void overwrite(std::string& text, std::uint64_t offset_bytes, std::string_view bytes) {
  if (text.size() < offset_bytes + bytes.size()) text.resize(offset_bytes + bytes.size());
  text.replace(offset_bytes, bytes.size(), bytes);
}

}  // namespace

void FakeDisk::fail_call(std::uint64_t nth, std::error_code error) {
  failing_call_ = calls_ + nth;
  failure_ = error;
}

void FakeDisk::stop_at_call(std::uint64_t nth) {
  stopping_call_ = calls_ + nth;
}

std::error_code FakeDisk::enter(bool may_change, bool& is_half_done) {
  ++calls_;
  if (may_change) ++changes_;
  is_half_done = false;
  if (has_stopped_) return kIoError;
  has_stopped_ = calls_ == stopping_call_;
  if (!has_stopped_ && calls_ != failing_call_) return {};
  is_half_done = may_change && coin();
  return has_stopped_ ? kIoError : failure_;
}

void FakeDisk::restart_after_kill() {
  handles_.clear();
  has_stopped_ = false;
  stopping_call_ = failing_call_ = 0;
  forget_unreachable();
}

void FakeDisk::restart_after_power_cut(std::uint32_t seed) {
  random_.seed(seed);
  for (auto& [inode, content] : contents_) flush_some_sectors(content);
  for (auto& [inode, content] : contents_) {
    content.cached = content.platter;
    if (coin()) content.platter_noted = content.noted;
    content.noted = content.platter_noted;
  }
  for (const NameChange& change : unsynced_names_) {
    if (coin()) continue;
    platter_names_.erase(change.removed);
    if (change.made) platter_names_[change.made->first] = change.made->second;
  }
  unsynced_names_.clear();
  names_ = platter_names_;
  restart_after_kill();
}

// Each sector on its own, and never the newest of two writes for sure: the older may be what arrived.
void FakeDisk::flush_some_sectors(Content& content) {
  for (const Write& write : content.unsynced) {
    const std::uint64_t end = write.offset_bytes + write.bytes.size();
    for (std::uint64_t at = write.offset_bytes; at < end;) {
      const std::uint64_t next = std::min(end, (at / kSectorBytes + 1) * kSectorBytes);
      const std::string_view sector = std::string_view(write.bytes).substr(at - write.offset_bytes, next - at);
      if (coin()) overwrite(content.platter, at, sector);
      at = next;
    }
  }
  content.unsynced.clear();
}

// What only a power cut could bring back takes no room.
std::uint64_t FakeDisk::used_bytes() const {
  std::set<Inode> used;
  for (const auto& [path, inode] : names_) used.insert(inode);
  for (const auto& [number, handle] : handles_) used.insert(handle.inode);
  std::uint64_t sum = 0;
  for (const Inode inode : used) sum += contents_.at(inode).cached.size();
  return sum;
}

std::string FakeDisk::content(const std::string& path) const {
  return contents_.at(names_.at(path)).cached;
}

void FakeDisk::set_content(const std::string& path, const std::string& bytes) {
  if (!exists(path)) names_[path] = platter_names_[path] = next_inode_++;
  Content& content = contents_[names_[path]];
  content = {.cached = bytes, .platter = bytes, .noted = content.noted, .platter_noted = content.noted};
}

void FakeDisk::copy(const std::string& from, const std::string& to) {
  const std::string bytes = content(from);
  names_.erase(to);
  set_content(to, bytes);
}

void FakeDisk::move(const std::string& from, const std::string& to) {
  names_[to] = platter_names_[to] = names_.at(from);
  names_.erase(from);
  platter_names_.erase(from);
}

void FakeDisk::unlink(const std::string& path) {
  names_.erase(path);
  platter_names_.erase(path);
  forget_unreachable();
}

void FakeDisk::change_names(NameChange change) {
  names_.erase(change.removed);
  if (change.made) names_[change.made->first] = change.made->second;
  unsynced_names_.push_back(std::move(change));
  forget_unreachable();
}

// Drops what no name, old or new, and no handle leads to.
void FakeDisk::forget_unreachable() {
  std::set<Inode> reachable;
  for (const auto& [path, inode] : names_) reachable.insert(inode);
  for (const auto& [path, inode] : platter_names_) reachable.insert(inode);
  for (const auto& [number, handle] : handles_) reachable.insert(handle.inode);
  for (const NameChange& change : unsynced_names_) {
    if (change.made) reachable.insert(change.made->second);
  }
  std::erase_if(contents_, [&](const auto& entry) { return !reachable.contains(entry.first); });
}

DiskFile FakeDisk::make_handle(Inode inode, bool has_lock) {
  handles_[next_handle_] = {inode, has_lock};
  return {*this, next_handle_++};
}

std::error_code FakeDisk::open_locked(const std::string& path, DiskFile& file) {
  bool is_half_done;
  const std::error_code error = enter(true, is_half_done);
  if (error && !is_half_done) return error;
  if (!exists(path)) {
    const Inode inode = next_inode_++;
    contents_[inode];
    change_names({{}, std::pair(path, inode)});
  }
  if (error) return error;
  const Inode inode = names_.at(path);
  for (const auto& [number, handle] : handles_) {
    if (handle.inode == inode && handle.has_lock) return DiskError::kLocked;
  }
  file = make_handle(inode, true);
  return {};
}

std::error_code FakeDisk::open_to_look(const std::string& path, DiskFile& file) {
  bool is_half_done;
  if (const std::error_code error = enter(false, is_half_done)) return error;
  if (!exists(path)) return kAbsent;
  file = make_handle(names_.at(path), false);
  return {};
}

std::error_code FakeDisk::size(const DiskFile& file, std::uint64_t& size_bytes) {
  bool is_half_done;
  if (const std::error_code error = enter(false, is_half_done)) return error;
  size_bytes = content_of(file).cached.size();
  return {};
}

std::error_code FakeDisk::has_name(const DiskFile& file, const std::string& path, bool& has) {
  bool is_half_done;
  if (const std::error_code error = enter(false, is_half_done)) return error;
  has = exists(path) && names_.at(path) == handles_.at(file.number()).inode;
  return {};
}

std::error_code FakeDisk::identity(const DiskFile& file, std::string& bytes) {
  bool is_half_done;
  if (const std::error_code error = enter(false, is_half_done)) return error;
  bytes = "inode " + std::to_string(handles_.at(file.number()).inode);
  return {};
}

std::error_code FakeDisk::note(const DiskFile& file, std::uint64_t number) {
  bool is_half_done;
  const std::error_code error = enter(true, is_half_done);
  if (!error || is_done_at_stop(is_half_done)) content_of(file).noted = number;
  return error;
}

std::error_code FakeDisk::noted(const DiskFile& file, std::uint64_t& number) {
  bool is_half_done;
  if (const std::error_code error = enter(false, is_half_done)) return error;
  number = content_of(file).noted;
  return {};
}

std::error_code FakeDisk::read(const DiskFile& file, std::uint64_t offset_bytes, std::span<char> room,
                               std::size_t& bytes_read) {
  bool is_half_done;
  if (const std::error_code error = enter(false, is_half_done)) return error;
  const std::string& cached = content_of(file).cached;
  bytes_read = offset_bytes < cached.size() ? std::min(room.size(), cached.size() - offset_bytes) : 0;
  std::copy_n(cached.begin() + static_cast<std::ptrdiff_t>(std::min(offset_bytes, cached.size())), bytes_read,
              room.begin());
  return {};
}

void FakeDisk::put(Content& content, std::uint64_t offset_bytes, std::string_view bytes) {
  overwrite(content.cached, offset_bytes, bytes);
  content.unsynced.push_back({offset_bytes, std::string(bytes)});
}

std::error_code FakeDisk::write(const DiskFile& file, std::uint64_t offset_bytes, std::string_view bytes) {
  bool is_half_done;
  const std::error_code error = enter(true, is_half_done);
  if (error && !is_half_done) return error;
  Content& content = content_of(file);
  if (error) {
    put(content, offset_bytes, bytes.substr(0, bytes.size() / 2));
    return error;
  }
  const std::uint64_t free_bytes = capacity_bytes_ - std::min(capacity_bytes_, used_bytes());
  const std::uint64_t end_max = content.cached.size() + std::min(free_bytes, std::uint64_t{1} << 40);
  const std::uint64_t fitting = end_max - std::min(end_max, offset_bytes);
  put(content, offset_bytes, bytes.substr(0, fitting));
  return bytes.size() <= fitting ? std::error_code() : std::make_error_code(std::errc::no_space_on_device);
}

// When it fails, some sectors arrive and the kernel takes all of them for clean: nobody writes them again.
std::error_code FakeDisk::sync(const DiskFile& file) {
  bool is_half_done;
  const std::error_code error = enter(true, is_half_done);
  Content& content = content_of(file);
  if (error) {
    if (is_half_done) flush_some_sectors(content);
    return error;
  }
  for (const Write& write : content.unsynced) overwrite(content.platter, write.offset_bytes, write.bytes);
  content.unsynced.clear();
  return {};
}

std::error_code FakeDisk::rename(const std::string& from, const std::string& to) {
  bool is_half_done;
  const std::error_code error = enter(true, is_half_done);
  if (error && !is_done_at_stop(is_half_done)) return error;
  if (!exists(from)) return kAbsent;
  change_names({from, std::pair(to, names_.at(from))});
  return error;
}

std::error_code FakeDisk::remove(const std::string& path) {
  bool is_half_done;
  const std::error_code error = enter(true, is_half_done);
  if (error && !is_done_at_stop(is_half_done)) return error;
  if (!exists(path)) return kAbsent;
  change_names({path, std::nullopt});
  return error;
}

std::error_code FakeDisk::sync_directory(const std::string& /*directory*/) {
  bool is_half_done;
  const std::error_code error = enter(true, is_half_done);
  if (error && !is_done_at_stop(is_half_done)) return error;
  platter_names_ = names_;
  unsynced_names_.clear();
  forget_unreachable();
  return error;
}

void FakeDisk::close(int number) {
  handles_.erase(number);
  forget_unreachable();
}

}  // namespace tailmeter
