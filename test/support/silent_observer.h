// For tails of which only the lines are asked.
#pragma once

#include "exporter/tail/tail_observer.h"

namespace tailmeter {

struct SilentObserver : TailObserver {
  void on_open(SourceIndex, std::string_view) override {}
  void on_rotation(SourceIndex, std::string_view, Rotation) override {}
  void on_unreadable(SourceIndex, std::string_view, std::error_code) override {}
  void on_readable_again(SourceIndex, std::string_view) override {}
  void on_done(SourceIndex, std::string_view) override {}
  void on_vanished(SourceIndex, std::string_view, const LastSeen&) override {}
  void on_rolled_back(SourceIndex, std::string_view, std::uint64_t) override {}
  void on_lost(SourceIndex, std::string_view, std::uint64_t, LossReason) override {}
};

}  // namespace tailmeter
