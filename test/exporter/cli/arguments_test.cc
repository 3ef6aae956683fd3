#include "exporter/cli/arguments.h"

#include <catch2/catch.hpp>

namespace tailmeter {
namespace {

Arguments parse(std::vector<const char*> words) {
  words.insert(words.begin(), "tailmeter");
  return parse_arguments(static_cast<int>(words.size()), words.data());
}

std::string help(std::vector<const char*> words) {
  try {
    (void)parse(std::move(words));
  } catch (const HelpRequested& asked) {
    return asked.text;
  }
  return "no help was asked for";
}

TEST_CASE("without a command the program runs", "[cli]") {
  CHECK(parse({}).command == Command::kRun);
  CHECK(parse({"access.log"}).command == Command::kRun);
  CHECK(parse({"access.log"}).files == std::vector<std::string>{"access.log"});
  const Arguments arguments = parse({"--config.file=a.yml", "--log.level=debug"});
  CHECK(arguments.command == Command::kRun);
  CHECK(arguments.config_file == "a.yml");
  CHECK(arguments.log_level == LogLevel::kDebug);
}

TEST_CASE("run has the defaults of its contract", "[cli]") {
  const Arguments arguments = parse({"run"});
  REQUIRE(arguments.listen_addresses.size() == 1);
  CHECK(arguments.listen_addresses[0].host.empty());
  CHECK(arguments.listen_addresses[0].port == 10564);
  CHECK(arguments.telemetry_path == "/metrics");
  CHECK(arguments.log_format == LogFormat::kLogfmt);
}

TEST_CASE("addresses to listen on may be given several times", "[cli]") {
  const Arguments arguments = parse({"run", "--web.listen-address=127.0.0.1:1", "--web.listen-address", "unix:/s"});
  REQUIRE(arguments.listen_addresses.size() == 2);
  CHECK(arguments.listen_addresses[0].port == 1);
  CHECK(arguments.listen_addresses[1].is_unix);
  CHECK(parse({"run", "--web.listen-address=127.0.0.1:1", "a.log"}).files == std::vector<std::string>{"a.log"});
  CHECK(parse({"--web.listen-address", ":1", "--web.listen-address", ":2", "a.log", "b.log"}).files.size() == 2);
}

TEST_CASE("with the sockets of systemd, only the addresses that are named are listened on besides", "[cli]") {
  CHECK_FALSE(parse({"run"}).systemd_socket);
  const Arguments alone = parse({"run", "--web.systemd-socket"});
  CHECK(alone.systemd_socket);
  CHECK(alone.listen_addresses.empty());
  CHECK(parse({"run", "--web.systemd-socket", "--web.listen-address=:1"}).listen_addresses.size() == 1);
}

TEST_CASE("how many requests may be under way is a number", "[cli]") {
  CHECK(parse({"run"}).max_requests == 40);
  CHECK(parse({"run", "--web.max-requests=0"}).max_requests == 0);
  CHECK(parse({"--web.max-requests=7"}).max_requests == 7);
  for (const char* wrong : {"-1", "many", "1000001", ""}) {
    CHECK_THROWS_WITH(
        parse({"run", "--web.max-requests", wrong}),
        "--web.max-requests: Value " + std::string(wrong) + " not in range 0 to 1000000 (see tailmeter run --help)");
  }
}

TEST_CASE("each command takes what belongs to it", "[cli]") {
  const Arguments state = parse({"state", "verify", "--state.dir=/s"});
  CHECK(state.command == Command::kState);
  CHECK(state.state_action == StateAction::kVerify);
  CHECK(state.state_directory == "/s");

  CHECK(parse({"init"}).nginx_conf == "/etc/nginx/nginx.conf");
  CHECK(parse({"init"}).nginx_prefix == "/usr/share/nginx");
  const Arguments init = parse({"init", "--nginx.conf=n.conf", "--nginx.prefix=/etc/nginx"});
  CHECK(init.command == Command::kInit);
  CHECK(init.nginx_conf == "n.conf");
  CHECK(init.nginx_prefix == "/etc/nginx");

  const Arguments dry_run = parse({"dry-run", "--format=json", "--source", "nginx", "a.log", "-"});
  CHECK(dry_run.command == Command::kDryRun);
  CHECK(dry_run.format == DryRunFormat::kJson);
  CHECK(dry_run.source == "nginx");
  CHECK(dry_run.files == std::vector<std::string>{"a.log", "-"});
  CHECK(parse({"check", "a.yml", "--print-config"}).print_config);
  CHECK_FALSE(parse({"check", "a.yml"}).patterns);
  CHECK(parse({"check", "a.yml", "--patterns"}).patterns);
  CHECK(parse({"test", "a.yml", "b.yml"}).files.size() == 2);
  CHECK(parse({"run", "--web.config.file=w.yml"}).web_config_file == "w.yml");
  CHECK(parse({"check", "--web.config.file=w.yml"}).web_config_file == "w.yml");
  CHECK(parse({"check", "--web.config.file=w.yml", "a.yml"}).files == std::vector<std::string>{"a.yml"});
}

TEST_CASE("a wrong command line says what is wrong and where to read on", "[cli]") {
  CHECK_THROWS_AS(parse({"dry-run"}), UsageError);
  CHECK_THROWS_AS(parse({"check", "--nonsense"}), UsageError);
  CHECK_THROWS_WITH(parse({"check", "--patterns", "--print-config"}),
                    "--print-config excludes --patterns (see tailmeter check --help)");
  CHECK_THROWS_WITH(parse({"dry-run", "--format=yaml", "x"}),
                    "--format=yaml: choose one of json|openmetrics|table|text (see tailmeter dry-run --help)");
  CHECK_THROWS_WITH(parse({"run", "--web.listen-address=nowhere"}),
                    "--web.listen-address=\"nowhere\": write HOST:PORT or :PORT, such as :10564 or [::1]:10564");
}

TEST_CASE("the metrics' path is one that no link and no route takes for another", "[cli]") {
  for (const char* path :
       {"metrics", "/", "/-/ready", "/api/v1/series", "/a b", "/a?b", "/\"><script>", "/a%20b", ""}) {
    CHECK_THROWS_WITH(
        parse({"run", "--web.telemetry-path", path}),
        "--web.telemetry-path=\"" + std::string(path) +
            "\": write a path such as /metrics, of letters, digits, \".\", \"_\", \"-\" and \"/\"; /, /-/ and "
            "/api/ have pages of their own");
  }
  CHECK(parse({"run", "--web.telemetry-path=/probe/Metrics-1_a.txt"}).telemetry_path == "/probe/Metrics-1_a.txt");
}

TEST_CASE("a misspelt command is not taken for a log", "[cli]") {
  CHECK_THROWS_WITH(parse({"dryrun", "access.log"}),
                    "\"dryrun\" is neither a command nor a file (did you mean \"dry-run\"?) (see tailmeter --help)");
  CHECK_THROWS_WITH(parse({"observe"}), "\"observe\" is neither a command nor a file (see tailmeter --help)");
  CHECK_THROWS_WITH(parse({"explain", "x"}), "the command \"explain\" is not yet supported (see tailmeter --help)");
  CHECK(parse({"/tmp"}).files == std::vector<std::string>{"/tmp"});
}

TEST_CASE("help has examples, for the whole and for each command", "[cli]") {
  CHECK(help({"--help"}).find("tailmeter dry-run /var/log/nginx/access.log") != std::string::npos);
  for (const char* command : {"run", "dry-run", "check", "test", "init"}) {
    CAPTURE(command);
    CHECK(help({command, "--help"}).find("Examples:\n  tailmeter " + std::string(command)) != std::string::npos);
    CHECK(help({command, "--help"}).find("Usage: tailmeter " + std::string(command)) != std::string::npos);
  }
  CHECK(help({"--version"}).find("tailmeter, version ") == 0);
}

}  // namespace
}  // namespace tailmeter
