// Finding and reading the rule file that a command works with.
#pragma once

#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "exporter/lines/line_sink.h"
#include "rules/program/rule_set.h"

namespace tailmeter {

class LogReader;
struct RecognizedLog;
using RecognizedLogs = std::map<std::string, RecognizedLog>;  // by path; see recognized_rules.h

inline constexpr const char* kConfigPath = "/etc/tailmeter/tailmeter.yml";

struct RuleFileText {
  std::string name;  // as messages call it
  std::string text;
  std::string directory;  // what the paths in it are relative to
};

// The work cannot be done: a file could not be read. what() is ready to print. Exit with kExitFailed.
class WorkError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The file at `path`; without one, kConfigPath if it is there, else the default preset. Throws WorkError.
[[nodiscard]] RuleFileText read_rule_file(const std::string& path);

struct NginxRules {
  std::string text;     // a rule file
  std::string summary;  // lines about what was found
};

// A rule file for the access logs of the nginx configuration at `path`. Throws WorkError, also if there is no log that
// could be followed.
[[nodiscard]] NginxRules rules_for_nginx(const std::string& path, const NginxBuild& build = {});

// The rules that `run` follows and serves when no LOG is named: as read_rule_file(), but without a file those that
// `init` would write from the configuration at kNginxConfPath. Throws WorkError, and UsageError if there is none.
[[nodiscard]] RuleFileText read_service_rules(const std::string& path);

// The rules for the LOGs of a command line: as read_rule_file(), but without a file and without `source` those of the
// presets that take their lines, by recognized_rules(). Throws WorkError and UsageError.
[[nodiscard]] RuleFileText read_rules_for_logs(const std::string& path, const std::string& source,
                                               const std::vector<std::string>& logs, RecognizedLogs& known,
                                               LogReader* pipes);

// The ways from a rule file to other files.
[[nodiscard]] RuleFileLinks links_of(const RuleFileText& file);

// Throws RuleFileError.
[[nodiscard]] std::unique_ptr<RuleSet> read_rules(const RuleFileText& file);

// The source that the log at `path` belongs to: `name` if it is not empty, else the one whose patterns the path
// matches, else the one with a pattern that ends in the same file name, else the only one. Throws UsageError.
[[nodiscard]] SourceIndex choose_source(const RuleSet& rules, const std::string& name, const std::string& path);

}  // namespace tailmeter
