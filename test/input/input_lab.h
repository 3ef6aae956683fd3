// Inputs with a clock of their own, and what they gave and told.
#pragma once

#include <string>
#include <vector>

#include <poll.h>

#include "exporter/input/inputs.h"
#include "test/support/recording_sink.h"
#include "test/support/temporary_directory.h"

namespace tailmeter {

class InputLab {
 public:
  explicit InputLab(const std::vector<InputPlace>& places)
      : inputs_(places, [this](const InputNews& news) {
          constexpr const char* kKinds[] = {"open", "unreadable", "ended"};
          news_.push_back(kKinds[static_cast<int>(news.kind)] + (news.error ? ": " + news.error.message() : ""));
        }) {
    step();
  }

  // One poll, without time passing.
  InputLab& step() {
    inputs_.poll(now_, sink_);
    return *this;
  }

  // One poll when all inputs are looked at again.
  InputLab& look() {
    now_ += Inputs::kLookInterval;
    return step();
  }

  // Polls until nothing is readable. What was written before the call is there.
  InputLab& settle() {
    while (is_readable()) step();
    return *this;
  }

  [[nodiscard]] bool is_readable() const {
    std::vector<pollfd> fds;
    for (const int fd : inputs_.fds()) fds.push_back({fd, POLLIN, 0});
    return ::poll(fds.data(), fds.size(), 0) > 0;
  }

  [[nodiscard]] std::string take_lines() { return std::exchange(sink_.lines, {}); }
  [[nodiscard]] std::vector<std::string> take_news() { return std::exchange(news_, {}); }
  [[nodiscard]] RecordingSink& sink() { return sink_; }
  [[nodiscard]] Inputs& inputs() { return inputs_; }
  [[nodiscard]] Inputs::TimePoint now() const { return now_; }

 private:
  RecordingSink sink_;
  std::vector<std::string> news_;
  Inputs::TimePoint now_{};
  Inputs inputs_;
};

using News = std::vector<std::string>;

}  // namespace tailmeter
