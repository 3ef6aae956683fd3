// The program's own log, on standard error: logfmt or JSON, one line an event.
//
// Events are rare: changes of state, never lines. Under systemd each line begins with its priority, as sd-daemon(3)
// describes. Any thread may log; a line is written with one write(2).
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace tailmeter {

enum class LogLevel { kDebug, kInfo, kWarn, kError };
enum class LogFormat { kLogfmt, kJson };

// Set once, before the first thread starts.
void configure_log(LogLevel level, LogFormat format);

using LogField = std::pair<std::string_view, std::string>;
void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

// One event as it is written, without the priority and the newline.
[[nodiscard]] std::string format_log_line(LogFormat format, LogLevel level, std::string_view time,
                                          std::string_view message, std::initializer_list<LogField> fields);

}  // namespace tailmeter
