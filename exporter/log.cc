#include "exporter/log.h"

#include <chrono>
#include <cstdlib>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

namespace tailmeter {
namespace {

struct Configuration {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kLogfmt;
  bool has_priorities = false;
};

Configuration g_configuration;

constexpr std::string_view kLevelNames[] = {"debug", "info", "warn", "error"};
constexpr std::string_view kPriorities[] = {"<7>", "<6>", "<4>", "<3>"};

std::string utc_now() {
  const auto now = std::chrono::system_clock::now();
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(now)),
                     milliseconds);
}

// A JSON string; good for logfmt's quoted values too. What a log or a path holds must not become terminal control or
// markup.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte >= 0x7F) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

bool is_plain(std::string_view text) {
  for (const char c : text) {
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c >= 0x7F) return false;
  }
  return !text.empty();
}

}  // namespace

void configure_log(LogLevel level, LogFormat format) {
  g_configuration = {level, format, std::getenv("JOURNAL_STREAM") != nullptr};
}

std::string format_log_line(LogFormat format, LogLevel level, std::string_view time, std::string_view message,
                            std::initializer_list<LogField> fields) {
  const std::string_view level_name = kLevelNames[static_cast<int>(level)];
  std::string line;
  if (format == LogFormat::kJson) {
    line = fmt::format(R"({{"ts":"{}","level":"{}","msg":{})", time, level_name, quoted(message));
    for (const auto& [name, value] : fields) line += fmt::format(",\"{}\":{}", name, quoted(value));
    return line + '}';
  }
  line = fmt::format("ts={} level={} msg={}", time, level_name, quoted(message));
  for (const auto& [name, value] : fields) line += fmt::format(" {}={}", name, is_plain(value) ? value : quoted(value));
  return line;
}

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (level < g_configuration.level) return;
  std::string line = g_configuration.has_priorities ? std::string(kPriorities[static_cast<int>(level)]) : std::string();
  line += format_log_line(g_configuration.format, level, utc_now(), message, fields) + '\n';
  // A log that cannot be written has nowhere to be reported.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace tailmeter
