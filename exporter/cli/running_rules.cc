#include "exporter/cli/running_rules.h"

#include <algorithm>

#include <fmt/format.h>
#include <sys/stat.h>

#include "exporter/cli/rule_test.h"
#include "exporter/log.h"
#include "exporter/pipeline.h"
#include "rules/file/diagnostics.h"

namespace tailmeter {
namespace {

using Kind = InputPlace::Kind;

FollowedSource followed(const SourceRule& rule) {
  FollowedSource source;
  for (const Text& file : rule.files) source.files.push_back(file.value);
  for (const Text& pattern : rule.exclude) source.exclude.push_back(pattern.value);
  source.start_at = rule.start_at == StartRule::kEnd ? StartAt::kEnd : StartAt::kBeginning;
  source.line_ends = line_ends_of(rule.prefixes);
  return source;
}

void add_input(const SourceRule& rule, SourceIndex source, std::vector<InputPlace>& inputs) {
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
void follow_instead(const Arguments& arguments, LoadedRules& loaded) {
  for (FollowedSource& source : loaded.sources) source.files.clear();
  loaded.inputs.clear();
  for (const std::string& path : arguments.files) {
    const SourceIndex source = choose_source(*loaded.rules, arguments.source, path);
    const LineEnds line_ends = line_ends_of(loaded.rules->sources()[source].rule.prefixes);
    if (path == "-") {
      loaded.inputs.push_back({.source = source, .kind = Kind::kStandardInput, .line_ends = line_ends});
    } else if (is_fifo(path)) {
      loaded.inputs.push_back({.source = source, .kind = Kind::kFifo, .path = path, .line_ends = line_ends});
    } else {
      loaded.sources[source].files.push_back(path);
    }
  }
}

// Where the lines of a stream end is part of what is open: some of one may have come already.
std::string line_ends_text(const std::vector<Carrier>& carriers, Kind kind) {
  const bool is_stream = kind == Kind::kFifo || kind == Kind::kStandardInput;
  if (!is_stream || carriers.empty() || !brings_parts(carriers.front())) return {};
  return carriers.front() == Carrier::kDocker ? " with prefix docker" : " with prefix cri";
}

std::string list_of(const char* what, const std::vector<std::string>& all, const std::vector<std::string>& without) {
  std::string list;
  for (const std::string& input : all) {
    if (std::find(without.begin(), without.end(), input) != without.end()) continue;
    list += (list.empty() ? "" : ", ") + input;
  }
  return list.empty() ? list : fmt::format("; {}: {}", what, list);
}

void refuse_other_inputs(const std::string& file, const std::vector<std::string>& before,
                         const std::vector<std::string>& after) {
  const std::string changes = list_of("new", after, before) + list_of("gone", before, after);
  if (changes.empty()) return;
  throw RuleFileError(
      fmt::format("{}: inputs are opened at the start only, and these are others: restart tailmeter{}", file, changes));
}

void run_tests(const RuleFileText& file, const RuleSet& rules) {
  std::string failures;
  for (const TestRule& test : rules.tests()) {
    for (const std::string& difference : run_rule_test(file, test)) {
      failures += fmt::format("{}{}:{}: the test \"{}\" fails: {}", failures.empty() ? "" : "\n", file.name,
                              test.name.place.line, test.name.value, difference);
    }
  }
  if (!failures.empty()) throw RuleFileError(failures);
}

}  // namespace

RuleFileText read_running_file(const Arguments& arguments, RecognizedLogs& known) {
  if (arguments.files.empty()) return read_service_rules(arguments.config_file);
  return read_rules_for_logs(arguments.config_file, arguments.source, arguments.files, known, nullptr);
}

LoadedRules load_rules(const RuleFileText& file, const Arguments& arguments) {
  LoadedRules loaded{.rules = read_rules(file), .sources = {}, .inputs = {}};
  for (const RuleSet::Source& source : loaded.rules->sources()) {
    add_input(source.rule, static_cast<SourceIndex>(loaded.sources.size()), loaded.inputs);
    loaded.sources.push_back(followed(source.rule));
    for (const std::string& note : source.notes) log(LogLevel::kInfo, note);
  }
  if (!arguments.files.empty()) follow_instead(arguments, loaded);
  return loaded;
}

std::vector<std::string> describe_inputs(const LoadedRules& loaded) {
  std::vector<std::string> texts;
  for (const InputPlace& input : loaded.inputs) {
    const SourceRule& rule = loaded.rules->sources()[input.source].rule;
    texts.push_back(fmt::format("{} of the source \"{}\"{}", name_of(input), rule.name.value,
                                line_ends_text(rule.prefixes, input.kind)));
  }
  return texts;
}

LoadedRules reload_rules(const Arguments& arguments, const std::vector<std::string>& inputs, RecognizedLogs& known) {
  const RuleFileText file = read_running_file(arguments, known);
  LoadedRules loaded;
  try {
    loaded = load_rules(file, arguments);
  } catch (const UsageError& error) {
    throw RuleFileError(error.what());  // of the LOGs: the rules have no source for them any more
  }
  refuse_other_inputs(file.name, inputs, describe_inputs(loaded));
  // A file whose tests fail is not what its author meant. At the start they are not run: `tailmeter test` is for that.
  run_tests(file, *loaded.rules);
  return loaded;
}

}  // namespace tailmeter
