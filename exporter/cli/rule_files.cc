#include "exporter/cli/rule_files.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>
#include <fnmatch.h>

#include "exporter/cli/arguments.h"
#include "rules/presets/presets.h"

namespace tailmeter {
namespace {

std::string file_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

bool matches_path(const SourceRule& source, const std::string& path) {
  if (path == "-" ? source.is_standard_input : source.fifo && source.fifo->value == path) return true;
  for (const Text& pattern : source.files) {
    if (::fnmatch(pattern.value.c_str(), path.c_str(), FNM_PATHNAME) == 0) return true;
  }
  return false;
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
  std::ifstream file(chosen, std::ios::binary);
  if (!file && path.empty() && errno == ENOENT) {
    return {fmt::format("the built-in rules \"{}\"", kDefaultPreset), std::string(preset_text(kDefaultPreset))};
  }
  std::string text;
  char part[4096];
  // A little more than is allowed is enough to be refused for; the file may have no end.
  while (text.size() <= RuleFileLimits{}.max_bytes && (file.read(part, sizeof part) || file.gcount() > 0)) {
    text.append(part, static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad() || !file.is_open()) throw WorkError(fmt::format("{}: {}", chosen, std::strerror(errno)));
  return {chosen, std::move(text)};
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
