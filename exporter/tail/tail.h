// Follows files: finds them by their patterns, reads them through every kind of rotation, and hands over each line
// once.
//
//   for (;;) {
//     wait until tail.hint_fd() is readable or tail.next_deadline() has come;
//     tail.poll(now);
//   }
//
// Hints only bring a poll forward: without them all is found by the rescan each second. Names are looked at as soon as
// a hint tells of one, so that no file slips by; writes wait for the next common read, and a scrape calls drain()
// anyway.
//
// What no reader can know is not guessed at: a file made and unlinked between two looks, and bytes written and
// truncated between them, are not seen at all; a file rewritten with the same bytes looks untouched.
//
// Not thread-safe; no call sleeps or waits for anything but the disk. The file system, sink and observer must outlive
// it.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "exporter/tail/file_system.h"
#include "exporter/tail/limits.h"
#include "exporter/tail/source_follower.h"
#include "exporter/tail/tail_observer.h"

namespace tailmeter {

class Tail {
 public:
  // `sources` by their index. No file is touched before the first poll or drain. Of several that share a file system
  // one is in use.
  Tail(FileSystem& files, const std::vector<FollowedSource>& sources, LineSink& sink, TailObserver& observer,
       const Limits& limits = {});
  Tail(const Tail&) = delete;
  Tail& operator=(const Tail&) = delete;

  // Readable when a poll is worth while before next_deadline(). -1 if there are no hints.
  [[nodiscard]] int hint_fd() const { return files_.hint_fd(); }

  // When to poll at the latest; the past means at once.
  [[nodiscard]] TimePoint next_deadline() const;

  // Does what is due at `now`, which never goes back: takes hints, looks at names, reads each due file for one turn.
  void poll(TimePoint now);

  // Looks at all names, then reads every file to the size that it has now; asks between two turns whether it has to
  // stop. True if it did not.
  bool drain(TimePoint now, const std::function<bool()>& has_to_stop);

  // What a later run needs to go on from here, and its way back, before the first poll or drain. If the machine was
  // started since, ends of files may be missing.
  [[nodiscard]] SavedFiles save(SourceIndex source) const;
  void restore(SourceIndex source, const SavedFiles& saved, bool is_other_boot, TimePoint now);

  // What restore() would not take, for the source does not follow it.
  [[nodiscard]] SavedFiles unfollowed(SourceIndex source, const SavedFiles& saved) const;

  // Before the first poll or drain: what the files have then is left unread, whatever the sources say.
  void begin_at_end();

  // Goes on with the files that `other` has open, also with those that no name leads to any more. After restore() from
  // what that one saved; it is of no more use then.
  void take_over_files(Tail& other);

  [[nodiscard]] SourceStatus status(SourceIndex source) const;

  // Why some directories give no hints; success if all do.
  [[nodiscard]] std::error_code watch_error() const { return watch_error_; }

 private:
  struct Round {
    bool has_read = false;
    bool has_more = false;
    bool was_stopped = false;
  };

  void take_hints();
  void rescan_due(TimePoint now);
  void rescan_all(TimePoint now);
  [[nodiscard]] bool watch();
  Round read_round(TimePoint now, const std::function<bool()>& has_to_stop);
  void listen(bool is_wanted);

  FileSystem& files_;
  const Limits limits_;
  ReadBuffer buffer_;
  std::list<SourceFollower> sources_;
  std::vector<Hint> hints_;
  std::set<std::string> watched_;
  std::error_code watch_error_;

  bool is_listening_ = true;  // writes wake us; after a read the clock does, until an interval passes without any
  TimePoint next_rescan_ = TimePoint::min();
  TimePoint next_read_ = TimePoint::min();
};

}  // namespace tailmeter
