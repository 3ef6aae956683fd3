#include "exporter/tail/generation.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <utility>

#include "exporter/tail/decompressor.h"

namespace tailmeter {
namespace {

std::size_t common_prefix_size(std::string_view a, std::string_view b) {
  const std::size_t size = std::min(a.size(), b.size());
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.begin() + size, b.begin()).first - a.begin());
}

}  // namespace

Generation::Generation(FileSystem& files, Outlet& outlet, OpenFile file, std::string path, TimePoint now)
    : files_(files),
      outlet_(outlet),
      file_(std::move(file)),
      identity_(file_.identity()),
      path_(std::move(path)),
      quiet_since_(now) {
  set_due();
}

Generation::Generation(FileSystem& files, Outlet& outlet, const SavedGeneration& saved, TimePoint now)
    : files_(files),
      outlet_(outlet),
      identity_(saved.identity),
      path_(saved.path),
      offset_bytes_(saved.offset_bytes),
      beginning_(saved.beginning),
      window_(saved.window),
      ladder_(saved.rungs),
      is_skipping_nuls_(saved.is_skipping_nuls),
      known_bytes_(saved.known_bytes),
      seen_bytes_(saved.known_bytes),
      state_(State::kDraining),
      quiet_since_(now),
      inode_(saved.inode),
      was_done_(saved.is_done),
      may_be_rolled_back_(saved.may_be_rolled_back) {
  set_pending(saved.pending);
  set_skipped(saved.oversize_bytes, saved.oversize_open);
  set_due();
}

SavedGeneration Generation::save() const {
  return {.identity = identity_,
          .inode = inode_,
          .path = path_,
          .offset_bytes = offset_bytes_,
          .oversize_bytes = skipped_.bytes,
          .oversize_open = skipped_.open,
          .known_bytes = known_bytes_,
          .beginning = beginning_,
          .window = std::string(window_.bytes()),
          .pending = pending_head_,
          .is_skipping_nuls = is_skipping_nuls_,
          .is_done = state_ == State::kDone,
          .may_be_rolled_back = may_be_rolled_back_,
          .rungs = ladder_.rungs()};
}

std::error_code Generation::start_at_line_before(std::uint64_t size_bytes, ReadBuffer& buffer) {
  const std::uint64_t from = size_bytes - std::min<std::uint64_t>(size_bytes, buffer.turn_bytes());
  std::size_t bytes_read = 0;
  const std::span<char> room = buffer.room(0).first(size_bytes - from);
  if (const std::error_code error = files_.read(file_, from, room, bytes_read)) return error;
  const std::string_view tail(room.data(), bytes_read);
  const LineEnds& line_ends = outlet_.line_ends();
  const std::string_view skipped =
      tail.substr(0, from == 0 ? line_ends.last_in(tail) : line_ends.last_in_excerpt(tail));
  offset_bytes_ = known_bytes_ = seen_bytes_ = from + skipped.size();
  window_.append(skipped);
  std::string_view first_bytes;
  if (const std::error_code error = read_first_bytes(files_, file_, buffer, first_bytes)) return error;
  beginning_.append(0, {}, first_bytes.substr(0, offset_bytes_));
  return {};
}

std::error_code Generation::note_beginning(ReadBuffer& buffer) {
  std::string_view first_bytes;
  if (const std::error_code error = read_first_bytes(files_, file_, buffer, first_bytes)) return error;
  set_pending(first_bytes.substr(0, std::min(Beginning::kHeadBytesMax, buffer.turn_bytes())));
  known_bytes_ = seen_bytes_ = pending_bytes_;
  return {};
}

Generation::Turn Generation::read_turn(ReadBuffer& buffer, TimePoint now) {
  const std::span<char> room = buffer.room(window_.size());
  const std::uint64_t from = position() - window_.size();
  std::size_t bytes_read = 0;
  if (const std::error_code error = files_.read(file_, from, room, bytes_read)) {
    return error == FileError::kNotYet ? end_turn(Turn::kMore) : fail(error);
  }
  const std::uint64_t end_bytes = from + bytes_read;
  const bool is_end = bytes_read < room.size();
  const bool is_shrunk = is_end && end_bytes < std::max({position(), known_bytes_, seen_bytes_});
  if (is_shrunk) {
    // A read also stops short before a place that the disk cannot give; the next one, from there, says so.
    char next;
    std::size_t next_size = 0;
    if (const std::error_code error = files_.read(file_, end_bytes, {&next, 1}, next_size)) return fail(error);
  }
  if (std::exchange(error_, {})) outlet_.observer().on_readable_again(outlet_.source(), path_);

  std::string_view seen(room.data(), bytes_read);
  if (!seen.starts_with(window_.bytes())) return end_turn(Turn::kRewritten);
  const bool may_be_cut_off = std::exchange(may_be_rolled_back_, false);
  seen.remove_prefix(window_.size());
  const std::uint64_t unchanged_end_bytes = position() + common_prefix_size(seen, pending_head_);
  const bool is_rewritten = unchanged_end_bytes < position() + pending_head_.size();
  // What a crash of the machine left of an unended first line is the beginning of it still, whatever came behind it.
  // Into a file that has lost its name nobody writes after a crash, but another log may be copied into it.
  const bool may_be_longer = state_ == State::kFollowing;
  const bool is_cut_off =
      may_be_cut_off && unchanged_end_bytes > 0 && (may_be_longer || unchanged_end_bytes == end_bytes);
  const bool is_other_start = (is_rewritten && !is_cut_off) || (is_shrunk && end_bytes == 0);
  if (position() == 0 && is_other_start) return end_turn(Turn::kRewritten);
  // The size seen last is that of what we read, unless it is that of what was written in its place.
  if (!is_rewritten) known_bytes_ = std::max(known_bytes_, seen_bytes_);
  if (is_shrunk || is_rewritten) shrink(is_rewritten ? unchanged_end_bytes : end_bytes);
  note_end(end_bytes, now);
  consume(seen, buffer.turn_bytes());
  assert(position() + pending_bytes_ <= known_bytes_);
  return end_turn(is_shrunk || is_rewritten ? Turn::kTruncated : is_end ? Turn::kEnd : Turn::kMore);
}

Kinship Generation::roll_back(ReadBuffer& buffer) {
  if (!may_be_rolled_back_) return Kinship::kNone;
  FileStatus status;
  std::optional<Landing> landing;
  if (files_.status(file_, status) ||
      ladder_.descend(files_, file_, beginning_, outlet_.line_ends(), buffer, landing)) {
    return Kinship::kUndecided;
  }
  if (!landing) {
    std::string_view left;
    if (read_first_bytes(files_, file_, buffer, left)) return Kinship::kUndecided;
    const bool is_within_first_line = left.size() == status.size_bytes && beginning_.head.starts_with(left);
    if (is_within_first_line && !left.empty()) landing = Landing{0, left.size() + 1};
  }
  const std::uint64_t offset_bytes = landing ? landing->offset_bytes : 0;
  const std::uint64_t window_bytes = std::min<std::uint64_t>(offset_bytes, Window::kBytesMax);
  const std::span<char> room = buffer.room(Window::kBytesMax).first(window_bytes);
  std::size_t bytes_read = 0;
  if (files_.read(file_, offset_bytes - window_bytes, room, bytes_read)) return Kinship::kUndecided;
  may_be_rolled_back_ = false;
  if (!landing) return Kinship::kNone;
  ladder_.cut(offset_bytes);
  // If no more is written, what is left of a last line counts with a newline.
  const std::uint64_t left_bytes = status.size_bytes - offset_bytes;
  outlet_.take_back(path_, position() - offset_bytes,
                    std::min(landing->uncertain_bytes, left_bytes + (left_bytes > 0 ? 1 : 0)));
  window_ = Window({room.data(), bytes_read});
  beginning_.cut(offset_bytes);
  offset_bytes_ = offset_bytes;
  skipped_ = {};
  set_pending({});
  known_bytes_ = seen_bytes_ = status.size_bytes;
  return Kinship::kContinuation;
}

void Generation::resume(const SavedGeneration& saved) {
  if (position() > 0) outlet_.take_back(path_, position(), 0);
  offset_bytes_ = saved.offset_bytes;
  set_pending(saved.pending);
  beginning_ = saved.beginning;
  window_ = Window(saved.window);
  set_skipped(saved.oversize_bytes, saved.oversize_open);
  ladder_ = Ladder(saved.rungs);
  known_bytes_ = seen_bytes_ = position() + pending_bytes_;
  may_be_rolled_back_ = saved.may_be_rolled_back;
  set_due();
}

Print Generation::print() const {
  return save().print();
}

bool Generation::finish(ReadBuffer& buffer) {
  if (pending_bytes_ == 0) {
    if (skipped_.bytes > 0) take_oversize(std::exchange(skipped_, {}).bytes);
    return true;
  }
  const std::span<char> room = buffer.room(window_.size()).first(window_.size() + pending_bytes_);
  std::size_t bytes_read = 0;
  if (files_.read(file_, position() - window_.size(), room, bytes_read) || bytes_read < room.size()) return false;
  std::string line(room.data(), room.size());
  if (!line.starts_with(window_.bytes())) return false;
  line.erase(0, window_.size());
  set_pending({});
  if (skipped_.bytes > 0) {
    pass(position(), line);
    take_oversize(std::exchange(skipped_, {}).bytes + line.size());
  } else {
    advance(line);
    outlet_.take_unended_line(path_, std::move(line));
  }
  return true;
}

void Generation::abandon() {
  give_up(LossReason::kUnreadable);
}

void Generation::vanish(LossReason reason) {
  if (!was_done_) outlet_.observer().on_vanished(outlet_.source(), path_, {inode_, offset_bytes_, known_bytes_});
  give_up(reason);
}

void Generation::give_up(LossReason reason) {
  outlet_.lose(path_, known_bytes_ - offset_bytes_, reason);
  offset_bytes_ = known_bytes_;
  beginning_.clear();
  window_.clear();
  skipped_ = {};
  set_pending({});
}

void Generation::refresh() {
  if (!is_open()) return;
  FileStatus status;
  if (files_.status(file_, status)) return set_due();  // why, a turn will tell
  is_unlinked_ = status.link_count == 0;
  has_shrunk_ = has_shrunk_ || status.size_bytes < seen_bytes_;
  seen_bytes_ = std::max(seen_bytes_, status.size_bytes);  // that there was more is for the next turn to find
  inode_ = status.inode;
  if (status.modified_ns == 0 || std::exchange(modified_ns_, status.modified_ns) != status.modified_ns) set_due();
}

void Generation::set_named(bool is_named, TimePoint now) {
  if (is_named) {
    state_ = State::kFollowing;
  } else if (state_ == State::kFollowing) {
    wake(now);
  }
}

void Generation::wake(TimePoint now) {
  state_ = State::kDraining;
  quiet_since_ = now;
}

void Generation::set_due(std::uint64_t goal_bytes) {
  is_due_ = true;
  goal_bytes_ = goal_bytes;
}

Generation::Turn Generation::fail(std::error_code error) {
  // A descriptor that the server no longer knows will not recover, nor will a compressed file that somebody writes to;
  // the name may lead to the file again.
  const bool is_overwritten = is_compression_error(error);
  if (error == std::error_code(ESTALE, std::generic_category()) || is_overwritten) file_.close();
  if (is_overwritten && state_ == State::kDone) state_ = State::kDraining;
  if (error_ != error) outlet_.observer().on_unreadable(outlet_.source(), path_, error);
  error_ = error;
  return end_turn(Turn::kFailed);
}

Generation::Turn Generation::end_turn(Turn turn) {
  is_due_ = turn == Turn::kRewritten || ((turn == Turn::kMore || turn == Turn::kTruncated) && position() < goal_bytes_);
  return last_turn_ = turn;
}

void Generation::restart(std::uint64_t saved_bytes, TimePoint now) {
  outlet_.observer().on_rotation(outlet_.source(), path_, Rotation::kTruncate);
  lose_unread(saved_bytes);
  beginning_.clear();
  window_.clear();
  ladder_.cut(0);
  is_skipping_nuls_ = true;
  may_be_rolled_back_ = false;
  quiet_since_ = now;
}

void Generation::let_go(std::uint64_t saved_bytes) {
  lose_unread(saved_bytes);
  file_.close();
  identity_ = {};
  state_ = State::kDone;
}

void Generation::lose_unread(std::uint64_t saved_bytes) {
  const std::uint64_t kept_bytes = std::clamp(saved_bytes, offset_bytes_, known_bytes_);
  outlet_.lose(path_, known_bytes_ - kept_bytes, LossReason::kTruncatedUnread);
  offset_bytes_ = known_bytes_ = seen_bytes_ = 0;
  has_shrunk_ = false;
  skipped_ = {};
  set_pending({});
}

// What we consumed still stands, but what we had seen behind `end_bytes` does not.
void Generation::shrink(std::uint64_t end_bytes) {
  outlet_.observer().on_rotation(outlet_.source(), path_, Rotation::kTruncate);
  outlet_.lose(path_, known_bytes_ - end_bytes, LossReason::kTruncatedUnread);
  known_bytes_ = end_bytes;
  is_skipping_nuls_ = window_.size() == 0;
}

void Generation::note_end(std::uint64_t end_bytes, TimePoint now) {
  if (end_bytes != position() + pending_bytes_) quiet_since_ = now;
  seen_bytes_ = known_bytes_ = std::max(known_bytes_, end_bytes);
  has_shrunk_ = false;
}

void Generation::consume(std::string_view bytes, std::size_t turn_bytes) {
  bytes = skip_nuls(bytes);
  const std::uint64_t from = position();
  const LineEnds::Cut cut = outlet_.line_ends().cut(bytes, turn_bytes, skipped_);
  pass(from, cut.skipped);
  if (cut.oversize_bytes > 0) take_oversize(cut.oversize_bytes);
  if (!cut.lines.empty()) {
    advance(cut.lines);
    ladder_.add(offset_bytes_, window_.bytes());
    outlet_.take_lines(path_, cut.lines);
  }
  set_pending(cut.begun);
}

void Generation::take_oversize(std::uint64_t line_bytes) {
  outlet_.take_oversize(line_bytes);
  offset_bytes_ += line_bytes;
}

void Generation::set_pending(std::string_view line) {
  pending_bytes_ = line.size();
  pending_head_ = line.substr(0, Window::kBytesMax);
}

std::string_view Generation::skip_nuls(std::string_view bytes) {
  if (!is_skipping_nuls_) return bytes;
  const std::string_view nuls = bytes.substr(0, std::min(bytes.find_first_not_of('\0'), bytes.size()));
  outlet_.skip_nuls(nuls.size());
  advance(nuls);
  is_skipping_nuls_ = nuls.size() == bytes.size();
  return bytes.substr(nuls.size());
}

void Generation::set_skipped(std::uint64_t bytes, OpenStreams open) {
  skipped_ = {.bytes = bytes, .open = open, .is_midway = bytes > 0 && !window_.bytes().ends_with('\n')};
}

void Generation::advance(std::string_view consumed) {
  pass(offset_bytes_, consumed);
  offset_bytes_ += consumed.size();
}

void Generation::pass(std::uint64_t from_bytes, std::string_view consumed) {
  beginning_.append(from_bytes, window_.bytes(), consumed);
  window_.append(consumed);
}

}  // namespace tailmeter
