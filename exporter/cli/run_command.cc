#include <system_error>

#include "exporter/cli/commands.h"
#include "exporter/cli/rule_files.h"
#include "exporter/exporter.h"
#include "exporter/version.h"
#include "rules/program/compile.h"

namespace tailmeter {
namespace {

FollowedSource followed(const SourceRule& rule) {
  FollowedSource source;
  for (const Text& file : rule.files) source.files.push_back(file.value);
  for (const Text& pattern : rule.exclude) source.exclude.push_back(pattern.value);
  source.start_at = rule.start_at == StartRule::kEnd ? StartAt::kEnd : StartAt::kBeginning;
  return source;
}

}  // namespace

int run_command(const Arguments& arguments) {
  configure_log(arguments.log_level, arguments.log_format);
  const RuleFileText file = read_rule_file(arguments.config_file);
  const std::unique_ptr<RuleSet> rules = read_rules(file.name, file.text);

  ExporterSettings settings;
  settings.listen_addresses = arguments.listen_addresses;
  settings.telemetry_path = arguments.telemetry_path;
  for (const RuleSet::Source& source : rules->sources()) settings.sources.push_back(followed(source.rule));
  if (!arguments.files.empty()) {
    for (FollowedSource& source : settings.sources) source.files.clear();
    for (const std::string& path : arguments.files)
      settings.sources[choose_source(*rules, arguments.source, path)].files.push_back(path);
  }
  log(LogLevel::kInfo, "starting", {{"version", version()}, {"rules", file.name}});
  try {
    run_exporter(*rules, settings);
  } catch (const std::system_error& error) {
    throw WorkError(error.what());
  }
  return kExitDone;
}

}  // namespace tailmeter
