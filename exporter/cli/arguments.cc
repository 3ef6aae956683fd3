#include "exporter/cli/arguments.h"

#include <algorithm>
#include <map>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "exporter/cli/nginx_files.h"
#include "exporter/version.h"
#include "exporter/web/http_limits.h"
#include "rules/file/diagnostics.h"

namespace tailmeter {
namespace {

constexpr int kRequestsMax = 1'000'000;

constexpr const char* kDescription =
    "Follows log files, counts their lines as a rule file says, and serves the series to Prometheus.";

constexpr const char* kFooter = R"(Examples:
  tailmeter dry-run /var/log/nginx/access.log      what would be counted, and which lines would not
  tailmeter check mirror.yml                       is this rule file right?
  tailmeter test mirror.yml                        does it count what its tests say?
  tailmeter run --config.file=mirror.yml           follow the logs, serve http://localhost:10564/metrics
  tailmeter init > nginx.yml                       a rule file for the access logs of this host's nginx

"tailmeter COMMAND --help" tells more about a command. Without a command, tailmeter runs.
Without --config.file, /etc/tailmeter/tailmeter.yml holds. Where that is missing, the access logs of the nginx whose
configuration is /etc/nginx/nginx.conf are followed, or, where LOGs are named, each is counted by the built-in preset
that its first lines are for.

A line of a file counts exactly once; one that comes by a FIFO, by standard input or by syslog, at most once.)";

constexpr const char* kRunFooter = R"(Examples:
  tailmeter run
  tailmeter run --config.file=mirror.yml --web.listen-address=127.0.0.1:10564
  tailmeter run --source=nginx /srv/log/access.log
  tailmeter run --web.config.file=web.yml          TLS and passwords, as web.yml of other exporters

A line of a file counts exactly once. What comes by a FIFO, by standard input or by syslog counts at most once: a crash
loses what was taken since counts were last kept, and nobody can read it again.)";

constexpr const char* kDryRunFooter = R"(Examples:
  tailmeter dry-run access.log                  by the preset that its lines are for
  zcat access.log.*.gz | tailmeter dry-run -
  tailmeter dry-run --config.file=mirror.yml --source=nginx - < access.log
  tailmeter dry-run --source=nginx --format=table access.log.2.gz)";

constexpr const char* kCheckFooter = R"(Examples:
  tailmeter check                     the file that run would use
  tailmeter check mirror.yml sync.yml
  tailmeter check --print-config mirror.yml
  tailmeter check --patterns mirror.yml    which patterns need RE2
  tailmeter check --web.config.file=web.yml    TLS and passwords: the file, its certificates and its key)";

constexpr const char* kTestFooter = R"(Examples:
  tailmeter test mirror.yml)";

constexpr const char* kInitFooter = R"(Examples:
  tailmeter init > nginx.yml && tailmeter check nginx.yml
  tailmeter init --nginx.conf=/srv/nginx/nginx.conf --nginx.prefix=/srv/nginx)";

constexpr const char* kStateFooter = R"(Examples:
  tailmeter state show --state.dir=/var/lib/tailmeter
  tailmeter state verify --state.dir=/var/lib/tailmeter
  tailmeter state reset --state.dir=/var/lib/tailmeter      all series begin at 0 again)";

constexpr const char* kDefaultAddress = ":10564";

// Everything CLI11 fills in, before it is made into Arguments.
struct Typed {
  std::string config_file, source;
  std::vector<std::string> files;
  std::vector<std::string> listen_addresses;
  bool systemd_socket = false;
  std::size_t max_requests = HttpLimits{}.requests;
  std::string telemetry_path = "/metrics";
  std::string web_config_file;
  std::string nginx_conf = kNginxConfPath;
  std::string nginx_prefix = NginxBuild{}.prefix;
  std::string state_directory;
  StateAction state_action = StateAction::kShow;
  DryRunFormat format = DryRunFormat::kText;
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kLogfmt;
  bool with_created = false;
  bool print_config = false;
  bool list_presets = false;
  bool patterns = false;
};

const std::map<std::string, DryRunFormat> kDryRunFormats{{"text", DryRunFormat::kText},
                                                         {"openmetrics", DryRunFormat::kOpenMetrics},
                                                         {"json", DryRunFormat::kJson},
                                                         {"table", DryRunFormat::kTable}};
const std::map<std::string, StateAction> kStateActions{
    {"show", StateAction::kShow}, {"verify", StateAction::kVerify}, {"reset", StateAction::kReset}};
const std::map<std::string, LogLevel> kLogLevels{
    {"debug", LogLevel::kDebug}, {"info", LogLevel::kInfo}, {"warn", LogLevel::kWarn}, {"error", LogLevel::kError}};
const std::map<std::string, LogFormat> kLogFormats{{"logfmt", LogFormat::kLogfmt}, {"json", LogFormat::kJson}};

// One of `choices`, by its name.
template <typename Value>
CLI::Option* add_choice(CLI::App& app, const std::string& flag, Value& value,
                        const std::map<std::string, Value>& choices, const std::string& description) {
  std::string names;
  for (const auto& [name, choice] : choices) names += (names.empty() ? "" : "|") + name;
  return app
      .add_option_function<std::string>(
          flag,
          [&value, &choices, flag, names](const std::string& text) {
            const auto found = choices.find(text);
            if (found == choices.end())
              throw CLI::ValidationError(fmt::format("{}={}: choose one of {}", flag, text, names));
            value = found->second;
          },
          description)
      ->type_name(names);
}

void add_rules_flags(CLI::App& app, Typed& typed) {
  app.add_option("--config.file", typed.config_file, "The rule file")->type_name("FILE");
  app.add_option("--source", typed.source, "The source of the rule file that the LOGs belong to")->type_name("NAME");
}

void add_web_config(CLI::App& command, Typed& typed) {
  command
      .add_option("--web.config.file", typed.web_config_file,
                  "TLS, client certificates and passwords, as exporter-toolkit's web.yml has them")
      ->type_name("FILE");
}

void add_run(CLI::App& app, Typed& typed) {
  CLI::App& run =
      *app.add_subcommand("run", "Follow the logs and serve their metrics (the default)")->footer(kRunFooter);
  add_rules_flags(run, typed);
  run.add_option("--web.listen-address", typed.listen_addresses, "Where to serve; may be given several times")
      ->type_name("HOST:PORT|unix:PATH")
      ->take_all()
      ->allow_extra_args(false)  // one for each flag: what follows is a LOG
      ->default_str(kDefaultAddress);
  run.add_flag("--web.systemd-socket", typed.systemd_socket,
               "Serve on the sockets that systemd has opened, and else only where --web.listen-address says");
  run.add_option("--web.max-requests", typed.max_requests,
                 "How many requests may be answered at once; one more gets 503. 0: as many as there may be connections")
      ->type_name("NUMBER")
      ->check(CLI::Range(0, kRequestsMax))
      ->capture_default_str();
  run.add_option("--web.telemetry-path", typed.telemetry_path, "Under which path the metrics are")
      ->type_name("PATH")
      ->capture_default_str();
  run.add_flag("--web.created-samples", typed.with_created,
               "In OpenMetrics, a sample NAME_created beside each that counts: since when (protobuf always says so)");
  add_web_config(run, typed);
  run.add_option("--state.dir", typed.state_directory,
                 "Where the counts and the places in the logs are kept over restarts; \"none\" keeps them nowhere")
      ->type_name("DIR|none")
      ->default_str("$STATE_DIRECTORY or /var/lib/tailmeter, none with LOGs");
  add_choice(run, "--log.level", typed.log_level, kLogLevels, "What to log of the program itself")->default_str("info");
  add_choice(run, "--log.format", typed.log_format, kLogFormats, "How to write that log")->default_str("logfmt");
  run.add_option("LOG", typed.files,
                 "Files or FIFOs to follow in place of what the rule file names; - is standard input");
}

void add_dry_run(CLI::App& app, Typed& typed) {
  CLI::App& dry_run =
      *app.add_subcommand("dry-run", "Count what is in the LOGs and print the metrics")->footer(kDryRunFooter);
  add_rules_flags(dry_run, typed);
  add_choice(dry_run, "--format", typed.format, kDryRunFormats, "How to print the metrics")->default_str("text");
  dry_run.add_option("LOG", typed.files, "Files to read, .gz and .zst too; - is standard input")->required();
}

void add_init(CLI::App& app, Typed& typed) {
  CLI::App& init =
      *app.add_subcommand("init", "Write a rule file for the access logs of an nginx")->footer(kInitFooter);
  init.add_option("--nginx.conf", typed.nginx_conf, "Its configuration")->type_name("FILE")->capture_default_str();
  init.add_option("--nginx.prefix", typed.nginx_prefix,
                  "Where logs with relative paths are: what \"nginx -V\" says behind \"prefix=\"")
      ->type_name("DIR")
      ->capture_default_str();
}

void add_state(CLI::App& app, Typed& typed) {
  CLI::App& state =
      *app.add_subcommand("state", "Show, verify or remove what is kept over restarts")->footer(kStateFooter);
  add_choice(state, "ACTION", typed.state_action, kStateActions, "What to do with it")->required();
  state.add_option("--state.dir", typed.state_directory, "Where it is kept")->type_name("DIR")->required();
}

// One that the links of the pages, and the routes, hold as it is.
bool is_telemetry_path(std::string_view path) {
  const bool is_plain = std::all_of(path.begin(), path.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-' || c == '/';
  });
  return is_plain && path.size() > 1 && path.front() == '/' && !path.starts_with("/-/") && !path.starts_with("/api/");
}

Arguments make_arguments(const Typed& typed, Command command) {
  Arguments arguments;
  arguments.command = command;
  arguments.config_file = typed.config_file;
  arguments.source = typed.source;
  arguments.files = typed.files;
  arguments.format = typed.format;
  arguments.print_config = typed.print_config;
  arguments.list_presets = typed.list_presets;
  arguments.patterns = typed.patterns;
  std::vector<std::string> addresses = typed.listen_addresses;
  if (addresses.empty() && !typed.systemd_socket) addresses = {kDefaultAddress};
  for (const std::string& text : addresses) {
    try {
      arguments.listen_addresses.push_back(parse_listen_address(text));
    } catch (const std::invalid_argument& error) {
      throw UsageError(fmt::format("--web.listen-address={}", error.what()));
    }
  }
  arguments.systemd_socket = typed.systemd_socket;
  arguments.max_requests = typed.max_requests;
  arguments.telemetry_path = typed.telemetry_path;
  arguments.with_created = typed.with_created;
  arguments.web_config_file = typed.web_config_file;
  arguments.state_directory = typed.state_directory;
  arguments.nginx_conf = typed.nginx_conf;
  arguments.nginx_prefix = typed.nginx_prefix;
  arguments.state_action = typed.state_action;
  if (!is_telemetry_path(typed.telemetry_path)) {
    throw UsageError(
        fmt::format("--web.telemetry-path=\"{}\": write a path such as /metrics, of letters, digits, \".\", \"_\", "
                    "\"-\" and \"/\"; /, "
                    "/-/ and /api/ have pages of their own",
                    typed.telemetry_path));
  }
  arguments.log_level = typed.log_level;
  arguments.log_format = typed.log_format;
  return arguments;
}

constexpr std::pair<const char*, Command> kCommands[] = {{"run", Command::kRun},     {"dry-run", Command::kDryRun},
                                                         {"check", Command::kCheck}, {"test", Command::kTest},
                                                         {"init", Command::kInit},   {"state", Command::kState}};

bool is_command(std::string_view word) {
  return std::any_of(std::begin(kCommands), std::end(kCommands),
                     [&](const auto& command) { return command.first == word; });
}

constexpr const char* kFutureCommands[] = {"explain", "convert", "backfill", "completion"};

// A first word that looks like a command is no LOG, unless there is such a file.
void refuse_unknown_command(const std::string& word) {
  std::vector<std::string> names;
  for (const auto& command : kCommands) names.emplace_back(command.first);
  if (word.find_first_of("./") != std::string::npos || word.front() == '-' || ::access(word.c_str(), F_OK) == 0) return;
  if (std::find(std::begin(kFutureCommands), std::end(kFutureCommands), word) != std::end(kFutureCommands)) {
    throw UsageError(fmt::format("the command \"{}\" is not yet supported (see tailmeter --help)", word));
  }
  throw UsageError(
      fmt::format("\"{}\" is neither a command nor a file{} (see tailmeter --help)", word, did_you_mean(word, names)));
}

// The arguments behind the program's name, with "run" in front where no command is.
std::vector<std::string> with_command(int argc, const char* const* argv) {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const bool asks_about_all =
      words.size() == 1 && (words[0] == "--help" || words[0] == "-h" || words[0] == "--version");
  if (asks_about_all || (!words.empty() && is_command(words[0]))) return words;
  if (!words.empty() && !words[0].empty()) refuse_unknown_command(words[0]);
  words.insert(words.begin(), "run");
  return words;
}

}  // namespace

Arguments parse_arguments(int argc, const char* const* argv) {
  Typed typed;
  CLI::App app(kDescription, "tailmeter");
  app.footer(kFooter);
  app.set_version_flag("--version", version_text(), "Print the version and exit");
  add_run(app, typed);
  add_dry_run(app, typed);
  CLI::App& check = *app.add_subcommand("check", "Say what is wrong with rule files")->footer(kCheckFooter);
  check.add_flag("--print-config", typed.print_config, "Print what a right rule file amounts to");
  check.add_flag("--presets", typed.list_presets, "List the presets that a source may name");
  check.add_flag("--patterns", typed.patterns, "Print how each regular expression is searched for")
      ->excludes("--print-config");
  add_web_config(check, typed);
  check.add_option("FILE", typed.files, "Rule files");
  CLI::App& test = *app.add_subcommand("test", "Run the tests that are written in rule files")->footer(kTestFooter);
  test.add_option("FILE", typed.files, "Rule files");
  add_init(app, typed);
  add_state(app, typed);

  std::vector<std::string> words = with_command(argc, argv);
  const std::string help =
      words.empty() || !is_command(words[0]) ? "tailmeter --help" : "tailmeter " + words[0] + " --help";
  try {
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    app.parse(words);
  } catch (const CLI::CallForHelp&) {
    const auto asked = app.get_subcommands();
    throw HelpRequested{asked.empty() ? app.help() : asked.front()->help("tailmeter")};
  } catch (const CLI::CallForVersion&) {
    throw HelpRequested{version_text() + "\n"};
  } catch (const CLI::ParseError& error) {
    throw UsageError(fmt::format("{} (see {})", error.what(), help));
  }
  for (const auto& [name, command] : kCommands) {
    if (app.got_subcommand(name)) return make_arguments(typed, command);
  }
  throw UsageError(fmt::format("no command (see {})", help));
}

}  // namespace tailmeter
