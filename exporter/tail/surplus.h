// What is too much of what is kept of each log, if many logs share room.
//
// No log pushes out what is known of another one that keeps less: all may keep as many as the room of a source allows,
// and the oldest go first.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace tailmeter {

// True for each that is to go. `logs` has the log that each is of, the oldest first.
[[nodiscard]] std::vector<bool> find_surplus(const std::vector<std::string_view>& logs, std::size_t of_log_max,
                                             std::size_t of_source_max);

}  // namespace tailmeter
