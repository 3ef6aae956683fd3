#include "exporter/input/inputs.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tailmeter {

Inputs::Inputs(const std::vector<InputPlace>& places, Listener listener) : listener_(std::move(listener)) {
  for (const InputPlace& place : places) {
    entries_.push_back({.place = place, .name = name_of(place), .input = make_input(place)});
  }
}

std::vector<int> Inputs::fds() const {
  std::vector<int> fds;
  for (const Entry& entry : entries_) {
    if (entry.is_open()) fds.push_back(entry.input->fd());
  }
  return fds;
}

Inputs::TimePoint Inputs::next_deadline() const {
  return entries_.empty() ? TimePoint::max() : next_look_;
}

void Inputs::poll(TimePoint now, LineSink& sink) {
  look_if_due(now, sink);
  for (Entry& entry : entries_) take_turn(entry, sink);
}

bool Inputs::drain(TimePoint now, LineSink& sink, const std::function<bool()>& has_to_stop) {
  look_if_due(now, sink);
  return std::all_of(entries_.begin(), entries_.end(), [&](Entry& entry) { return drain(entry, sink, has_to_stop); });
}

bool Inputs::feeds(SourceIndex source) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.place.source == source; });
}

bool Inputs::sends_datagrams_to(SourceIndex source) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.place.source == source &&
           (entry.place.kind == InputPlace::Kind::kUdp || entry.place.kind == InputPlace::Kind::kUnixSocket);
  });
}

InputStatus Inputs::status(SourceIndex source) const {
  InputStatus status;
  for (const Entry& entry : entries_) {
    if (entry.place.source != source) continue;
    status.inputs_open += entry.is_open() ? 1 : 0;
    status.inputs_unreadable += entry.error ? 1 : 0;
    status.pending_bytes += entry.input->pending_bytes();
    status.dropped_datagrams += entry.dropped_before + entry.input->dropped_datagrams();
  }
  return status;
}

void Inputs::renumber(const std::vector<InputPlace>& places) {
  for (Entry& entry : entries_) {
    const auto place =
        std::find_if(places.begin(), places.end(), [&](const InputPlace& each) { return name_of(each) == entry.name; });
    assert(place != places.end());
    entry.place.source = place->source;
  }
}

void Inputs::restore_dropped_datagrams(SourceIndex source, std::uint64_t dropped) {
  const auto entry =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& each) { return each.place.source == source; });
  if (entry != entries_.end()) entry->dropped_before = dropped;
}

void Inputs::look_if_due(TimePoint now, LineSink& sink) {
  if (now < next_look_) return;
  next_look_ = now + kLookInterval;
  for (Entry& entry : entries_) {
    if (entry.is_open() && entry.input->has_moved()) {
      drain(entry, sink, [] { return false; });
      entry.input->close(entry.place.source, sink);
    }
    if (!entry.is_open() && !entry.input->has_ended()) open(entry);
  }
}

void Inputs::open(Entry& entry) {
  if (const std::error_code error = entry.input->open()) {
    note_error(entry, error);
    return;
  }
  entry.error.clear();
  tell(InputNews::Kind::kOpen, entry);
}

bool Inputs::drain(Entry& entry, LineSink& sink, const std::function<bool()>& has_to_stop) {
  std::uint64_t left = entry.is_open() ? entry.input->backlog() : 0;
  while (left > 0) {
    if (has_to_stop()) return false;
    const std::uint64_t taken = take_turn(entry, sink);
    if (taken == 0) break;
    left -= std::min(left, taken);
  }
  return true;
}

std::uint64_t Inputs::take_turn(Entry& entry, LineSink& sink) {
  if (!entry.is_open()) return 0;
  const Input::Turn turn = entry.input->read_turn(entry.place.source, sink);
  if (turn.error) note_error(entry, turn.error);
  if (!turn.error && entry.input->has_ended()) tell(InputNews::Kind::kEnded, entry);
  return turn.units;
}

void Inputs::note_error(Entry& entry, std::error_code error) {
  if (error == std::exchange(entry.error, error)) return;
  tell(InputNews::Kind::kUnreadable, entry);
}

void Inputs::tell(InputNews::Kind kind, const Entry& entry) const {
  listener_({.kind = kind, .source = entry.place.source, .name = entry.name, .error = entry.error});
}

}  // namespace tailmeter
