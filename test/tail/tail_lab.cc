#include "test/tail/tail_lab.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <unistd.h>

#include "test/support/compress.h"

namespace tailmeter {
namespace {

constexpr std::chrono::hours kLongTime{1000};
constexpr const char* kReasons[] = {" truncated", " unreadable", " vanished"};

int open_for_writing(const std::string& path, Writer::Mode mode) {
  const int fd =
      open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (mode == Writer::Mode::kAppend ? O_APPEND : 0), 0644);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), path);
  return fd;
}

}  // namespace

std::string lines_of(char letter, int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i) text += letter + std::to_string(i) + '\n';
  return text;
}

void Record::take(const Batch& batch) {
  REQUIRE(batch.bytes.ends_with('\n'));
  for (std::string_view rest = batch.bytes; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    lines.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  paths.emplace_back(batch.path.substr(directory_.size() + 1));
}

void Record::take_oversize(SourceIndex, std::uint64_t line_bytes) {
  oversize.push_back(std::to_string(line_bytes));
}

void Record::on_open(SourceIndex, std::string_view path) {
  tell("open", path);
}

void Record::on_rotation(SourceIndex, std::string_view path, Rotation kind) {
  tell(kind == Rotation::kRename ? "rename" : kind == Rotation::kTruncate ? "truncate" : "replace", path);
}

void Record::on_unreadable(SourceIndex, std::string_view path, std::error_code error) {
  tell("unreadable", path, error.message());
}

void Record::on_readable_again(SourceIndex, std::string_view path) {
  tell("readable", path);
}

void Record::on_done(SourceIndex, std::string_view path) {
  tell("done", path);
}

void Record::on_vanished(SourceIndex, std::string_view path, const LastSeen& seen) {
  tell("vanished", path, std::to_string(seen.offset_bytes) + " of " + std::to_string(seen.size_bytes));
}

void Record::on_rolled_back(SourceIndex, std::string_view path, std::uint64_t uncertain_bytes) {
  tell("rolled back", path, std::to_string(uncertain_bytes) + " uncertain");
}

void Record::on_lost(SourceIndex, std::string_view path, std::uint64_t bytes, LossReason reason) {
  tell("lost", path, std::to_string(bytes) + kReasons[static_cast<std::size_t>(reason)]);
}

void Record::tell(std::string_view what, std::string_view path, std::string_view more) {
  std::string text = std::string(what) + ' ';
  text += path == directory_ ? "." : path.substr(directory_.size() + 1);
  if (!more.empty()) (text += ": ") += more;
  news.push_back(std::move(text));
}

Writer::Writer(const std::string& path, Mode mode) : fd_(open_for_writing(path, mode)) {}

Writer::~Writer() {
  if (fd_ >= 0) close(fd_);
}

Writer::Writer(Writer&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Writer& Writer::operator=(Writer&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

void Writer::write(std::string_view text) const {
  if (::write(fd_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    throw std::runtime_error("short write");
}

Hints any_hints() {
  return GENERATE(Hints::kTaken, Hints::kNone);
}

TailLab::TailLab(Hints hints) : record(directory.path().string()), hints_(hints) {
  if (hints == Hints::kTaken) {
    limits.rescan_interval = kLongTime;
  } else {
    files.drop_hints();
  }
}

void TailLab::follow(const std::vector<std::string>& patterns, StartAt start_at) {
  FollowedSource source;
  for (const std::string& pattern : patterns) source.files.push_back(directory / pattern);
  source.start_at = start_at;
  follow_sources({source});
}

void TailLab::follow_sources(const std::vector<FollowedSource>& sources) {
  sources_ = sources;
  tail_ = std::make_unique<Tail>(compressed_files_, sources, record, record, limits);
  look();
}

void TailLab::restart(const SavedFiles& saved, const std::function<void()>& meanwhile, bool is_other_boot) {
  tail_.reset();
  if (meanwhile) meanwhile();
  tail_ = std::make_unique<Tail>(compressed_files_, sources_, record, record, limits);
  tail_->restore(0, saved, is_other_boot, now_);
  look();
}

void TailLab::look() {
  now_ += hints_ == Hints::kTaken ? limits.read_interval : limits.rescan_interval;
  const TimePoint end = now_ + limits.read_interval;
  tail_->poll(now_);
  while (tail_->next_deadline() <= end) {
    now_ = std::max(now_, tail_->next_deadline());
    tail_->poll(now_);
  }
}

void TailLab::look_after_quiet_time() {
  for (int i = 0; i < 2; ++i) {  // the first look may find that the file lost its name, and the time begins
    now_ += std::max<TimePoint::duration>(limits.quiet_before_done, kLongTime);
    look();
  }
}

bool TailLab::drain() {
  return tail_->drain(now_, [] { return false; });
}

Lines TailLab::lines() {
  return std::exchange(record.lines, {});
}

Lines TailLab::news() {
  return std::exchange(record.news, {});
}

void TailLab::append(std::string_view name, std::string_view text) const {
  writer(name).write(text);
}

void TailLab::rename(std::string_view from, std::string_view to) const {
  std::filesystem::rename(directory / from, directory / to);
}

void TailLab::remove(std::string_view name) const {
  REQUIRE(std::filesystem::remove_all(directory / name) > 0);
}

void TailLab::truncate(std::string_view name, std::uint64_t size_bytes) const {
  std::filesystem::resize_file(directory / name, size_bytes);
}

void TailLab::copy(std::string_view from, std::string_view to) const {
  std::filesystem::copy_file(directory / from, directory / to);
}

void TailLab::compress(std::string_view name) const {
  std::ifstream file(directory / name, std::ios::binary);
  append(std::string(name) + ".gz", gzip(std::string(std::istreambuf_iterator<char>(file), {})));
  remove(name);
}

void TailLab::link(std::string_view target, std::string_view name) const {
  const std::string next = directory / ".link";
  std::filesystem::create_symlink(target, next);
  std::filesystem::rename(next, directory / name);
}

Writer TailLab::writer(std::string_view name, Writer::Mode mode) const {
  return Writer(directory / name, mode);
}

}  // namespace tailmeter
