// The rules for logs that no rule file names: of each, the preset that its first lines are for.
//
// Belongs to the main thread; for a reload to the loop thread.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "exporter/cli/log_reader.h"
#include "exporter/cli/recognition.h"
#include "exporter/cli/rule_files.h"

namespace tailmeter {

// How much of a log is looked at, and, of one that has no lines, in how many of its rotated ones.
inline constexpr std::size_t kRecognitionLines = 200;
inline constexpr std::size_t kRecognitionBytes = std::size_t{256} * 1024;
inline constexpr std::size_t kRecognitionRotated = 3;

struct RecognizedLog {
  Recognition recognition;
  std::string looked_at;  // the log, or a rotated one of it
};

// Rules with a source for each preset, which has the logs that are for it. The name of a source follows from the preset
// alone, so that what was counted is found again when other logs come or go.
//
// A log without lines, as after a rotation, is what its newest rotated one is. What is in `known` holds for a log that
// does not tell by itself what it is; what was found is put there. Lines of pipes are looked at through `pipes`, which
// gives them again; without it a pipe is refused, for what is looked at is taken from it.
//
// Throws UsageError for a log whose preset is not sure, and WorkError for one that cannot be read.
[[nodiscard]] RuleFileText recognized_rules(const std::vector<std::string>& logs, RecognizedLogs& known,
                                            LogReader* pipes);

// "preset nginx_timing, 20 of the first 20 lines"
[[nodiscard]] std::string recognition_text(const std::string& path, const RecognizedLog& log);

}  // namespace tailmeter
