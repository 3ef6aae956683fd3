#include "exporter/tail/rotated_name.h"

#include <catch2/catch.hpp>

namespace tailmeter {

TEST_CASE("a rotated name tells the log's own name", "[tail]") {
  struct Case {
    const char* name;
    const char* base;
  };
  const Case c =
      GENERATE(Case{"access.log.1", "access.log"}, Case{"access.log.0", "access.log"},
               Case{"/var/log/a.log.12", "/var/log/a.log"}, Case{"access.log-20261121", "access.log"},
               Case{"access.log-2026112118", "access.log"}, Case{"access.log-20261121-1795283371", "access.log"},
               Case{"access.log.2026-11-21", "access.log"}, Case{"access.log-2026-11-21T18:49", "access.log"},
               Case{"access-20261121.log", "access.log"}, Case{"app-3.1", "app-3"}, Case{"app-2.log.7", "app-2.log"},
               Case{"syslog.1", "syslog"}, Case{"access.log.1.gz", "access.log"},
               Case{"access.log-20261121.zst", "access.log"}, Case{"access-20261121.log.gz", "access.log"},
               Case{"access.log-1795283371", "access.log"}, Case{"access.log.1795283371.gz", "access.log"},
               Case{"access-1795283371.log", "access.log"}, Case{"app.log.2026-11-21.12", "app.log"});
  CAPTURE(c.name);
  const std::optional<RotatedName> rotated = parse_rotated_name(c.name);
  REQUIRE(rotated);
  CHECK(rotated->base == c.base);
}

TEST_CASE("a name that only resembles a rotated one is a log of its own", "[tail]") {
  const char* const name =
      GENERATE("access.log", "access.log.1.xz", "access.log.gz", "worker.1.log", "worker-1.log", "app-2.log",
               "20261121", ".1", "access.log.", "access.log.1234567", "access.log-1", "host-10.0.0.x", "x-99991121",
               "/v1.2/log", "access.log-3795283371", "access.log-179528337");
  CAPTURE(name);
  CHECK_FALSE(parse_rotated_name(name));
}

TEST_CASE("numbers rise and dates fall with age", "[tail]") {
  const auto is_older = [](const char* a, const char* b) {
    return parse_rotated_name(a)->is_older_than(*parse_rotated_name(b));
  };
  CHECK(is_older("l.10", "l.9"));
  CHECK_FALSE(is_older("l.9", "l.10"));
  CHECK_FALSE(is_older("l.9", "l.9"));
  CHECK(is_older("l-20261120", "l-20261121"));
  CHECK(is_older("l-20261121-100", "l-20261121-200"));
  CHECK_FALSE(is_older("l-20261121", "l-20261120"));
  for (const auto& [older, younger] : std::vector<std::pair<const char*, const char*>>{
           {"l.2026-11-21.9", "l.2026-11-21.10"},
           {"l.2026-11-21.99", "l.2026-11-21.100"},
           {"l.2026-11-20.10", "l.2026-11-21.9"},
           {"l-20261121.9.gz", "l-20261121.10"},
           {"l-20261121", "l-20261121.1"},
           {"l-2026112109", "l-2026112110"},
           {"l-20261121T09:59", "l-20261121T10:01"},
           {"l-1795283371", "l-1795369771"},
       }) {
    CAPTURE(older, younger);
    CHECK(is_older(older, younger));
    CHECK_FALSE(is_older(younger, older));
  }
  CHECK_FALSE(is_older("l.1", "l-20261120"));
  CHECK_FALSE(is_older("l-20261120", "l.1"));
}

}  // namespace tailmeter
