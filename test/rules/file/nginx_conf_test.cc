// format: {nginx_conf: FILE, name: FORMAT}
#include <catch2/catch.hpp>

#include "rules/file/print.h"
#include "test/parsers/nginx_conf/memory_files.h"
#include "test/rules/file/loaded.h"

namespace tailmeter {
namespace {

const MemoryFiles kFiles = {
    {"n/nginx.conf",
     "http {\n"
     "  log_format main '$remote_addr [$time_local] '\n"
     "                  '\"$request\" $status';\n"
     "  log_format lines escape=json '{\"status\":\"$status\"}';\n"
     "  log_format glued '$remote_addr '\n"
     "                   '$status$request';\n"
     "}\n"},
    {"broken.conf", "http {\n}\n}\n"},
};

Loaded load_with_nginx(const std::string& format) {
  const std::string text = "sources: [{name: web, files: a.log, format: " + format + "}]\n";
  Diagnostics diagnostics("t.yml", text);
  std::map<std::string, NginxLogs> known;
  const RuleFileLinks links{[&](const std::string& path) -> const NginxLogs& {
    return known[path] = read_nginx_logs(path, nginx_files(kFiles));
  }};
  RuleFile rules = load_rule_file(text, diagnostics, {}, links);
  return {std::move(rules), diagnostics.errors()};
}

TEST_CASE("a format of an nginx configuration has the text and the escaping that it has there", "[file]") {
  struct Row {
    const char* name;
    const char* text;
    Escaping escaping;
  };
  const auto row = GENERATE(values<Row>({
      {"main", "$remote_addr [$time_local] \"$request\" $status", Escaping::kDefault},
      {"lines", "{\"status\":\"$status\"}", Escaping::kJson},
      {"combined",
       "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" "
       "\"$http_user_agent\"",
       Escaping::kDefault},
  }));
  const Loaded loaded = load_with_nginx("{nginx_conf: n/nginx.conf, name: " + std::string(row.name) + "}");
  CHECK(loaded.errors.empty());
  const FormatRule& format = loaded.rules.sources.at(0).formats.at(0);
  CHECK(format.kind == FormatRule::Kind::kLogFormat);
  CHECK(format.text.value == row.text);
  CHECK(format.escaping == row.escaping);
}

TEST_CASE("what is printed of it needs no nginx configuration", "[file]") {
  const Loaded loaded = load_with_nginx("{nginx_conf: n/nginx.conf, name: lines}");
  const std::string printed = print_rule_file(loaded.rules);
  CHECK(printed.find("      - nginx: '{\"status\":\"$status\"}'\n        escape: json\n") != std::string::npos);
  CHECK(load(printed).errors.empty());
}

TEST_CASE("a format that cannot be had from nginx's configuration is refused", "[file]") {
  struct Row {
    const char* format;
    const char* message;
    int column;
  };
  const auto row = GENERATE(values<Row>({
      {"{nginx_conf: n/nginx.conf, name: mian}",
       "there is no log_format \"mian\" (did you mean \"main\"?); there are combined, main, lines, glued", 78},
      {"{nginx_conf: n/nginx.conf, name: glued}",
       "n/nginx.conf:6: log_format \"glued\": nothing stands between this variable and the one in front, so where one "
       "ends cannot be known: put a blank or a quote between them, or use a regex",
       78},
      {"{nginx_conf: n/missing.conf, name: main}", "n/missing.conf: No such file or directory", 58},
      {"{nginx_conf: broken.conf, name: main}", "broken.conf:3: unexpected \"}\"", 58},
      {"{nginx_conf: n/nginx.conf}", "has no \"name\"", 45},
      {"{nginx_conf: n/nginx.conf, name: main, escape: json}", "unknown key \"escape\"", 84},
  }));
  CAPTURE(row.format);
  const Loaded loaded = load_with_nginx(row.format);
  const std::string first_line = loaded.errors.substr(0, loaded.errors.find('\n'));
  CHECK(first_line == "t.yml:1:" + std::to_string(row.column) + ": sources[0] \"web\": format: " + row.message);
}

TEST_CASE("where no file is read, none is asked for", "[file]") {
  CHECK(load("sources: [{name: web, files: a.log, format: {nginx_conf: n, name: main}}]\n").errors ==
        "t.yml:1:58: sources[0] \"web\": format: no file is read here\n"
        "    1 | sources: [{name: web, files: a.log, format: {nginx_conf: n, name: main}}]\n"
        "      |                                                          ^");
}

}  // namespace
}  // namespace tailmeter
