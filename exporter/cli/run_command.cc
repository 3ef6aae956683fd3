#include <algorithm>
#include <cstdlib>
#include <system_error>

#include <sys/stat.h>

#include "exporter/cli/commands.h"
#include "exporter/cli/rule_files.h"
#include "exporter/exporter.h"
#include "exporter/pipeline.h"
#include "exporter/tail/rotated_name.h"
#include "exporter/version.h"
#include "rules/program/compile.h"

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
  const RuleFileText file = read_rule_file(arguments.config_file);
  const std::unique_ptr<RuleSet> rules = read_rules(file.name, file.text);

  ExporterSettings settings;
  settings.listen_addresses = arguments.listen_addresses;
  settings.telemetry_path = arguments.telemetry_path;
  settings.state_directory = state_directory(arguments);
  for (const RuleSet::Source& source : rules->sources()) settings.sources.push_back(followed(source.rule));
  for (const std::string& path : arguments.files) {
    if (!is_compressed_name(path)) continue;
    throw UsageError(path + ": a compressed log does not grow; to count what is in it, write: zcat " + path +
                     " | tailmeter dry-run -");
  }
  if (!arguments.files.empty()) {
    for (FollowedSource& source : settings.sources) source.files.clear();
    for (const std::string& path : arguments.files)
      settings.sources[choose_source(*rules, arguments.source, path)].files.push_back(path);
  }
  log(LogLevel::kInfo, "starting", {{"version", version()}, {"rules", file.name}});
  try {
    run_exporter(*rules, settings);
  } catch (const std::system_error& error) {
    log(LogLevel::kError, error.what());
    return kExitFailed;
  }
  return kExitDone;
}

}  // namespace tailmeter
