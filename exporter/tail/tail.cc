#include "exporter/tail/tail.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "exporter/tail/path.h"

namespace tailmeter {

Tail::Tail(FileSystem& files, const std::vector<FollowedSource>& sources, LineSink& sink, TailObserver& observer,
           const Limits& limits)
    : files_(files), limits_(limits), buffer_(limits.read_buffer_bytes) {
  for (const FollowedSource& source : sources) {
    sources_.emplace_back(static_cast<SourceIndex>(sources_.size()), source, files, sink, observer, limits_);
  }
}

TimePoint Tail::next_deadline() const {
  return is_listening_ ? next_rescan_ : std::min(next_read_, next_rescan_);
}

void Tail::poll(TimePoint now) {
  take_hints();
  if (now >= next_rescan_) {
    rescan_all(now);
  } else {
    rescan_due(now);
  }
  if (now < next_read_) return;

  const Round round = read_round(now, [] { return false; });
  if (files_.take_unfinished()) next_rescan_ = now + limits_.read_interval;
  if (round.has_read) next_read_ = round.has_more ? now : now + limits_.read_interval;
  listen(!round.has_read);
}

bool Tail::drain(TimePoint now, const std::function<bool()>& has_to_stop) {
  take_hints();
  Round round;
  for (int looks = 1;; ++looks) {
    rescan_all(now);
    for (SourceFollower& source : sources_) {
      for (Generation& generation : source.generations()) {
        if (generation.is_due()) generation.set_due(generation.size_bytes());
      }
    }
    do {
      round = read_round(now, has_to_stop);
    } while (round.has_more && !round.was_stopped);
    const bool is_unfinished = files_.take_unfinished();
    // A file that was renamed during the look may have been seen under neither of its names; and a truncation that
    // shows only when the file is read may mean that there are copies to be read.
    take_hints();
    const bool is_looked_at = std::none_of(sources_.begin(), sources_.end(),
                                           [](const SourceFollower& source) { return source.is_rescan_due(); });
    if (round.was_stopped || (is_looked_at && !is_unfinished)) break;
    round.was_stopped = has_to_stop() || (!is_unfinished && looks >= limits_.looks_of_drain_max);
    if (round.was_stopped) break;
  }

  // What came after the call, or after the stop, is the next poll's.
  for (SourceFollower& source : sources_) {
    for (Generation& generation : source.generations()) {
      if (generation.is_due() || !generation.is_at_end()) generation.set_due();
    }
  }
  next_read_ = now;
  listen(false);
  return !round.was_stopped;
}

SavedFiles Tail::save(SourceIndex source) const {
  return std::next(sources_.begin(), source)->save();
}

void Tail::restore(SourceIndex source, const SavedFiles& saved, bool is_other_boot, TimePoint now) {
  std::next(sources_.begin(), source)->restore(saved, is_other_boot, now);
}

SavedFiles Tail::unfollowed(SourceIndex source, const SavedFiles& saved) const {
  return std::next(sources_.begin(), source)->unfollowed(saved);
}

void Tail::begin_at_end() {
  for (SourceFollower& source : sources_) source.begin_at_end();
}

void Tail::take_over_files(Tail& other) {
  SourceFollower::OpenFiles files;
  for (SourceFollower& source : other.sources_) source.release_files(files);
  for (SourceFollower& source : sources_) source.take_files(files);
  files_.wake_on_writes(is_listening_);
}

SourceStatus Tail::status(SourceIndex source) const {
  return std::next(sources_.begin(), source)->status();
}

void Tail::take_hints() {
  hints_.clear();
  files_.take_hints(hints_);
  std::unordered_set<std::string> written;
  for (const Hint& hint : hints_) {
    const std::string path = join_path(hint.directory, hint.name);
    for (SourceFollower& source : sources_) {
      if (hint.kind == Hint::Kind::kNames) {
        source.note_name(path);
      } else if (path.empty()) {
        source.note_writes_anywhere();
      }
    }
    if (hint.kind == Hint::Kind::kWrite) written.insert(path);
  }
  if (written.empty()) return;
  for (SourceFollower& source : sources_) source.note_writes(written);
}

void Tail::rescan_due(TimePoint now) {
  bool has_looked = false;
  for (SourceFollower& source : sources_) {
    if (!source.is_rescan_due()) continue;
    source.rescan(buffer_, now);
    has_looked = true;
  }
  // What happened in a directory before it was watched gave no hint.
  if (has_looked && watch()) rescan_all(now);
}

void Tail::rescan_all(TimePoint now) {
  next_rescan_ = now + limits_.rescan_interval;
  for (SourceFollower& source : sources_) source.rescan(buffer_, now);
  if (!watch()) return;
  for (SourceFollower& source : sources_) source.rescan(buffer_, now);
}

// True if there is a directory that was not watched before.
bool Tail::watch() {
  std::set<std::string> wanted;
  for (const SourceFollower& source : sources_) wanted.insert(source.directories().begin(), source.directories().end());
  watch_error_ = files_.watch(std::vector<std::string>(wanted.begin(), wanted.end()));
  const bool has_grown = !std::includes(watched_.begin(), watched_.end(), wanted.begin(), wanted.end());
  watched_ = std::move(wanted);
  return has_grown;
}

// Gives each due file a turn. A log's later generations wait for the earlier ones, so that its lines come in their
// order.
Tail::Round Tail::read_round(TimePoint now, const std::function<bool()>& has_to_stop) {
  Round round;
  for (SourceFollower& source : sources_) {
    std::unordered_set<std::string_view> waiting;
    std::vector<Generation*> rewritten;
    for (Generation& generation : source.generations()) {
      if (!generation.is_due() || waiting.contains(generation.path())) continue;
      round.was_stopped = has_to_stop();
      if (round.was_stopped) return round;
      const bool was_failing = generation.is_failing();
      const Generation::Turn turn = generation.read_turn(buffer_, now);
      if (turn == Generation::Turn::kTruncated) source.note_truncation(generation);
      if (turn == Generation::Turn::kRewritten) rewritten.push_back(&generation);
      // Once: what goes on failing is tried again at each look, and no more often.
      if (turn == Generation::Turn::kFailed && !was_failing && !generation.is_open()) source.note_closed(generation);
      round.has_read = true;
      if (generation.is_due()) waiting.insert(generation.path());
    }
    source.note_rewritten(rewritten, buffer_, now);
    source.forget_let_go();
    round.has_more = round.has_more || !waiting.empty();
  }
  return round;
}

void Tail::listen(bool is_wanted) {
  if (is_listening_ != is_wanted) files_.wake_on_writes(is_wanted);
  is_listening_ = is_wanted;
}

}  // namespace tailmeter
