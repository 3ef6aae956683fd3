#include "parsers/nginx_conf/logs.h"

#include <catch2/catch.hpp>

#include "parsers/formats.h"
#include "test/parsers/nginx_conf/memory_files.h"

namespace tailmeter {
namespace {

NginxLogs read(const std::string& text) {
  const MemoryFiles files{{"n.conf", text}};
  return read_nginx_logs("n.conf", nginx_files(files));
}

NginxLogs read_http(const std::string& text) {
  return read("http {\n" + text + "\n}");
}

// What is known of a log, in words.
std::string text_of(const NginxAccessLog& log) {
  using Target = NginxAccessLog::Target;
  std::string out = log.target == Target::kOff ? "off" : log.target == Target::kSyslog ? "syslog " : "";
  out += log.path;
  if (!log.format.empty()) out += " " + log.format;
  if (!log.condition.empty()) out += " if " + log.condition;
  if (!log.buffer.empty()) out += " buffer " + log.buffer;
  if (!log.flush.empty()) out += " flush " + log.flush;
  if (log.is_compressed) out += " gzip";
  if (log.has_variables) out += " glob";
  if (log.is_of_stream) out += " stream";
  if (!log.is_used) out += " unused";
  for (const std::string& name : log.server_names) out += " " + name;
  return out;
}

std::vector<std::string> logs_of(const NginxLogs& logs) {
  std::vector<std::string> out;
  for (const NginxAccessLog& log : logs.logs) out.push_back(text_of(log));
  return out;
}

using Lines = std::vector<std::string>;

TEST_CASE("a log_format is joined from its pieces as nginx compiles them", "[nginx_conf]") {
  struct Row {
    const char* text;
    const char* format;
    Escaping escaping;
  };
  const auto row = GENERATE(values<Row>({
      {"log_format f '$a';", "$a", Escaping::kDefault},
      {"log_format f '$a '\n '\"$b\"' c;", "$a \"$b\"c", Escaping::kDefault},
      {"log_format f escape=json '{\"a\":\"$a\",' '\"b\":$b}';", "{\"a\":\"$a\",\"b\":$b}", Escaping::kJson},
      {"log_format f escape=none \"$a\\t$b\";", "$a\t$b", Escaping::kNone},
      {"log_format f escape=default $a;", "$a", Escaping::kDefault},
      {"log_format f '$a' 'b$c' '_d' '${e}' 'f' '$' 'g';", "${a}b${c}_d${e}f$g", Escaping::kDefault},
      {"log_format f '$a' 'escape=json';", "${a}escape=json", Escaping::kDefault},
      {"log_format f '$a' '' 'b';", "${a}b", Escaping::kDefault},
  }));
  CAPTURE(row.text);
  const NginxLogs logs = read_http(row.text);
  REQUIRE(logs.find_format("f") != nullptr);
  CHECK(logs.find_format("f")->text == row.format);
  CHECK(logs.find_format("f")->escaping == row.escaping);
}

TEST_CASE("a byte of a format is found in the line that wrote it", "[nginx_conf]") {
  const NginxLogs logs = read("http {\nlog_format f\n '$a '\n\n 'b $c';\n}");
  const NginxLogFormat& format = *logs.find_format("f");
  CHECK(to_string(format.place) == "n.conf:2");
  CHECK(to_string(format.place_of(0)) == "n.conf:3");
  CHECK(to_string(format.place_of(2)) == "n.conf:3");
  CHECK(to_string(format.place_of(3)) == "n.conf:5");
  CHECK(to_string(format.place_of(99)) == "n.conf:5");
}

TEST_CASE("combined is there without being written, and what is not there is not found", "[nginx_conf]") {
  const NginxLogs logs = read("events {}");
  CHECK(logs.find_format("combined")->text == kCombinedFormat);
  CHECK(logs.find_format("main") == nullptr);
  CHECK(logs.logs.empty());
}

TEST_CASE("an access_log is what its words say", "[nginx_conf]") {
  struct Row {
    const char* words;
    const char* log;
  };
  const auto row = GENERATE(values<Row>({
      {"/a/b.log", "/a/b.log combined"},
      {"/a/b.log main", "/a/b.log main"},
      {"logs/b.log", "/usr/share/nginx/logs/b.log combined"},
      {"/a/$host.log main", "/a/*.log main glob"},
      {"/a/${host}_$server_port/x.log main", "/a/*_*/x.log main glob"},
      {"/a/$a$b.log", "/a/*.log combined glob"},
      {"'/a/${host}x' main", "/a/*x main glob"},
      {"$dir/b.log", "/usr/share/nginx/*/b.log combined glob"},
      {"/a/[b]*?.log main", "/a/?b]??.log main"},
      {"/a/$ main", "/a/$ main"},
      {"/a main buffer=32k flush=5s", "/a main buffer 32k flush 5s"},
      {"/a main gzip", "/a main buffer 64k gzip"},
      {"/a main gzip=9 buffer=8k", "/a main buffer 8k gzip"},
      {"/a main if=$loggable", "/a main if $loggable"},
      {"syslog:server=unix:/dev/log,tag=x main", "syslog server=unix:/dev/log,tag=x main"},
      {"off", "off"},
      {"off main", "off"},
  }));
  CAPTURE(row.words);
  CHECK(logs_of(read_http("server { access_log " + std::string(row.words) + "; }")) == Lines{row.log});
}

TEST_CASE("logs of a block replace those of the block around it", "[nginx_conf]") {
  struct Row {
    const char* http;
    Lines logs;
  };
  const auto row = GENERATE(values<Row>({
      {"server {}", {"/var/log/nginx/access.log combined"}},
      {"server {} server { server_name a b; }", {"/var/log/nginx/access.log combined a b"}},
      {"access_log /h; server { server_name a; }", {"/h combined a"}},
      {"access_log /h; server { server_name a; access_log /s; }", {"/h combined unused", "/s combined a"}},
      {"server { access_log /s; } server { server_name b; }", {"/s combined", "/var/log/nginx/access.log combined b"}},
      {"access_log off; server { location / { access_log /l; } }", {"off", "/l combined"}},
      {"access_log /h; access_log off; server {}", {"/h combined unused", "off"}},
      {"server { server_name a; access_log /s; location / { location /b { access_log /l m; } } }",
       {"/s combined a", "/l m a"}},
      {"server { server_name a; access_log /s; location / { if ($x) { access_log off; } } }",
       {"/s combined a", "off a"}},
      {"server { access_log /s; location / { limit_except GET { access_log /e; } } }", {"/s combined", "/e combined"}},
      {"server { server_name a a; server_name b; } server { server_name a; }",
       {"/var/log/nginx/access.log combined a b"}},
      {"access_log /h; upstream u { server a; } map $a $b { access_log x; }", {"/h combined unused"}},
  }));
  CAPTURE(row.http);
  CHECK(logs_of(read_http(row.http)) == row.logs);
}

TEST_CASE("logs that one request is written to are known", "[nginx_conf]") {
  const NginxLogs logs = read_http(
      "access_log /a; access_log /b;\n"
      "server { } server { access_log /c; location / { access_log /d; access_log /e; access_log /f; } location /x {} "
      "}");
  CHECK(logs.together == std::vector<std::vector<std::size_t>>{{0, 1}, {3, 4, 5}});
}

TEST_CASE("logs of connections are told from those of requests", "[nginx_conf]") {
  const NginxLogs logs = read(
      "stream { log_format main '$protocol'; log_format s '$status'; server { access_log /s s; } server {} }\n"
      "http { log_format main '$request'; server { access_log /h main; } }");
  CHECK(logs_of(logs) == Lines{"/s s stream", "/h main"});
  CHECK(logs.find_format("main")->text == "$request");
  CHECK(logs.find_format("s")->is_of_stream);
}

TEST_CASE("error logs are known at every level", "[nginx_conf]") {
  const NginxLogs logs =
      read("error_log /e; http { error_log h notice; server { error_log /s; location / { error_log /l; } } }");
  CHECK(logs.error_logs == Lines{"/var/log/nginx/error.log", "/e", "/usr/share/nginx/h", "/s", "/l"});
}

TEST_CASE("what is built into nginx may be another", "[nginx_conf]") {
  const MemoryFiles files{{"n.conf", "http { server { access_log a; } server {} }"}};
  CHECK(logs_of(read_nginx_logs("n.conf", nginx_files(files), {"/etc/nginx", "/d", "/e"})) ==
        Lines{"/etc/nginx/a combined", "/d combined"});
}

TEST_CASE("directives about logs that nginx refuses are refused", "[nginx_conf]") {
  struct Row {
    const char* http;
    const char* message;
  };
  const auto row = GENERATE(values<Row>({
      {"log_format f;", "n.conf:2: log_format takes a name and a text"},
      {"log_format f escape=xml $a;", "n.conf:2: unknown log format escaping \"xml\""},
      {"log_format f $a;\nlog_format f $b;", "n.conf:3: there is a log_format \"f\" already: n.conf:2"},
      {"log_format combined $a;", "n.conf:2: there is a log_format \"combined\" already: it is built into nginx"},
      {"access_log;", "n.conf:2: access_log takes a path, or \"off\""},
      {"access_log /a main bufer=1k;", "n.conf:2: access_log: invalid parameter \"bufer=1k\""},
  }));
  CAPTURE(row.http);
  CHECK_THROWS_WITH(read_http(row.http), row.message);
}

}  // namespace
}  // namespace tailmeter
