#include <algorithm>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exporter/cli/commands.h"
#include "exporter/cli/running_rules.h"
#include "exporter/exporter.h"
#include "exporter/memory.h"
#include "exporter/tail/rotated_name.h"
#include "exporter/version.h"
#include "exporter/web/systemd_sockets.h"

namespace tailmeter {
namespace {

void refuse_compressed_logs(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (!is_compressed_name(path)) continue;
    throw UsageError(path + ": a compressed log does not grow; to count what is in it, write: tailmeter dry-run " +
                     path);
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

std::vector<Descriptor> systemd_sockets() {
  try {
    return take_systemd_sockets();
  } catch (const SystemdSocketError& error) {
    throw UsageError(std::string("--web.systemd-socket: ") + error.what());
  }
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
  share_heaps();
  configure_log(arguments.log_level, arguments.log_format);
  refuse_compressed_logs(arguments.files);
  RecognizedLogs recognized;
  const RuleFileText file = read_running_file(arguments, recognized);
  LoadedRules rules = load_rules(file, arguments);
  refuse_closed_standard_input(rules.inputs);

  ExporterSettings settings;
  settings.load_rules = [&, inputs = describe_inputs(rules)] { return reload_rules(arguments, inputs, recognized); };
  settings.listen_addresses = arguments.listen_addresses;
  if (arguments.systemd_socket) settings.systemd_sockets = systemd_sockets();
  settings.max_requests = arguments.max_requests;
  settings.telemetry_path = arguments.telemetry_path;
  settings.with_created = arguments.with_created;
  settings.web_config_file = arguments.web_config_file;
  settings.state_directory = state_directory(arguments);
  log(LogLevel::kInfo, "starting", {{"version", version()}, {"rules", file.name}});
  for (const auto& [path, found] : recognized)
    log(LogLevel::kInfo, "recognized", {{"log", path}, {"as", recognition_text(path, found)}});
  try {
    run_exporter(std::move(rules), std::move(settings));
  } catch (const std::system_error& error) {
    log(LogLevel::kError, error.what() + way_out(error.code()));
    return kExitFailed;
  }
  return kExitDone;
}

}  // namespace tailmeter
