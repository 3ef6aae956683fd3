// The World's logs: how they are written, rotated, copied, compressed and removed.
#include <algorithm>
#include <chrono>
#include <utility>

#include "test/simulation/world.h"
#include "test/support/compress.h"

namespace tailmeter {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kRotatedMax = 4;

std::string_view name_in(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

// Longer than what is kept of a file's beginning as it is.
void World::make_banner(std::uint64_t lines) {
  for (std::uint64_t line = 0; line < lines; ++line) {
    const std::string text = "# " + std::string(64, static_cast<char>('a' + line));
    banner_ += text + '\n';
    expectation_.ignore(text);
  }
}

World::Log& World::some_log(SeededRandom& random) {
  const bool is_copied_one = random.below(2) == 0 && is_copied_one_busy_;
  return logs_[is_copied_one ? 1 : random.below(logs_.size())];
}

void World::open(Log& log) {
  if (log.writer >= 0 && !is_behind(log)) return;
  close(log);
  log.writer = files_.open_to_write(log.path, SimulatedFiles::WriteAt::kEnd);
  if (log.writer < 0) return;
  log.file = files_.identity(log.path);
  const std::string content = *files_.content(log.path);
  log.partial = partial_of(content);
  if (content.empty() && log.truncated != log.file) files_.write(log.writer, banner_);
}

void World::close(Log& log) {
  if (log.writer >= 0) files_.close_writer(std::exchange(log.writer, -1));
}

void World::begin_line(Log& log, SeededRandom& random) {
  std::string text;
  // No line begins like the one before: if that was cut off, all of it is seen to be gone.
  if (log.partial.empty() || random.below(2) == 0) {
    const auto letter = static_cast<char>('a' + lines_begun_ % 26);
    text = letter + std::to_string(lines_begun_++) + '-';
  }
  const std::uint64_t most = log.partial.size() > 80 ? 1 : random.below(8) == 0 ? 120 : 12;  // as labels are cut
  text.append(random.below(most), 'x');
  files_.write(log.writer, text);
  log.partial += text;
}

void World::end_line(Log& log) {
  expectation_.add(log.partial);
  files_.write(log.writer, "\n");
  log.partial.clear();
}

void World::write(Log& log, SeededRandom& random) {
  if (log.writer < 0) open(log);
  if (log.writer < 0) return;
  const std::uint64_t most = random.below(16) == 0 ? 40 : 4;
  for (std::uint64_t lines = 1 + random.below(most); lines > 0; --lines) {
    begin_line(log, random);
    end_line(log);
  }
}

// As a full disk and a buffer leave it.
void World::write_piece(Log& log, SeededRandom& random) {
  if (log.writer < 0) return;
  if (!log.partial.empty() && random.below(2) == 0) return end_line(log);
  begin_line(log, random);
}

std::string World::rotated_path(const Log& log, std::uint64_t number) const {
  switch (log.naming) {
    case Naming::kNumbers:
      return log.path + '.' + std::to_string(number);
    case Naming::kDates:
      return log.path + "-2026" + std::to_string(1000 + number);
    case Naming::kOldDirectory:
      return "/log/old/" + std::string(name_in(log.path)) + '.' + std::to_string(number);
  }
  return {};
}

void World::move(const std::string& from, const std::string& to) {
  for (const char* ending : {"", ".gz", ".zst"}) files_.rename(from + ending, to + ending);
}

// Frees the name that the log gets next, and lets the oldest file go.
void World::make_room(Log& log) {
  observe();
  allow();
  ++log.rotations;
  const bool has_dates = log.naming == Naming::kDates;
  const std::uint64_t oldest = has_dates ? log.rotations - std::min(log.rotations, kRotatedMax) : kRotatedMax;
  for (const char* ending : {"", ".gz", ".zst"}) files_.remove(rotated_path(log, oldest) + ending);
  if (has_dates) return;
  for (std::uint64_t number = kRotatedMax; number > 1; --number) {
    move(rotated_path(log, number - 1), rotated_path(log, number));
  }
}

// With or without "create", and with a signal to the writer that comes at once or late. Logs that are rotated in both
// ways are left out: how old a compressed copy is could not be told by its name.
void World::rotate(Log& log, SeededRandom& random) {
  if (!files_.content(log.path) || &log == &logs_[1]) return;
  make_room(log);
  files_.rename(log.path, rotated_path(log, log.naming == Naming::kDates ? log.rotations : 1));
  if (random.below(2) == 0) files_.create(log.path);
  if (random.below(2) == 0) open(log);
}

// logrotate may be killed in the middle of it. The copy and what it is of are on the disk: after a power cut that left
// less of the original than of its copy, with more written behind it, nobody could tell that one was copied from the
// other.
void World::copy(Log& log, SeededRandom& random) {
  const std::optional<std::string> content = files_.content(log.path);
  if (!content || log.is_copied || !log.copying_to.empty()) return;
  make_room(log);
  const std::string to = rotated_path(log, log.naming == Naming::kDates ? log.rotations : 1);
  if (is_copying_cut_short_ && random.below(4) == 0) {
    const std::string part = content->substr(0, random.below(content->size() + 1));
    files_.set_content(to, part);
    torn_.insert(partial_of(part));
  } else {
    files_.copy(log.path, to);
    log.is_copied = true;
  }
  files_.sync(to);
  files_.sync(log.path);
}

// `cp a.log a.log.1` or `gzip -c a.log > a.log.1.gz`, over what is there: the file stays, and is empty or half written
// for a while. It may be killed, and begun again.
void World::copy_over(Log& log, SeededRandom& random) {
  if (!files_.content(log.path) || log.is_copied) return;
  observe();
  allow();
  if (log.copying_to.empty() || files_.identity(log.copying_to) != log.copy) begin_copy_over(log, random);
  if (log.copying_to.empty()) return;
  const std::string content = *files_.content(log.path);
  const bool is_compressed = log.copying_to.ends_with(".gz");
  const std::string bytes = is_compressed ? gzip(content) : content;
  const std::uint64_t part_bytes =
      is_copying_cut_short_ && random.below(2) == 0 ? random.below(bytes.size() + 1) : bytes.size();
  files_.set_content(log.copying_to, bytes.substr(0, part_bytes));
  if (part_bytes == bytes.size()) {
    if (is_compressed) compressed_[bytes] = content;
    if (is_compressed) written_over_.insert(log.copy);
    log.is_copied = true;
  } else if (!is_compressed) {
    torn_.insert(partial_of(bytes.substr(0, part_bytes)));
  }
  files_.sync(log.copying_to);
  files_.sync(log.path);
  if (log.is_copied || random.below(8) == 0) log.copying_to.clear();
}

// Over any of its rotated files; and what was there may be copied over the one before.
void World::begin_copy_over(Log& log, SeededRandom& random) {
  log.copying_to.clear();
  std::vector<std::string> paths = rotated_files();
  std::erase_if(paths, [&](const std::string& path) { return !path.starts_with(log.path) || path.ends_with(".zst"); });
  if (paths.empty()) return;
  const std::string& path = paths[random.below(paths.size())];
  const std::string& other = paths[random.below(paths.size())];
  if (random.below(3) == 0 && path != other && path.ends_with(".gz") == other.ends_with(".gz")) {
    files_.set_content(other, *files_.content(path));
    files_.sync(other);
  }
  log.copying_to = path;
  log.copy = files_.identity(path);
}

void World::truncate(Log& log) {
  if (!std::exchange(log.is_copied, false)) return;
  observe();
  files_.truncate(log.path, 0);
  log.truncated = files_.identity(log.path);
  files_.sync(log.path);
  if (!is_behind(log)) log.partial.clear();
}

// By then the disk knows that the file was renamed, and its writer has let go of it.
void World::compress(SeededRandom& random) {
  std::vector<std::string> paths = rotated_files();
  std::erase_if(paths, [](const std::string& path) { return path.ends_with(".gz") || path.ends_with(".zst"); });
  std::erase_if(paths, [&](const std::string& path) { return path == logs_[1].copying_to; });
  if (paths.empty()) return;
  observe();
  allow();
  const std::string& path = paths[random.below(paths.size())];
  files_.sync(path);
  for (Log& log : logs_) {
    if (log.writer >= 0 && log.file == files_.identity(path)) close(log);
  }
  const bool is_gzip = random.below(3) > 0;
  const std::string to = path + (is_gzip ? ".gz" : ".zst");
  const std::string content = *files_.content(path);
  const std::string bytes = is_gzip ? gzip(content) : zstd(content);
  files_.remove(to);  // of an earlier attempt
  if (random.below(8) == 0) {
    files_.set_content(to, bytes.substr(0, random.below(bytes.size())));
    return;  // it was killed
  }
  files_.set_content(to, bytes);
  compressed_[bytes] = content;
  files_.remove(path);
}

void World::remove(SeededRandom& random) {
  observe();
  allow();
  std::vector<std::string> paths = rotated_files();
  for (const Log& log : logs_) {
    if (files_.content(log.path) && !log.is_copied) paths.push_back(log.path);
  }
  if (paths.empty()) return;
  const std::string& path = paths[random.below(paths.size())];
  files_.remove(path);
  if (has_copies_ && path.starts_with(logs_[1].path)) files_.sync("/log");  // see the header
}

// As a deployment does.
void World::replace_directory() {
  observe();
  allow();
  files_.rename("/log/site", "/removed-" + std::to_string(++removed_directories_));
  files_.make_directory("/log/site");
}

// Of the file system with the logs: who writes them is stopped, the program may be at work, or start meanwhile. To stop
// them takes long enough for it to see what they did last.
void World::remount(SeededRandom& random) {
  observe();
  allow();
  forget_failures();
  for (Log& log : logs_) {
    if (!is_copying_cut_short_) truncate(log);  // what copies it ends first
  }
  end_writers();
  look(1s);
  if (!files_.unmount("/log")) return;  // a power cut took the directory
  is_unmounted_ = true;
  if (random.below(2) == 0) start();
  for (std::uint64_t looks = random.below(4); looks > 0; --looks) look(std::chrono::milliseconds(random.below(400)));
  if (random.below(2) == 0) scrape();
  files_.mount();
  is_unmounted_ = false;
}

void World::forbid(SeededRandom& random) {
  if (forbidden_.is_known()) return allow();
  const Log& log = some_log(random);
  if (!files_.content(log.path)) return;
  forbidden_ = files_.identity(log.path);
  files_.set_readable(log.path, false);
}

void World::allow() {
  std::vector<std::string> paths = rotated_files();
  for (const Log& log : logs_) paths.push_back(log.path);
  for (const std::string& path : paths) {
    if (files_.identity(path) == forbidden_) files_.set_readable(path, true);
  }
  forbidden_ = {};
}

}  // namespace tailmeter
