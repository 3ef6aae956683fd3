// The inputs of all sources that do not read files: opens them, and opens them again, reads them in turns.
//
//   for (;;) {
//     wait until one of inputs.fds() is readable or inputs.next_deadline() has come;
//     inputs.poll(now, sink);
//   }
//
// A turn is bounded, so that a flood in one input holds up neither the others nor who waits for the loop. What cannot
// be opened is tried again each second. Not thread-safe; no call waits for anything.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "exporter/input/input.h"
#include "exporter/lines/line_sink.h"

namespace tailmeter {

// Something to tell the operator; once for each change of state.
struct InputNews {
  enum class Kind { kOpen, kUnreadable, kEnded };
  Kind kind = Kind::kOpen;
  SourceIndex source = 0;
  std::string_view name;
  std::error_code error{};  // kUnreadable
};

struct InputStatus {
  std::size_t inputs_open = 0;
  std::size_t inputs_unreadable = 0;
  std::uint64_t pending_bytes = 0;
  std::uint64_t dropped_datagrams = 0;
};

class Inputs {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Listener = std::function<void(const InputNews&)>;

  // All inputs are looked at this often: opened if they are not, and opened again if their names lead elsewhere.
  static constexpr std::chrono::milliseconds kLookInterval{1'000};

  Inputs() = default;
  Inputs(const std::vector<InputPlace>& places, Listener listener);

  // Of all that are open; readable when a poll is worth while.
  [[nodiscard]] std::vector<int> fds() const;

  // When to poll at the latest.
  [[nodiscard]] TimePoint next_deadline() const;

  // Does what is due at `now`, and gives each input one turn.
  void poll(TimePoint now, LineSink& sink);

  // Takes all that is there now, and of what comes meanwhile a bounded amount; asks between two turns whether it has to
  // stop. True if it did not.
  bool drain(TimePoint now, LineSink& sink, const std::function<bool()>& has_to_stop);

  // Whether lines of this source come from an input, and whether they come as datagrams.
  [[nodiscard]] bool feeds(SourceIndex source) const;
  [[nodiscard]] bool sends_datagrams_to(SourceIndex source) const;

  [[nodiscard]] InputStatus status(SourceIndex source) const;

  // The places are the same; their sources have other indexes.
  void renumber(const std::vector<InputPlace>& places);

  // What an earlier run had counted, before the first poll.
  void restore_dropped_datagrams(SourceIndex source, std::uint64_t dropped);

 private:
  struct Entry {
    InputPlace place;
    std::string name;
    std::unique_ptr<Input> input;
    std::error_code error{};  // why it cannot be read
    std::uint64_t dropped_before = 0;

    [[nodiscard]] bool is_open() const { return input->fd() >= 0; }
  };

  void look_if_due(TimePoint now, LineSink& sink);
  void open(Entry& entry);
  bool drain(Entry& entry, LineSink& sink, const std::function<bool()>& has_to_stop);
  std::uint64_t take_turn(Entry& entry, LineSink& sink);
  void note_error(Entry& entry, std::error_code error);
  void tell(InputNews::Kind kind, const Entry& entry) const;

  std::list<Entry> entries_;
  Listener listener_;
  TimePoint next_look_ = TimePoint::min();
};

}  // namespace tailmeter
