// Other rules while the program runs: who makes them, and what became of it.
#pragma once

#include <functional>
#include <string>

#include "exporter/counting.h"
#include "exporter/request_queue.h"

namespace tailmeter {

// Reads and compiles the rule file anew, and runs its tests. Throws RuleFileError if it is wrong, or another
// std::runtime_error if it cannot be read, with what() ready to print.
using RuleLoader = std::function<LoadedRules()>;

struct ReloadResult {
  enum class Outcome { kDone, kWrongRules, kFailed };
  Outcome outcome = Outcome::kDone;
  std::string message{};  // why not
};
using ReloadQueue = RequestQueue<const ReloadResult>;

}  // namespace tailmeter
