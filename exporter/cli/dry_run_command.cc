#include <cerrno>
#include <chrono>
#include <cstring>
#include <iostream>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exporter/cli/commands.h"
#include "exporter/cli/dry_run_output.h"
#include "exporter/cli/log_reader.h"
#include "exporter/cli/progress.h"
#include "exporter/cli/rule_files.h"
#include "exporter/pipeline.h"
#include "exporter/web/exposition/exposition.h"

namespace tailmeter {
namespace {

void refuse_unreadable(const std::string& path) {
  struct stat status {};
  if (path == "-") return;
  const int error = ::stat(path.c_str(), &status) != 0 || ::access(path.c_str(), R_OK) != 0 ? errno
                    : S_ISDIR(status.st_mode)                                               ? EISDIR
                                                                                            : 0;
  if (error != 0) throw WorkError(fmt::format("{}: {}", path, std::strerror(error)));
}

}  // namespace

int dry_run_command(const Arguments& arguments) {
  for (const std::string& path : arguments.files) refuse_unreadable(path);  // before the question whose lines they are
  LogReader reader;
  DryRunSummary summary;
  const RuleFileText file =
      read_rules_for_logs(arguments.config_file, arguments.source, arguments.files, summary.recognized, &reader);
  const std::unique_ptr<RuleSet> rules = read_rules(file);
  std::vector<SourceIndex> sources;
  for (const std::string& path : arguments.files) sources.push_back(choose_source(*rules, arguments.source, path));

  Pipeline pipeline(*rules,
                    [&](const Mismatch& mismatch, std::string_view line) { summary.reasons.add(mismatch, line); });
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::string> faults;
  for (std::size_t i = 0; i < arguments.files.size(); ++i) {
    Progress progress(arguments.files[i]);
    const LineEnds line_ends = line_ends_of(rules->sources()[sources[i]].rule.prefixes);
    try {
      reader.read(
          arguments.files[i], sources[i], line_ends, pipeline,
          [&](std::uint64_t done_bytes, std::uint64_t total_bytes) { progress.update(done_bytes, total_bytes); });
    } catch (const WorkError& error) {
      faults.emplace_back(error.what());  // what could be read is still worth knowing
    }
  }
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  for (std::size_t i = 0; i < rules->sources().size(); ++i) summary.add(pipeline.counts(static_cast<SourceIndex>(i)));
  summary.add_skipped(*rules);

  std::string out;
  switch (arguments.format) {
    case DryRunFormat::kText:
      out = render({ExpositionFormat::kText}, rules->snapshot());
      break;
    case DryRunFormat::kOpenMetrics:
      out = render({ExpositionFormat::kOpenMetrics}, rules->snapshot());
      break;
    case DryRunFormat::kTable:
      append_dry_run_table(out, rules->snapshot());
      break;
    case DryRunFormat::kJson:
      append_dry_run_json(out, rules->snapshot(), summary);
      break;
  }
  std::cout << out << std::flush;
  if (!std::cout) throw WorkError("standard output could not be written");
  std::cerr << summary_text(summary);
  for (const std::string& fault : faults) std::cerr << "tailmeter: " << fault << '\n';
  return faults.empty() ? kExitDone : kExitFailed;
}

}  // namespace tailmeter
