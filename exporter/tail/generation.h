// One file's life as a log: from the first of its bytes that counts to the last, whatever its name meanwhile.
//
// The offset stands only ever at the start of a line: an unended last line is read again until it ends, and so are the
// parts of one that has not all of them (line_ends.h). Each read begins with the bytes consumed last; if they have
// changed, the file was truncated, even if it is longer than ever by now. That costs no system call.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "exporter/tail/beginning.h"
#include "exporter/tail/file_system.h"
#include "exporter/tail/ladder.h"
#include "exporter/tail/limits.h"
#include "exporter/tail/outlet.h"
#include "exporter/tail/print.h"
#include "exporter/tail/read_buffer.h"
#include "exporter/tail/saved_files.h"
#include "exporter/tail/window.h"

namespace tailmeter {

class Generation {
 public:
  enum class State {
    kFollowing,  // found under a followed name
    kDraining,   // it lost that name, but may still be written to
    kDone        // without a name and quiet
  };
  enum class Turn { kEnd, kMore, kTruncated, kRewritten, kFailed };

  // `path` is the followed name under which its lines are handed over. Outlet and file system must outlive it.
  Generation(FileSystem& files, Outlet& outlet, OpenFile file, std::string path, TimePoint now);

  // One that goes on where `saved` stopped, as soon as reopen() gives it its file; until then it is draining.
  Generation(FileSystem& files, Outlet& outlet, const SavedGeneration& saved, TimePoint now);
  [[nodiscard]] SavedGeneration save() const;

  // Skips what the file has, but for the line being written: begins behind the last whole one before `size_bytes`, or
  // within the line if that is longer than the buffer.
  [[nodiscard]] std::error_code start_at_line_before(std::uint64_t size_bytes, ReadBuffer& buffer);

  // Remembers how the file begins, of which nothing was read yet: if that is no longer so at the first turn, it is said
  // to be rewritten.
  [[nodiscard]] std::error_code note_beginning(ReadBuffer& buffer);

  // Reads on for at most a buffer and hands over the whole lines of it. kRewritten means that what was consumed is no
  // longer there: then restart() has to be called.
  Turn read_turn(ReadBuffer& buffer, TimePoint now);

  // Begins anew at the start of the file. Of what was seen and not consumed, the bytes before `saved_bytes` are to be
  // had elsewhere.
  void restart(std::uint64_t saved_bytes, TimePoint now);

  // A crash of the machine may have taken back the end of the file. To be called when a turn then found it rewritten:
  // if that is why, goes on from the last place up to which it is the same: kContinuation.
  void note_crash() { may_be_rolled_back_ = !print().is_empty(); }
  [[nodiscard]] bool may_be_rolled_back() const { return may_be_rolled_back_; }
  [[nodiscard]] Kinship roll_back(ReadBuffer& buffer);

  // Lets the file wait until it is due again: what it is cannot be seen now.
  void postpone() { end_turn(Turn::kFailed); }

  // Goes on where `saved` stopped: the file is again what it was then, or a part of that.
  void resume(const SavedGeneration& saved);

  // Of what was seen of the file.
  [[nodiscard]] Print print() const;

  // Hands over the unended last line as if it had ended: nobody is left to end it. False if it cannot be read any more.
  [[nodiscard]] bool finish(ReadBuffer& buffer);

  // Gives up on bytes that cannot be read; or, with news of it, because the file is nowhere to be found.
  void abandon();
  void vanish(LossReason reason);

  // Gives up its file, which has become another: it has none from now on, and is of no more use. As restart()
  // otherwise.
  void let_go(std::uint64_t saved_bytes);
  [[nodiscard]] bool has_let_go() const { return state_ == State::kDone && !identity_.is_known(); }

  // Asks the open file for its size and links, and makes it due if its content was touched.
  void refresh();

  // Gives back the descriptor but not the place; reopen() goes on from there.
  void close() { file_.close(); }
  [[nodiscard]] OpenFile release() { return std::move(file_); }
  void reopen(OpenFile file) { file_ = std::move(file); }

  // Tells whether a followed name leads to it now.
  void set_named(bool is_named, TimePoint now);

  // It was quiet for long enough, or somebody writes to it after all.
  void set_done() { state_ = State::kDone; }
  void wake(TimePoint now);

  // A due file is to have turns until one reaches its end or its first `goal_bytes` bytes, or fails.
  void set_due(std::uint64_t goal_bytes = std::numeric_limits<std::uint64_t>::max());
  [[nodiscard]] bool is_due() const { return is_due_ && is_open(); }

  [[nodiscard]] const OpenFile& file() const { return file_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const Beginning& beginning() const { return beginning_; }
  [[nodiscard]] const FileIdentity& identity() const { return identity_; }
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool is_open() const { return file_.is_open(); }
  [[nodiscard]] bool is_unlinked() const { return is_unlinked_; }
  [[nodiscard]] bool is_failing() const { return static_cast<bool>(error_); }

  // Read to the end of what is known of it, and nothing known that is unread.
  [[nodiscard]] bool is_at_end() const {
    return last_turn_ == Turn::kEnd && seen_bytes_ == known_bytes_ && !has_shrunk_;
  }

  // Since when it has neither grown nor changed hands.
  [[nodiscard]] TimePoint quiet_since() const { return quiet_since_; }
  [[nodiscard]] std::uint64_t size_bytes() const { return std::max(seen_bytes_, known_bytes_); }
  [[nodiscard]] std::uint64_t lag_bytes() const { return size_bytes() - offset_bytes_; }
  [[nodiscard]] bool has_unread() const { return lag_bytes() > pending_bytes(); }
  [[nodiscard]] std::uint64_t pending_bytes() const { return pending_bytes_ + skipped_.bytes; }

 private:
  [[nodiscard]] std::uint64_t position() const { return offset_bytes_ + skipped_.bytes; }
  Turn fail(std::error_code error);
  void give_up(LossReason reason);
  void shrink(std::uint64_t end_bytes);
  void lose_unread(std::uint64_t saved_bytes);
  void note_end(std::uint64_t end_bytes, TimePoint now);
  Turn end_turn(Turn turn);
  void consume(std::string_view bytes, std::size_t turn_bytes);
  std::string_view skip_nuls(std::string_view bytes);
  void take_oversize(std::uint64_t line_bytes);
  void advance(std::string_view consumed);
  void pass(std::uint64_t from_bytes, std::string_view consumed);
  void set_pending(std::string_view line);
  void set_skipped(std::uint64_t bytes, OpenStreams open);

  FileSystem& files_;
  Outlet& outlet_;
  OpenFile file_;
  FileIdentity identity_;
  std::string path_;

  std::uint64_t offset_bytes_ = 0;   // all before it is accounted for; the start of a line
  LineEnds::Skipped skipped_;        // of the line at the offset, once it did not fit the buffer: read, and not kept
  std::uint64_t pending_bytes_ = 0;  // behind these, if it fits so far: seen, and to be read again
  std::string pending_head_;         // the first of the pending bytes, to see that they stay as they are
  Beginning beginning_;              // of the file, as far as it was consumed
  Window window_;                    // the bytes before the position
  Ladder ladder_;                    // where turns ended
  bool is_skipping_nuls_ = false;    // a writer without O_APPEND leaves a hole where the file was truncated

  std::uint64_t known_bytes_ = 0;  // the size up to which the bytes are proven to continue those we read
  std::uint64_t seen_bytes_ = 0;   // the largest size seen since the last turn, which may be of a life after truncation
  bool has_shrunk_ = false;        // since then
  State state_ = State::kFollowing;
  Turn last_turn_ = Turn::kMore;
  std::error_code error_;
  TimePoint quiet_since_;
  std::uint64_t modified_ns_ = 0;
  std::uint64_t inode_ = 0;
  bool was_done_ = false;  // in the run that saved it: nothing is missed if it is gone
  bool may_be_rolled_back_ = false;
  std::uint64_t goal_bytes_ = 0;
  bool is_due_ = false;
  bool is_unlinked_ = false;
};

}  // namespace tailmeter
