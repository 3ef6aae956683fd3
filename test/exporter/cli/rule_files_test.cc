#include "exporter/cli/rule_files.h"

#include <fstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "exporter/cli/arguments.h"
#include "rules/program/compile.h"
#include "test/support/temporary_directory.h"

namespace tailmeter {
namespace {

const std::string kTwo =
    "sources:\n"
    "  - {name: nginx, files: [/var/log/nginx/access.log, '/srv/*/access.log'], format: combined}\n"
    "  - {name: sync, files: [/var/log/mirror-sync.log], format: {regex: x}}\n";

TEST_CASE("a log belongs to the source that is named, or matches its path, or its file name", "[cli]") {
  const auto rules = read_rules("r.yml", kTwo);
  CHECK(choose_source(*rules, "sync", "anything") == 1);
  CHECK(choose_source(*rules, "", "/srv/a/access.log") == 0);
  CHECK(choose_source(*rules, "", "/tmp/mirror-sync.log") == 1);
  CHECK(choose_source(*rules, "", "access.log") == 0);
  CHECK_THROWS_WITH(choose_source(*rules, "", "-"),
                    "standard input: it matches the files of no source; say which one it belongs to with "
                    "--source=NAME, one of: nginx, sync");
  CHECK_THROWS_WITH(choose_source(*rules, "ngin", "x"),
                    "--source=ngin: the rules have no such source; they have: nginx, sync");
}

TEST_CASE("a log that a source excludes is not its own", "[cli]") {
  const auto rules = read_rules("r.yml",
                                "sources:\n"
                                "  - {name: all, files: ['/l/*.log'], exclude: [/l/b.log], format: combined}\n"
                                "  - {name: b, files: [/l/b.log], format: common}\n");
  CHECK(choose_source(*rules, "", "/l/a.log") == 0);
  CHECK(choose_source(*rules, "", "/l/b.log") == 1);
}

TEST_CASE("a rule file's nginx configuration is beside it", "[cli]") {
  TemporaryDirectory directory;
  std::ofstream(directory / "n.conf") << "http { include f*; }";
  std::ofstream(directory / "f2") << "log_format b $msec;";
  std::ofstream(directory / "f1") << "log_format a $status;";
  std::ofstream(directory / "r.yml") << "sources: [{name: a, files: a.log, format: {nginx_conf: n.conf, name: b}}]";
  const auto rules = read_rules(read_rule_file(directory / "r.yml"));
  CHECK(rules->sources()[0].rule.formats[0].text.value == "$msec");
  std::filesystem::remove(directory / "f2");
  CHECK_THROWS_WITH(read_rules(read_rule_file(directory / "r.yml")),
                    Catch::Contains("there is no log_format \"b\"; there are combined, a\n"));
}

TEST_CASE("the only source takes every log", "[cli]") {
  const auto rules = read_rules("r.yml", "sources:\n  - {name: one, files: [a.log], format: combined}\n");
  CHECK(choose_source(*rules, "", "-") == 0);
}

TEST_CASE("what is no regular file is refused, and not waited for", "[cli]") {
  TemporaryDirectory directory;
  const std::string fifo = directory / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK_THROWS_WITH(read_rule_file(fifo), fifo + ": it is a FIFO, not a file: write its text into a file");
  CHECK_THROWS_WITH(read_rule_file("/dev/zero"), "/dev/zero: it is no regular file: write its text into one");
  CHECK_THROWS_WITH(read_rule_file(directory / ""), Catch::Contains(": Is a directory"));
  CHECK_THROWS_WITH(rules_for_nginx(fifo), Catch::Contains("it is a FIFO, not a file"));
  std::ofstream(directory / "n.conf") << "http {\n  include fifo;\n}";
  CHECK_THROWS_WITH(rules_for_nginx(directory / "n.conf"),
                    Catch::Contains("n.conf:2: ") && Catch::Contains("it is a FIFO, not a file"));
}

TEST_CASE("a rule file that cannot be read is not replaced by another", "[cli]") {
  CHECK_THROWS_WITH(read_rule_file("/nonexistent/r.yml"), "/nonexistent/r.yml: No such file or directory");
  TemporaryDirectory directory;
  CHECK_THROWS_WITH(read_rule_file(directory.path().string()), directory.path().string() + ": Is a directory");
  std::ofstream(directory / "empty.yml").close();
  CHECK(read_rule_file(directory / "empty.yml").text.empty());
}

}  // namespace
}  // namespace tailmeter
