#include <algorithm>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exporter/cli/commands.h"
#include "exporter/cli/rule_files.h"
#include "exporter/exporter.h"
#include "exporter/pipeline.h"
#include "exporter/tail/rotated_name.h"
#include "exporter/version.h"

namespace tailmeter {
namespace {

FollowedSource followed(const SourceRule& rule) {
  FollowedSource source;
  for (const Text& file : rule.files) source.files.push_back(file.value);
  for (const Text& pattern : rule.exclude) source.exclude.push_back(pattern.value);
  source.start_at = rule.start_at == StartRule::kEnd ? StartAt::kEnd : StartAt::kBeginning;
  source.line_ends = line_ends_of(rule.prefixes);
  return source;
}

void add_input(const SourceRule& rule, SourceIndex source, std::vector<InputPlace>& inputs) {
  using Kind = InputPlace::Kind;
  const LineEnds line_ends = line_ends_of(rule.prefixes);
  if (rule.fifo)
    inputs.push_back({.source = source, .kind = Kind::kFifo, .path = rule.fifo->value, .line_ends = line_ends});
  if (rule.is_standard_input)
    inputs.push_back({.source = source, .kind = Kind::kStandardInput, .line_ends = line_ends});
  if (!rule.syslog) return;
  inputs.push_back({.source = source,
                    .kind = rule.syslog->path.empty() ? Kind::kUdp : Kind::kUnixSocket,
                    .path = rule.syslog->path,
                    .host = rule.syslog->host,
                    .port = rule.syslog->port});
}

bool is_fifo(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISFIFO(status.st_mode);
}

// LOG... in place of what the rule file names.
void follow_instead(const Arguments& arguments, const RuleSet& rules, ExporterSettings& settings) {
  for (FollowedSource& source : settings.sources) source.files.clear();
  settings.inputs.clear();
  for (const std::string& path : arguments.files) {
    const SourceIndex source = choose_source(rules, arguments.source, path);
    const LineEnds line_ends = line_ends_of(rules.sources()[source].rule.prefixes);
    if (path == "-") {
      settings.inputs.push_back({.source = source, .kind = InputPlace::Kind::kStandardInput, .line_ends = line_ends});
    } else if (is_fifo(path)) {
      settings.inputs.push_back(
          {.source = source, .kind = InputPlace::Kind::kFifo, .path = path, .line_ends = line_ends});
    } else {
      settings.sources[source].files.push_back(path);
    }
  }
}

// What is opened next would be taken for it.
void refuse_closed_standard_input(const std::vector<InputPlace>& inputs) {
  const bool is_wanted = std::any_of(inputs.begin(), inputs.end(), [](const InputPlace& input) {
    return input.kind == InputPlace::Kind::kStandardInput;
  });
  if (is_wanted && ::fcntl(STDIN_FILENO, F_GETFD) < 0) throw WorkError("standard input is closed");
}

std::string way_out(std::error_code error) {
  return error == std::errc::resource_unavailable_try_again
             ? " (no more threads may be started: raise TasksMax= of the service, or the user's ulimit -u)"
             : "";
}

constexpr const char* kStateDirectory = "/var/lib/tailmeter";

// Where the state is kept; empty for nowhere. A directory that was asked for is made; Debian's is there if the package
// is installed.
std::string state_directory(const Arguments& arguments) {
  if (arguments.state_directory == "none") return {};
  const char* const from_systemd = std::getenv("STATE_DIRECTORY");
  std::string directory = arguments.state_directory;
  if (directory.empty() && from_systemd != nullptr) {
    directory = from_systemd;
    directory.resize(std::min(directory.find(':'), directory.size()));  // systemd.exec(5): there may be several
  }
  if (!directory.empty()) {
    ::mkdir(directory.c_str(), 0700);  // what is wrong with it shows when it is used
    return directory;
  }
  if (!arguments.files.empty()) return {};
  struct stat status {};
  if (::stat(kStateDirectory, &status) == 0) return kStateDirectory;
  log(LogLevel::kWarn, "counts are not kept over a restart; name a directory for them with --state.dir",
      {{"missing", kStateDirectory}});
  return {};
}

}  // namespace

int run_command(const Arguments& arguments) {
  configure_log(arguments.log_level, arguments.log_format);
  const RuleFileText file = arguments.files.empty()
                                ? read_service_rules(arguments.config_file)
                                : read_rules_for_logs(arguments.config_file, arguments.source, arguments.files);
  const std::unique_ptr<RuleSet> rules = read_rules(file);

  ExporterSettings settings;
  settings.listen_addresses = arguments.listen_addresses;
  settings.telemetry_path = arguments.telemetry_path;
  settings.state_directory = state_directory(arguments);
  for (const RuleSet::Source& source : rules->sources()) {
    add_input(source.rule, static_cast<SourceIndex>(settings.sources.size()), settings.inputs);
    settings.sources.push_back(followed(source.rule));
  }
  for (const std::string& path : arguments.files) {
    if (!is_compressed_name(path)) continue;
    throw UsageError(path + ": a compressed log does not grow; to count what is in it, write: tailmeter dry-run " +
                     path);
  }
  if (!arguments.files.empty()) follow_instead(arguments, *rules, settings);
  refuse_closed_standard_input(settings.inputs);
  log(LogLevel::kInfo, "starting", {{"version", version()}, {"rules", file.name}});
  try {
    run_exporter(*rules, settings);
  } catch (const std::system_error& error) {
    log(LogLevel::kError, error.what() + way_out(error.code()));
    return kExitFailed;
  }
  return kExitDone;
}

}  // namespace tailmeter
