// What the server counts about itself. Written by its threads, read by any.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace tailmeter {

struct HttpCounts {
  using Count = std::atomic<std::uint64_t>;

  // Those that are asked for by name; any other is counted in `other_answers`.
  static constexpr std::array<int, 15> kStatuses = {200, 400, 401, 403, 404, 405, 408, 413,
                                                    414, 429, 431, 500, 501, 503, 505};

  Count connections{};          // taken since the start
  Count open_connections{};     // now
  Count closed_idle{};          // no request came in time
  Count closed_by_deadline{};   // a handshake, a head or the taking of an answer was not done in time
  Count closed_by_handshake{};  // TLS could not be agreed on, or the client's certificate was refused
  Count closed_for_room{};      // to make room for another
  Count not_taken{};            // for want of descriptors
  std::array<Count, kStatuses.size()> answers{};
  Count other_answers{};
  std::atomic<bool> is_web_config_in_force{true};  // the newest web.yml, or none was asked for

  void count_answer(int status) {
    for (std::size_t i = 0; i < kStatuses.size(); ++i) {
      if (kStatuses[i] == status) {
        ++answers[i];
        return;
      }
    }
    ++other_answers;
  }
};

}  // namespace tailmeter
