// What the user typed, checked for itself: the command and its flags.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "exporter/log.h"
#include "exporter/web/listen_address.h"

namespace tailmeter {

enum class Command { kRun, kDryRun, kCheck, kTest, kInit, kState };
enum class DryRunFormat { kText, kOpenMetrics, kJson, kTable };
enum class StateAction { kShow, kVerify, kReset };

struct Arguments {
  Command command = Command::kRun;
  std::string config_file;         // "" when not given
  std::string source;              // --source; "" when not given
  std::vector<std::string> files;  // LOG... or rule FILE...
  DryRunFormat format = DryRunFormat::kText;
  bool print_config = false;  // check
  bool list_presets = false;  // check
  bool patterns = false;      // check: how each is searched for
  std::vector<ListenAddress> listen_addresses;
  bool systemd_socket = false;
  std::size_t max_requests = 0;
  std::string state_directory;  // run, state: as given; empty: not given
  std::string nginx_conf;       // init
  std::string nginx_prefix;     // init
  StateAction state_action = StateAction::kShow;
  std::string telemetry_path;
  bool with_created = false;    // run: OpenMetrics says since when each series counts
  std::string web_config_file;  // run, check; "" when not given
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kLogfmt;
};

// The user asked for help or for the version: print `text` to standard output and exit with 0.
struct HelpRequested {
  std::string text;
};

// The command line is wrong. what() says how, and which help to read. Exit with kExitUsage.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws HelpRequested or UsageError.
[[nodiscard]] Arguments parse_arguments(int argc, const char* const* argv);

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;  // the work failed: a test failed, a file could not be read
inline constexpr int kExitUsage = 2;   // wrong usage or a wrong rule file

}  // namespace tailmeter
