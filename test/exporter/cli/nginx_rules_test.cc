#include "exporter/cli/nginx_rules.h"

#include <map>

#include <catch2/catch.hpp>

#include "rules/program/compile.h"
#include "test/parsers/nginx_conf/memory_files.h"

namespace tailmeter {
namespace {

NginxLogs read(const std::string& http) {
  const MemoryFiles files{{"/n/nginx.conf", "http {\n" + http + "\n}"}};
  return read_nginx_logs("/n/nginx.conf", nginx_files(files));
}

// Each source as "name: files but exclude".
std::vector<std::string> sources_of(const std::string& http) {
  const NginxLogs logs = read(http);
  std::vector<std::string> out;
  for (const NginxSource& source : nginx_sources(logs).sources) {
    std::string text = source.name + ":";
    for (const NginxLogFile& file : source.files) text += " " + file.path;
    for (const std::string& path : source.exclude) text += " -" + path;
    out.push_back(text);
  }
  return out;
}

using Lines = std::vector<std::string>;

TEST_CASE("logs of one format are one source, each file once", "[init]") {
  CHECK(sources_of("log_format m $status;\n"
                   "server { access_log /b m; } server { access_log /a; } server { access_log /b m; access_log off; }\n"
                   "server { access_log /c m; } server { access_log /b m; }") == Lines{"m: /b /c", "combined: /a"});
}

TEST_CASE("logs that one request is written to are in sources of their own", "[init]") {
  CHECK(sources_of("log_format m $status; access_log /all m; server { access_log /all m; access_log /one m; }\n"
                   "server { access_log /all m; access_log /two m; } server { }") ==
        Lines{"m: /all", "m_2: /one /two"});
}

TEST_CASE("a file of two formats is a source that tries both", "[init]") {
  const NginxLogs logs = read("log_format m $status; server { access_log /a m; } server { access_log /a; }");
  const NginxSources sources = nginx_sources(logs);
  REQUIRE(sources.sources.size() == 1);
  CHECK(sources.sources[0].name == "m_combined");
  CHECK(nginx_rules(sources, "/n/nginx.conf")
            .find("    format:\n"
                  "      - {nginx_conf: '/n/nginx.conf', name: 'm'}\n"
                  "      - combined\n") != std::string::npos);
}

TEST_CASE("a pattern leaves out what is another log", "[init]") {
  CHECK(sources_of("log_format m $status; error_log /l/error.log;\n"
                   "server { access_log /l/$host.log m; } server { access_log /l/a.log; }\n"
                   "server { access_log /l/z.log m gzip; } server { access_log /l/$host.b.log; }\n"
                   "server { access_log /l/x/c.log; } server { access_log /l/d.log m; }") ==
        Lines{"m: /l/*.log /l/d.log -/l/*.b.log -/l/a.log -/l/error.log -/l/z.log",
              "combined: /l/a.log /l/*.b.log /l/x/c.log"});
}

TEST_CASE("a log that cannot be followed is left out with the reason", "[init]") {
  struct Row {
    const char* http;
    const char* left_out;
  };
  const auto row = GENERATE(values<Row>({
      {"access_log off;",
       "access_log off (/n/nginx.conf:2) writes no line; to count its requests, name a file instead of \"off\""},
      {"access_log syslog:server=192.0.2.1:514,tag=n combined;",
       "syslog:server=192.0.2.1:514,tag=n (/n/nginx.conf:2) goes to a syslog that tailmeter cannot be; to count it, "
       "send it to one of its own, \"syslog:server=unix:/run/tailmeter/nginx.sock\""},
      {"access_log syslog:server=unix:/dev/log;",
       "syslog:server=unix:/dev/log (/n/nginx.conf:2) goes to a syslog that tailmeter cannot be; to count it, send it "
       "to one of its own, \"syslog:server=unix:/run/tailmeter/nginx.sock\""},
      {"access_log /a.gz combined gzip;",
       "/a.gz (/n/nginx.conf:2) is compressed by nginx as it is written; take \"gzip\" away, logrotate can compress "
       "it"},
      {"access_log /dev/stdout;",
       "/dev/stdout (/n/nginx.conf:2) is a device, not a file; to count it, add an access_log with a file beside it"},
      {"log_format main $status; access_log /a mian;",
       "/a (/n/nginx.conf:2) has the format \"mian\", which there is not (did you mean \"main\"?)"},
      {"log_format m\n'$status$request'; access_log /a m;",
       "/a (/n/nginx.conf:3) has a format that cannot be read: /n/nginx.conf:3: nothing stands between this variable "
       "and the one in front, so where one ends cannot be known: put a blank or a quote between them, or use a regex"},
      {"access_log '/a\\tb';",
       "/a\\x09b (/n/nginx.conf:2) has a name with bytes that a rule file may not hold; rename it"},
  }));
  CAPTURE(row.http);
  const NginxLogs logs = read(std::string(row.http) + " server {}");
  const NginxSources sources = nginx_sources(logs);
  CHECK(sources.sources.empty());
  CHECK(nginx_summary(sources) == "left out: " + std::string(row.left_out) + "\n");
}

TEST_CASE("the rule file has what the format allows, and says what is to be known", "[init]") {
  const NginxLogs logs = read(
      "log_format t '$request $status $body_bytes_sent $request_time \"$upstream_response_time\" "
      "$upstream_cache_status';\n"
      "server { server_name a b; access_log /l/it's.log t buffer=32k flush=5s if=$loggable; }\n"
      "server { access_log off; }");
  CHECK(
      nginx_rules(nginx_sources(logs), "/n/nginx.conf") ==
      R"(# Written by "tailmeter init" from /n/nginx.conf. Formats that it names are read there when this file is loaded.
#
# Not counted:
#   access_log off (/n/nginx.conf:4) writes no line; to count its requests, name a file instead of "off"

sources:
  # /l/it's.log (/n/nginx.conf:3): a, b
  #   not every request is in it: if=$loggable
  #   nginx holds lines back until there are 32k of them, or for 5s: a scrape sees them then
  - name: 't'
    files:
      - '/l/it''s.log'
    format: {nginx_conf: '/n/nginx.conf', name: 't'}

metrics:
  - counter: http_requests_total
    help: 'Requests served, by method and status.'
    source: ['t']
    labels:
      method: {from: $request_method, allow: [GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, CONNECT, TRACE]}
      status: {from: $status, allow: ['\d{3}']}

  - counter: http_5xx_errors_total
    help: 'Requests answered with a server error.'
    source: ['t']
    when: {status: '5..'}

  - counter: http_errors_total
    help: 'Requests answered with an error, by class of status.'
    source: ['t']
    when: {status: '[45]..'}
    labels:
      class: {from: $status, regex: '(.)..', replace: '${1}xx'}

  - counter: http_response_bytes_total
    help: 'Bytes sent in responses.'
    source: ['t']
    value: $body_bytes_sent

  - histogram: http_request_duration_seconds
    help: 'Time from the first byte of a request to the last byte of its response.'
    source: ['t']
    value: $request_time
    buckets: latency

  - histogram: http_upstream_duration_seconds
    help: 'Time that upstream took for a request, its last attempt.'
    source: ['t']
    value: {from: $upstream_response_time, list: last}
    buckets: latency

  - counter: cache_hits_total
    help: 'Requests answered from the cache, fresh or stale.'
    source: ['t']
    when: {upstream_cache_status: 'HIT|STALE|UPDATING|REVALIDATED'}

  - counter: cache_misses_total
    help: 'Requests that the cache could have answered and that went upstream.'
    source: ['t']
    when: {upstream_cache_status: 'MISS|EXPIRED|BYPASS|SCARCE'}

  - counter: http_cache_requests_total
    help: 'Requests that a cache was asked for, by what it had.'
    source: ['t']
    when: {upstream_cache_status: '.+'}
    labels:
      status: {from: $upstream_cache_status, allow: [MISS, BYPASS, EXPIRED, STALE, UPDATING, REVALIDATED, HIT, SCARCE]}
)");
}

TEST_CASE("a log that goes to syslog on this machine is a source that listens there", "[init]") {
  CHECK(sources_of("access_log syslog:server=unix:/run/a.sock,tag=n; access_log syslog:server=127.0.0.1:5514;\n"
                   "access_log syslog:tag=n,server=[::1]; access_log syslog:server=localhost:99,nohostname;\n"
                   "access_log /a; server {}") ==
        Lines{"combined: unix:/run/a.sock", "combined_2: udp://127.0.0.1:5514", "combined_3: udp://[::1]:514",
              "combined_4: udp://127.0.0.1:99", "combined_5: /a"});
  const NginxLogs logs = read("access_log syslog:server=127.0.0.1:5514; server {}");
  CHECK_THAT(nginx_rules(nginx_sources(logs), "/n/nginx.conf"),
             Catch::Contains("sources:\n"
                             "  # syslog:server=127.0.0.1:5514 (/n/nginx.conf:2)\n"
                             "  #   counts at most once: tailmeter listens here in place of a syslog server, and what "
                             "nobody\n"
                             "  #   takes is lost; a file beside it counts exactly once\n"
                             "  - name: 'combined'\n"
                             "    syslog: 'udp://127.0.0.1:5514'\n"
                             "    format: combined\n"));
}

TEST_CASE("a comment about doubled requests speaks of a label only where there is one", "[init]") {
  const auto rules_of = [](const std::string& http) {
    const NginxLogs logs = read("log_format m '$status'; " + http + " server {}");
    return nginx_rules(nginx_sources(logs), "/n/nginx.conf");
  };
  CHECK_THAT(rules_of("access_log /a m; access_log /a combined;"),
             Catch::Contains("  # Some requests are in the log more than once, and count as often.\n") &&
                 !Catch::Contains("label \"source\"") && !Catch::Contains("source: $source"));
  CHECK_THAT(
      rules_of("access_log /a m; access_log /b m;"),
      Catch::Contains("sums over the label \"source\" count them as often") && Catch::Contains("source: $source"));
}

TEST_CASE("whatever a configuration holds, its rule file is right and has no warning", "[init]") {
  const std::string http = GENERATE(
      as<std::string>(), "server {}", "log_format m '$msec'; access_log /a m; server {}",
      "log_format m '$msec'; log_format n '$status'; log_format o '$request_method $bytes_sent'; access_log /a m; "
      "access_log /b n; access_log /c o; access_log /d; server {}",
      "log_format 'a: b' '$status'; access_log \"/l/'\\\"#: .log\" 'a: b'; server { server_name \"~^\\n- x: $\"; }",
      "log_format m '$status'; access_log /a m; access_log /a m; server {}",
      "log_format m '$status'; access_log /$host.log m; access_log /b.log; server {}",
      "log_format m '$status'; access_log syslog:server=unix:/a.sock m; access_log /a m; server {}");
  CAPTURE(http);
  const NginxLogs logs = read(http);
  const std::string text = nginx_rules(nginx_sources(logs), "/n/nginx.conf");
  CAPTURE(text);
  Diagnostics diagnostics("r.yml", text);
  RuleFile rules =
      load_rule_file(text, diagnostics, {}, {[&](const std::string&) -> const NginxLogs& { return logs; }});
  static_cast<void>(compile_rules(std::move(rules), diagnostics));
  CHECK(diagnostics.errors().empty());
  CHECK(diagnostics.warnings().empty());
}

// Of each family its help and its labels.
std::map<std::string, std::string> families(const RuleFile& rules) {
  std::map<std::string, std::string> families;
  for (const MetricRule& rule : rules.metrics) {
    std::string& family = families[rule.name.value];
    if (!family.empty()) continue;
    family = rule.help;
    for (const LabelRule& label : rule.labels) family += ", " + label.name.value;
  }
  return families;
}

TEST_CASE("what init counts is called as the presets call it", "[init]") {
  const NginxLogs logs = read(
      "log_format t '$request $status $body_bytes_sent $request_time \"$upstream_response_time\" "
      "$upstream_cache_status'; access_log /t t; server {}");
  const std::string text = nginx_rules(nginx_sources(logs), "/n/nginx.conf");
  Diagnostics diagnostics("r.yml", text);
  const auto written =
      families(load_rule_file(text, diagnostics, {}, {[&](const std::string&) -> const NginxLogs& { return logs; }}));
  auto preset = families(load_rule_file("sources: [{name: nginx, files: [a.log], preset: nginx_timing}]", diagnostics));
  REQUIRE(diagnostics.errors().empty());
  CHECK(preset.erase("http_upstream_attempts_total") == 1);  // which init leaves out
  CHECK(written == preset);
}

TEST_CASE("a log that has its bytes with the headers alone says so at its own entry", "[init]") {
  const NginxLogs logs = read(
      "log_format w '$status $bytes_sent'; log_format b '$status $bytes_sent $body_bytes_sent'; access_log /w w; "
      "access_log /b b; server {}");
  const std::string text = nginx_rules(nginx_sources(logs), "/n/nginx.conf");
  const std::string help = "  - counter: http_response_bytes_total\n    help: 'Bytes sent in responses.'\n";
  CHECK(text.find(help + "    source: ['b']\n    value: $body_bytes_sent\n    labels:\n      source: $source\n") !=
        std::string::npos);
  CHECK(text.find(help + "    source: ['w']\n    value: $bytes_sent  # with the headers: without them nothing is in "
                         "these logs\n    labels:\n      source: $source\n") != std::string::npos);
}

TEST_CASE("requests that are in two logs are told from each other by their source", "[init]") {
  const NginxLogs logs = read("log_format n '$status'; access_log /b n; access_log /d; server {}");
  const std::string text = nginx_rules(nginx_sources(logs), "/n/nginx.conf");
  CHECK(text.find("metrics:\n  # Some requests are in more than one log: sums over the label \"source\" count them as "
                  "often.\n") != std::string::npos);
  CHECK(text.find("    source: ['n', 'combined']\n    when: {status: '5..'}\n    labels:\n      source: $source\n") !=
        std::string::npos);
}

}  // namespace
}  // namespace tailmeter
