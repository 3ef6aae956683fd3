#include "exporter/log.h"

#include <catch2/catch.hpp>

namespace tailmeter {
namespace {

TEST_CASE("an event is one line, whatever its values hold", "[log]") {
  const auto line = [](LogFormat format) {
    return format_log_line(format, LogLevel::kWarn, "T", "a file",
                           {{"file", "/var/log/a.log"}, {"error", "no\n\"way\" \x1B"}, {"empty", ""}, {"raw", "\xFF"}});
  };
  CHECK(line(LogFormat::kLogfmt) ==
        R"(ts=T level=warn msg="a file" file=/var/log/a.log error="no\n\"way\" \u001b" empty="" raw="\u00ff")");
  CHECK(
      line(LogFormat::kJson) ==
      R"({"ts":"T","level":"warn","msg":"a file","file":"/var/log/a.log","error":"no\n\"way\" \u001b","empty":"","raw":"\u00ff"})");
}

}  // namespace
}  // namespace tailmeter
