#include "exporter/cli/rule_files.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <system_error>

#include <fmt/format.h>
#include <fnmatch.h>
#include <unistd.h>

#include "exporter/cli/arguments.h"
#include "exporter/cli/geo_database.h"
#include "exporter/cli/nginx_files.h"
#include "exporter/cli/nginx_rules.h"
#include "exporter/cli/recognized_rules.h"
#include "exporter/files/text_file.h"
#include "rules/presets/presets.h"
#include "rules/program/compile.h"

namespace tailmeter {
namespace {

std::string file_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

bool is_there(const char* path) {
  return ::access(path, F_OK) == 0 || errno != ENOENT;
}

bool matches_path(const SourceRule& source, const std::string& path) {
  if (path == "-" ? source.is_standard_input : source.fifo && source.fifo->value == path) return true;
  const auto matches = [&](const Text& pattern) {
    return ::fnmatch(pattern.value.c_str(), path.c_str(), FNM_PATHNAME) == 0;
  };
  return std::any_of(source.files.begin(), source.files.end(), matches) &&
         std::none_of(source.exclude.begin(), source.exclude.end(), matches);
}

bool matches_name(const SourceRule& source, const std::string& path) {
  for (const Text& pattern : source.files) {
    if (::fnmatch(file_name(pattern.value).c_str(), file_name(path).c_str(), 0) == 0) return true;
  }
  return false;
}

}  // namespace

RuleFileText read_rule_file(const std::string& path) {
  const std::string chosen = path.empty() ? kConfigPath : path;
  try {
    return {chosen, read_text_file(chosen, RuleFileLimits{}.max_bytes), std::filesystem::path(chosen).parent_path()};
  } catch (const std::system_error& error) {
    if (path.empty() && error.code() == std::errc::no_such_file_or_directory) {
      return {fmt::format("the built-in rules \"{}\"", kDefaultPreset), std::string(preset_text(kDefaultPreset)), ""};
    }
    throw WorkError(fmt::format("{}: {}", chosen, error.what()));
  } catch (const std::runtime_error& error) {
    throw WorkError(fmt::format("{}: {}", chosen, error.what()));
  }
}

NginxRules rules_for_nginx(const std::string& path, const NginxBuild& build) {
  try {
    const NginxLogs logs = read_nginx_configuration(path, build);
    const NginxSources sources = nginx_sources(logs);
    NginxRules rules;
    rules.summary = nginx_summary(sources);
    if (sources.sources.empty()) {
      throw WorkError(fmt::format("{}: it has no access log that could be followed\n{}", path, rules.summary));
    }
    rules.text = nginx_rules(sources, std::filesystem::absolute(path).lexically_normal());
    return rules;
  } catch (const NginxConfError& error) {
    throw WorkError(error.what());
  }
}

RuleFileText read_service_rules(const std::string& path) {
  if (!path.empty() || is_there(kConfigPath)) return read_rule_file(path);
  if (!is_there(kNginxConfPath)) {
    throw UsageError(fmt::format("there is neither {} nor {}: name a rule file with --config.file=FILE, or the logs",
                                 kConfigPath, kNginxConfPath));
  }
  return {fmt::format("the rules for {}", kNginxConfPath), rules_for_nginx(kNginxConfPath).text, ""};
}

RuleFileText read_rules_for_logs(const std::string& path, const std::string& source,
                                 const std::vector<std::string>& logs, RecognizedLogs& known, LogReader* pipes) {
  if (path.empty() && source.empty() && !is_there(kConfigPath)) return recognized_rules(logs, known, pipes);
  return read_rule_file(path);
}

RuleFileLinks links_of(const RuleFileText& file) {
  const auto known = std::make_shared<std::map<std::string, NginxLogs>>();  // many sources may name one configuration
  const std::filesystem::path directory(file.directory);
  RuleFileLinks links;
  links.nginx_conf = [known, directory](const std::string& path) -> const NginxLogs& {
    const auto found = known->find(path);
    return found != known->end() ? found->second
                                 : known->emplace(path, read_nginx_configuration(directory / path)).first->second;
  };
  links.geoip = [directory](const std::string& path) { return open_geo_database(directory / path); };
  return links;
}

std::unique_ptr<RuleSet> read_rules(const RuleFileText& file) {
  return read_rules(file.name, file.text, links_of(file));
}

SourceIndex choose_source(const RuleSet& rules, const std::string& name, const std::string& path) {
  const auto& sources = rules.sources();
  std::string names;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (!name.empty() && sources[i].rule.name.value == name) return static_cast<SourceIndex>(i);
    names += (i == 0 ? "" : ", ") + sources[i].rule.name.value;
  }
  if (!name.empty())
    throw UsageError(fmt::format("--source={}: the rules have no such source; they have: {}", name, names));
  if (sources.size() == 1) return 0;
  for (const auto matches : {&matches_path, &matches_name}) {
    for (std::size_t i = 0; i < sources.size(); ++i) {
      if (matches(sources[i].rule, path)) return static_cast<SourceIndex>(i);
    }
  }
  throw UsageError(
      fmt::format("{}: it matches the files of no source; say which one it belongs to with --source=NAME, one of: {}",
                  path == "-" ? "standard input" : path, names));
}

}  // namespace tailmeter
