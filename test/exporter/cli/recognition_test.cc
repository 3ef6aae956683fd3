#include "exporter/cli/recognition.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "exporter/cli/arguments.h"
#include "exporter/cli/recognized_rules.h"
#include "exporter/cli/rule_test.h"
#include "rules/file/print.h"
#include "rules/presets/presets.h"
#include "rules/program/compile.h"
#include "test/support/temporary_directory.h"

namespace tailmeter {
namespace {

void write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

const std::string kWayOut =
    ", and name that with --config.file=FILE. The presets apt_mirror, debmirror, rsync_stats take any line: a log of "
    "theirs is recognized when a line tells how a run ended, and until then needs a rule file that names the preset";

RuleFileText rules_for(const std::vector<std::string>& logs) {
  RecognizedLogs known;
  return recognized_rules(logs, known, nullptr);
}

std::string source_of(const RuleSet& rules, const std::string& path) {
  return rules.sources()[choose_source(rules, "", path)].rule.name.value;
}

constexpr const char* kCombined =
    R"(192.0.2.7 - - [21/Nov/2026:18:49:31 +0000] "GET /v2/ HTTP/1.1" 200 2 "-" "curl/7.88.1")";

TEST_CASE("what the default preset takes is counted by the default rules", "[recognition]") {
  const std::vector<std::string> lines(10, kCombined);
  const Recognition found = recognize(lines);
  CHECK(found.preset == kDefaultPreset);
  CHECK(found.source == "nginx");
  CHECK(found.matched == 10);
  CHECK(found.is_sure());
}

TEST_CASE("each format leads to its preset, also when one line in ten is odd", "[recognition]") {
  struct Row {
    const char* line;
    const char* preset;
  };
  const auto row = GENERATE(values<Row>({
      {R"(192.0.2.7 - - [21/Nov/2026:18:49:31 +0000] "GET / HTTP/1.1" 200 2 "-" "-" "198.51.100.1, 10.0.0.1")",
       "nginx"},
      {"2026-11-21T18:49:31Z SYNC_FAILED image=a", "mirror"},
      {R"(192.0.2.7 - - [21/Nov/2026:18:49:31 +0000] "GET / HTTP/1.1" 200 2 "-" "-" 0.125)", "nginx_timing"},
      {R"({"request":"GET / HTTP/1.1","status":200,"body_bytes_sent":2,"request_time":0.125})", "nginx_json"},
      {R"({"request_method":"GET","status":200})", "nginx_json"},
      {"Writing manifest to image destination", "skopeo"},
      {R"({"upstream_cache_status":"HIT","method":"GET","request_type":"blob","status":"200","bytes_sent":"1"})",
       "registry_cache"},
      {R"({"msg":"handled request","request":{"method":"GET"},"duration":0.002,"size":1,"status":200})", "caddy"},
      {R"({"DownstreamStatus":200,"DownstreamContentSize":1,"Duration":1000,"RequestMethod":"GET"})", "traefik"},
      {R"(time="2026-11-21T18:49:31Z" level=info msg="response completed" http.request.method=GET )"
       R"(http.response.duration=6.2ms http.response.status=200 http.response.written=2)",
       "docker_registry"},
      {"2026/11/21 18:49:31 [error] 1#1: *2 open() \"/srv/a\" failed (2: No such file or directory), client: ::1",
       "nginx_error"},
      {R"(192.0.2.7 - - [21/Nov/2026:18:49:31 +0000] "GET / HTTP/1.1" 200 2 "-" "-" 0/1500)", "apache"},
      {R"([21/Nov/2026:18:49:31 +0000] - 200 200 - GET https a.example.org "/" [Client ::1] [Length 2] [Gzip -] [Sent-to b] )"
       R"("-" "-")",
       "nginx_proxy_manager"},
      {R"(192.0.2.7 - "GET /v2/ HTTP/1.1" 401 76 "-" "docker/20.10.7" 0.005 0.004 .)", "nginx_timing"},
      {"[26-01-02 15:04:05][NOTICE] succeeded syncing debian", "tunasync_worker"},
      {"time:21/Nov/2026:18:49:31 +0000\tmethod:GET\tstatus:200\tbody_bytes_sent:2\trequest_time:0.125", "nginx_ltsv"},
  }));
  std::vector<std::string> lines(9, row.line);
  CAPTURE(row.line);
  CHECK(recognize(lines).preset == row.preset);
  lines.emplace_back("what is this?");
  CHECK(recognize(lines).preset == row.preset);
  CHECK(recognize(lines).is_sure());
  lines.emplace_back("and this?");
  CHECK_FALSE(recognize(lines).is_sure());
}

TEST_CASE("lines that a format takes, and in which the rules find nothing, are of no preset", "[recognition]") {
  const char* const line = GENERATE(values({
      R"({"m":"GET","code":503,"sz":10})",
      R"({"message":"hello"})",
      R"({"status":"ok","method":"work"})",
      R"({"log":"hello\n","stream":"stdout","time":"2026-11-21T18:48:15.100000000Z"})",
      "2026-11-21T18:48:15.100000000Z stdout F hello",
      "2026-11-21T18:48:15.1+00:00 h sshd[1]: Accepted publickey for root from 192.0.2.7 port 4711 ssh2",
      "level=info ts=2026-11-21T18:48:15Z caller=main.go:12 msg=hello",
      "size:12\tlevel:info\tmessage:hello",
      "Getting image source signatures",
      "I1121 18:48:15.123456       1 main.go:12] hello",
      "ok",
  }));
  CAPTURE(line);
  CHECK_FALSE(recognize(std::vector<std::string>(20, line)).is_sure());
}

TEST_CASE("a format of its own goes before one that takes lines of any kind", "[recognition]") {
  const std::vector<std::string> lines(
      5, R"(192.0.2.7 - - [21/Nov/2026:18:49:31 +0000] "GET / HTTP/1.1" 503 2 "-" "-" rt=0.012 urt="0.010")");
  const Recognition found = recognize(lines);
  CHECK(found.preset == "nginx_timing");
  CHECK(found.is_sure());
}

TEST_CASE("of a preset with formats of both kinds that one counts which takes the lines", "[recognition]") {
  struct Row {
    const char* line;
    const char* preset;
  };
  const auto row = GENERATE(values<Row>({
      {R"(192.0.2.1 - - [21/Nov/2026:18:49:31 +0000] "GET / HTTP/1.1" 200 2 "-" "-" 1 "whoami@docker" )"
       R"("http://172.18.0.3:80" 2ms)",
       "traefik"},
      {R"(192.0.2.1 - - [21/Nov/2026:18:49:31 +0000] "GET / HTTP/1.1" 404 19 "-" "-" 2 "-" "-" 0ms)", "traefik"},
      {R"(192.0.2.1 - - [21/Nov/2026:18:49:31 +0000] "GET / HTTP/1.1" 200 2)", "apache"},
      {R"(192.0.2.1 - - [21/Nov/2026:18:49:31 +0000] "GET / HTTP/1.1" 200 2 "-" "-")", "mirror"},
  }));
  CAPTURE(row.line);
  const Recognition found = recognize(std::vector<std::string>(4, row.line));
  CHECK(found.preset == row.preset);
  CHECK(found.is_sure());
  CHECK_FALSE(found.is_open);
}

TEST_CASE("what carried the lines is taken off and written into the rules", "[recognition]") {
  struct Row {
    const char* line;
    const char* preset;
    const char* prefix;
  };
  const auto row = GENERATE(values<Row>({
      {R"({"log":"192.0.2.7 - - [21/Nov/2026:18:49:31 +0000] \"GET / HTTP/1.1\" 200 2 \"-\" \"-\"\n",)"
       R"("stream":"stdout","time":"2026-11-21T18:49:31.1Z"})",
       "mirror", "[docker]"},
      {R"(2026-11-21T18:49:31.1Z stdout F 192.0.2.7 - - [21/Nov/2026:18:49:31 +0000] "GET / HTTP/1.1" 200 2 "-" "-")",
       "mirror", "[cri]"},
      {R"(<190>Nov 21 18:49:31 h nginx: 192.0.2.7 - - [21/Nov/2026:18:49:31 +0000] "GET / HTTP/1.1" 200 2 "-" "-")",
       "mirror", "[syslog]"},
      {R"(web-1  | 192.0.2.7 - - [21/Nov/2026:18:49:31 +0000] "GET / HTTP/1.1" 200 2 "-" "-")", "mirror", "[compose]"},
      {R"(2026-11-21T18:49:31.1Z stdout F {"request":"GET / HTTP/1.1","status":200,"request_time":0.125})",
       "nginx_json", "[cri]"},
      {"2026-11-21T18:49:31.1Z stdout F \x1b[31m[26-01-02 15:04:05][NOTICE] succeeded syncing debian\x1b[0m",
       "tunasync_worker", "[cri, ansi]"},
      {"\x1b[2m2026-11-21T18:49:31Z\x1b[0m [notice] 1#1: start worker process 7", "none", "[]"},
  }));
  CAPTURE(row.line);
  TemporaryDirectory directory;
  write(directory / "a.log", std::string(row.line) + '\n');
  if (std::string_view(row.preset) == "none") {
    CHECK_THROWS_AS(rules_for({directory / "a.log"}), UsageError);
    return;
  }
  const Recognition found = recognize(std::vector<std::string>{row.line});
  CHECK(found.is_sure());
  CHECK(found.preset == row.preset);
  CHECK(prefixes_text(found.prefixes) == row.prefix);
  const auto compiled = read_rules(rules_for({directory / "a.log"}));
  CHECK(prefixes_text(compiled->sources().front().rule.prefixes) == row.prefix);
}

TEST_CASE("lines of a container in which no preset finds anything are refused with what carries them",
          "[recognition]") {
  TemporaryDirectory directory;
  const std::string path = directory / "own.log";
  write(path, R"({"log":"{\"m\":\"GET\"}\n","stream":"stdout","time":"2026-11-21T18:49:31.1Z"})"
              "\n");
  CHECK_THROWS_WITH(
      rules_for({path}),
      path +
          ": no preset finds in its lines what it counts. The nearest is caddy, which takes 1 of the first 1 lines "
          "when "
          "prefix: [docker] is taken off, and finds it in 0. Write a rule file with that preset, if they are what it "
          "is for, or with their fields" +
          kWayOut);
}

TEST_CASE("logs of tools that print plain words are recognized by what tells of a run", "[recognition]") {
  struct Row {
    std::vector<std::string> lines;
    const char* preset;
    const char* source;
  };
  const auto row = GENERATE(values<Row>({
      {{"receiving incremental file list", "a/b.deb", "", "sent 43 bytes  received 1,234 bytes  851.33 bytes/sec",
        "total size is 12,345  speedup is 9.67"},
       "rsync_stats",
       "rsync"},
      {{"rsync: [Receiver] failed to connect to a.example (192.0.2.7): Connection refused (111)",
        "rsync error: error in socket IO (code 10) at clientserver.c(139) [Receiver=3.2.7]"},
       "rsync_stats",
       "rsync"},
      {{"2026/11/21 18:49:31 [82] rsync: --no-such-option: unknown option",
        "2026/11/21 18:49:31 [82] rsync error: syntax or usage error (code 1) at main.c(1804) [client=3.2.7]"},
       "rsync_stats",
       "rsync"},
      {{"2026/11/21 18:49:31 [86] [Receiver] io timeout after 2 seconds -- exiting",
        "2026/11/21 18:49:31 [86] rsync error: timeout in data send/receive (code 30) at io.c(201) [Receiver=3.2.7]"},
       "rsync_stats",
       "rsync"},
      {{"2026/11/21 18:49:31 [18] connect from a.example (192.0.2.7)",
        "2026/11/21 18:49:32 [18] rsync error: timeout in data send/receive (code 30) at io.c(201) [Receiver=3.2.7]"},
       "rsyncd",
       "rsyncd"},
      {{"Nov 21 18:49:31 a rsyncd[18]: connect from a.example (192.0.2.7)",
        "Nov 21 18:49:31 a rsyncd[18]: rsync on debian/ from a.example (192.0.2.7)",
        "Nov 21 18:49:32 a rsyncd[18]: sent 5 bytes  received 7 bytes  total size 9"},
       "rsyncd",
       "rsyncd"},
      {{"Downloading 14 index files using 3 threads...", "1.5 GiB will be downloaded into archive.",
        "Downloading 3 archive files using 3 threads...", "0 bytes in 0 files and 0 directories can be freed."},
       "apt_mirror",
       "apt_mirror"},
      {{"--2026-11-21 19:06:26--  http://a.example/b.deb", "Length: 12 [application/octet-stream]",
        "2026-11-21 19:06:26 (1.2 MB/s) - 'b.deb' saved [12/12]"},
       "apt_mirror",
       "wget"},
      {{"[  0%] Getting: dists/a/Release", "ok", "Downloaded 12 MiB in 3s at 4.00 MiB/s.", "All done."},
       "debmirror",
       "debmirror"},
  }));
  const Recognition found = recognize(row.lines);
  CHECK(found.is_sure());
  CHECK(found.preset == row.preset);
  CHECK(found.source == row.source);
}

TEST_CASE("what goes on with a line above does not count against a format", "[recognition]") {
  const std::string error =
      "2026/11/21 18:49:31 [error] 25#25: *4 FastCGI sent in stderr: \"PHP message: PHP Fatal error: Uncaught Error";
  const std::vector<std::string> lines = {error, "Stack trace:", "#0 /srv/a.php(7): f()", "#1 {main}",
                                          "  thrown in /srv/a.php on line 1\" while reading, client: ::1"};
  CHECK(recognize(lines).preset == "nginx_error");
  CHECK(recognize(lines).is_sure());
  CHECK_FALSE(recognize(std::vector<std::string>{error, "this", "and", "that"}).is_sure());
  CHECK_FALSE(recognize(std::vector<std::string>(lines.begin() + 1, lines.end())).is_sure());
}

TEST_CASE("what skopeo prints on a terminal is nearest to skopeo", "[recognition]") {
  CHECK(recognize(std::vector<std::string>{"INFO[0010] Copying image ref 1/2"}).preset == "skopeo");
}

TEST_CASE("a log whose lines no preset takes is refused with the nearest one and the place", "[recognition]") {
  TemporaryDirectory directory;
  write(directory / "odd.log", "192.0.2.7 - - [21/Nov/2026:18:49:31 +0000] \"GET / HTTP/1.1\" ok 2 \"-\" \"-\"\n");
  const std::string path = directory / "odd.log";
  CHECK_THROWS_WITH(
      rules_for({path}),
      path +
          ": no preset takes its lines. The nearest is mirror, which takes 0 of the first 1 lines; a line diverges at "
          "byte 61 (expected \" \" after $status): '49:31 +0000] \"GET / HTTP/1.1\" ok 2 \"-\" \"-\"'. Write a rule "
          "file with its format" +
          kWayOut);
}

TEST_CASE("logs of two formats have their presets each, by names that do not depend on the others", "[recognition]") {
  TemporaryDirectory directory;
  const std::string combined = directory / "a[1].log";
  const std::string timing = directory / "timing.log";
  const std::string sync = directory / "sync.log";
  const std::string behind = directory / "behind.log";
  write(combined, std::string(kCombined) + '\n');
  write(timing, std::string(kCombined) + " 0.125\n");
  write(sync, "2026-11-21T18:49:31Z SYNC_SUCCESS image=a duration=1s\n");
  write(behind, std::string(kCombined) + " \"192.0.2.9\"\n");
  const std::pair<std::string, std::string> names[] = {
      {combined, "nginx"}, {timing, "nginx_timing_log"}, {sync, "sync"}, {behind, "nginx_log"}};
  const auto all = read_rules(rules_for({combined, timing, sync, behind}));
  for (const auto& [path, name] : names) {
    CHECK(source_of(*all, path) == name);
    CHECK(source_of(*read_rules(rules_for({path})), path) == name);
  }
}

TEST_CASE("one source with and without what carries its lines is refused", "[recognition]") {
  TemporaryDirectory directory;
  const std::string plain = directory / "a.log";
  const std::string carried = directory / "b.log";
  write(plain, std::string(kCombined) + '\n');
  write(carried, "2026-11-21T18:49:31.1Z stdout F " + std::string(kCombined) + '\n');
  CHECK_THROWS_WITH(
      rules_for({plain, carried}),
      carried + ": its lines are for the same source of the preset mirror as those of " + plain +
          ", which something else carries: count them apart, or name a rule file with --config.file=FILE");
}

TEST_CASE("a log without lines is what its newest rotated one is, or what it was before", "[recognition]") {
  TemporaryDirectory directory;
  const std::string log = directory / "my.log";
  write(log, std::string(kCombined) + " 0.125\n");
  const std::string rules = rules_for({log}).text;
  RecognizedLogs known;
  CHECK(recognized_rules({log}, known, nullptr).text == rules);

  const bool is_gone = GENERATE(false, true);
  std::filesystem::rename(log, log + ".1");
  write(log + ".2", "2026-11-21T18:49:31Z SYNC_SUCCESS image=a\n");
  if (!is_gone) write(log, "");
  CHECK(rules_for({log}).text == rules);

  std::filesystem::remove(log + ".1");
  CHECK(rules_for({log}).text != rules);
  CHECK(recognized_rules({log}, known, nullptr).text == rules);
  std::filesystem::remove(log + ".2");
  CHECK(recognized_rules({log}, known, nullptr).text == rules);
}

TEST_CASE("a log that has no lines to look at is refused with the cause", "[recognition]") {
  struct Row {
    const char* content;
    const char* cause;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"", "it is empty"},
      {"\n\n", "its lines are empty"},
      {nullptr, "No such file or directory"},
  }));
  TemporaryDirectory directory;
  const std::string path = directory / "a.log";
  if (row.content != nullptr) write(path, row.content);
  CHECK_THROWS_WITH(rules_for({path}), path + ": " + row.cause +
                                           ", so that the format of its lines cannot be recognized: name a rule file "
                                           "with --config.file=FILE");
}

TEST_CASE("damage, a line that is too long, and a pipe are causes too", "[recognition]") {
  TemporaryDirectory directory;
  const std::string long_log = directory / "long.log";
  write(long_log, std::string(300'000, 'x') + '\n');
  CHECK_THROWS_WITH(rules_for({long_log}), Catch::Contains(": it has no line that ends within the first 262144 bytes, "
                                                           "so that the format"));
  const std::string damaged = directory / "a.log.gz";
  write(damaged, "\x1f\x8b\x08 this is no gzip");
  CHECK_THROWS_WITH(rules_for({damaged}), Catch::Contains("damaged or cut off"));
  CHECK_THROWS_AS(rules_for({damaged}), WorkError);
  CHECK_THROWS_WITH(
      rules_for({"-"}),
      "standard input: it is no file, and lines that are looked at would be taken from it, and not counted, so "
      "that the format of its lines cannot be recognized: name a rule file with "
      "--config.file=FILE");
}

// The lines of a preset's own test, counted by what they are recognized as. "": as the test expects.
std::string difference_by_recognition(const TestRule& test) {
  std::istringstream text(test.lines.value);
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);)
    if (!line.empty()) lines.push_back(line);
  const Recognition found = recognize(lines);
  if (!found.is_sure()) return "not sure, " + found.preset;
  TestRule same = test;
  same.source.value = found.is_only_source ? "a" : found.source;
  const std::string prefix = found.prefixes.empty() ? "" : ", prefix: " + prefixes_text(found.prefixes);
  const std::string rules = fmt::format("sources:\n  - {{name: {}, files: [/a.log], preset: {}{}}}\n",
                                        same.source.value, found.preset, prefix);
  const std::vector<std::string> differences = run_rule_test({"a.yml", rules, ""}, same);
  return differences.empty() ? "" : found.preset + ": " + differences.front();
}

// Tests about lines that do not tell by themselves what they are: preset, test, what comes of it.
const std::vector<std::string> kUntold = {
    // Many names for one thing, each in one line.
    "nginx_json: other names in common use are found as well, nested ones too: not sure, nginx_json",
    // Half of the lines have what a line must have.
    "nginx_ltsv: without a method its place is in the request, and microseconds do for seconds: not sure, nginx_ltsv",
    // The test expects 0 of a family that other sources of the preset have.
    "opencidn: ocimirror says what it begins with, and that it failed: opencidn: mirror_sync_success_total does not "
    "exist, expected 0",
    "registry_cache: what passes the cache by, and what is no request, is neither hit nor miss: not sure, caddy",
    // No line tells how a run ended.
    "rsync_stats: a dry run is no success: not sure, apache",
    "traefik: a line of JSON has nanoseconds, and the service's time: not sure, traefik",
    "tunasync_manager: a job that is paused or disabled has neither succeeded nor failed, and a size that is not known "
    "is none: not sure, tunasync_manager",
};

TEST_CASE("the lines of each preset's tests count by recognition as the preset counts them", "[recognition]") {
  std::vector<std::string> differences;
  for (const Preset& preset : presets()) {
    const std::string name(preset.name);
    const std::shared_ptr<RuleSet> rules = read_rules(name, std::string(preset.text));
    for (const TestRule& test : rules->tests()) {
      const std::string difference = difference_by_recognition(test);
      if (!difference.empty()) differences.push_back(name + ": " + test.name.value + ": " + difference);
    }
  }
  std::sort(differences.begin(), differences.end());
  CHECK(differences == kUntold);
}

}  // namespace
}  // namespace tailmeter
