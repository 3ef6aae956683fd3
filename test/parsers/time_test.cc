#include "parsers/time.h"

#include <array>
#include <cstdlib>
#include <ctime>
#include <random>

#include <catch2/catch.hpp>

using namespace tailmeter;

namespace {

std::string read(std::string_view text) {
  const std::optional<Decimal> time = parse_time(text);
  return time ? to_string(*time) : "no time";
}

// The local time zone for as long as it lives.
class Zone {
 public:
  explicit Zone(const char* name) {
    if (const char* const before = std::getenv("TZ")) before_ = before;
    setenv("TZ", name, 1);
    tzset();
  }
  ~Zone() {
    before_.empty() ? unsetenv("TZ") : setenv("TZ", before_.c_str(), 1);
    tzset();
  }
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;

 private:
  std::string before_;
};

}  // namespace

TEST_CASE("time stamps with a zone are seconds since 1970", "[time]") {
  const Zone elsewhere("XXX-3");  // must not matter
  const auto [text, seconds] = GENERATE(table<std::string, std::string>({
      {"21/Nov/2026:18:49:31 +0000", "1795286971"},
      {"[21/Nov/2026:18:49:31 +0000]", "1795286971"},
      {"22/Nov/2026:02:49:31 +0800", "1795286971"},
      {"21/Nov/2026:22:19:31 +0330", "1795286971"},
      {"21/Nov/2026:13:49:31 -0500", "1795286971"},
      {"2026-11-21T18:49:31Z", "1795286971"},
      {"2026-11-21T18:49:31.250+00:00", "1795286971.25"},
      {"2026-11-21T19:49:31.250+01:00", "1795286971.25"},
      {"2026-11-21T19:49:31,5+01", "1795286971.5"},
      {"2026-11-21 18:49:31 +0000", "1795286971"},
      {"2026-11-21 18:49:31.123456789Z", "1795286971.123456789"},
      {"2026-11-21T18:49:31.1234567899Z", "1795286971.123456789"},
      {"1970-01-01T00:00:00Z", "0"},
      {"1969-12-31T23:59:59.75Z", "-0.25"},
      {"0001-01-01T00:00:00Z", "-62135596800"},  // Go's zero time
      {"2024-02-29T12:00:00Z", "1709208000"},
      {"2000-02-29T00:00:00Z", "951782400"},
      {"29/Feb/2024:12:00:00 +0000", "1709208000"},
      {"21/Nov/2026 18:49:31.250 +0000", "1795286971.25"},
      {"2026-11-21T18:49:31.250+0000", "1795286971.25"},
      // Python's email.utils has found these.
      {"Sat, 21 Nov 2026 18:49:31 GMT", "1795286971"},
      {"Sat, 21 Nov 2026 19:49:31 +0100", "1795286971"},
      {"Sun, 1 Nov 2026 00:00:00 -0500", "1793509200"},
      {"Sun, 01 Nov 2026 00:00:00 GMT", "1793491200"},
      {"Thu, 29 Feb 2024 12:00:00 GMT", "1709208000"},
      {"Sat Nov 21 18:49:31 UTC 2026", "1795286971"},
  }));
  CAPTURE(text);
  CHECK(read(text) == seconds);
}

TEST_CASE("the second 60 is the next minute's 0", "[time]") {
  CHECK(read("31/Dec/2016:23:59:60 +0000") == read("01/Jan/2017:00:00:00 +0000"));
}

TEST_CASE("a time stamp without a zone is local time", "[time]") {
  const Zone kathmandu("XXX-5:45");
  CHECK(read("2026-11-22 00:34:31") == "1795286971");
  CHECK(read("2026-11-22 00:34:31,250") == "1795286971.25");
  CHECK(read("2026/11/22 00:34:31") == "1795286971");
  CHECK(read("[2026-11-22T00:34:31]") == "1795286971");
}

TEST_CASE("what asctime() writes is local time", "[time]") {
  const Zone moscow("XXX-3");  // Python's time.mktime() has found these
  CHECK(read("Sat Nov 21 18:49:31 2026") == "1795276171");
  CHECK(read("Sun Nov  1 08:05:09 2026") == "1793509509");
  CHECK(read("Thu Feb 29 12:00:00 2024") == "1709197200");
}

TEST_CASE("a time stamp without a year is the last such moment, or one that is hardly ahead", "[time]") {
  const Zone utc("UTC");
  constexpr std::int64_t kNow = 1'795'286'971;  // 2026-11-21T18:49:31Z
  const auto [text, now, seconds] = GENERATE_COPY(table<std::string, std::int64_t, std::string>({
      {"Nov 21 18:49:31", kNow, "1795286971"},
      {"Nov 21 18:49:30.5", kNow, "1795286970.5"},
      {"Nov 22 18:49:31", kNow, "1795373371"},
      {"Nov 22 18:49:32", kNow, "1763837372"},
      {"Feb 29 12:00:00", kNow, "1709208000"},
      {"Dec 31 23:59:59", 1'798'761'610, "1798761599"},
      {"Jan  1 00:00:05", 1'798'761'590, "1798761605"},
  }));
  CAPTURE(text);
  const std::optional<Decimal> time = parse_time(text, now);
  REQUIRE(time);
  CHECK(to_string(*time) == seconds);
}

TEST_CASE("local time follows daylight saving", "[time]") {
  const Zone berlin("CET-1CEST,M3.5.0,M10.5.0/3");
  CHECK(read("2026-07-01 12:00:00") == read("2026-07-01T10:00:00Z"));
  CHECK(read("2026-12-01 12:00:00") == read("2026-12-01T11:00:00Z"));
}

TEST_CASE("what is not a moment is no time", "[time]") {
  const std::string text = GENERATE(values<std::string>({
      "",
      "-",
      "[]",
      "[",
      "2026",
      "2026-11-21",
      "18:49:31",
      "21/Nov/2026:18:49:31",
      "21/Nov/2026:18:49:31+0000x",
      "21/nov/2026:18:49:31 +0000",
      "21/ovD/2026:18:49:31 +0000",
      "31/Nov/2026:18:49:31 +0000",
      "29/Feb/2026:18:49:31 +0000",
      "29/Feb/1900:18:49:31 +0000",
      "00/Nov/2026:18:49:31 +0000",
      "2026-13-21T18:49:31Z",
      "2026-00-21T18:49:31Z",
      "2026-11/21T18:49:31Z",
      "2026-11-21T24:00:00Z",
      "2026-11-21T18:60:31Z",
      "2026-11-21T18:49:61Z",
      "2026-11-21T18:49Z",
      "2026-11-21T18:49:31.Z",
      "2026-11-21T18:49:31+1:00",
      "2026-11-21T18:49:31 ",
      "2026-11-21T18:49:31ZZ",
      "[2026-11-21T18:49:31Z",
      "0000-11-21T18:49:31Z",
      "26-01-02 15:04:05",
      "Nov 31 18:49:31",
      "Feb 30 18:49:31",
      "Nov 00 18:49:31",
      "Nov 21",
      "Nov 21 18:49:31 2026",
      "Nov 21 18:49:31Z",
      "Nov   1 18:49:31",
      "Nov 021 18:49:31",
      "Sat",
      "Sat, 21 Nov 2026 18:49:31",
      "Sat, 21 Nov 2026 18:49:31 CET",
      "Sat, 31 Nov 2026 18:49:31 GMT",
      "Sat, 21 Nov 26 18:49:31 GMT",
      "Sat Nov 21 18:49:31",
      "Sat Nov 21 18:49:31 CET 2026",
      "Sat Nov 31 18:49:31 2026",
      "Sat Nov 21 18:49:31 2026 ",
      "Sau Nov 21 18:49:31 2026",
      "Saturday, 21 Nov 2026 18:49:31 GMT",
  }));
  CAPTURE(text);
  CHECK(read(text) == "no time");
}

TEST_CASE("dates agree with the C library's calendar", "[time]") {
  constexpr std::array kFormats = {"%d/%b/%Y:%H:%M:%S +0000", "%Y-%m-%dT%H:%M:%SZ", "%a, %d %b %Y %H:%M:%S GMT",
                                   "%a %b %e %H:%M:%S %Y"};
  const Zone local("UTC");
  std::mt19937_64 random(20'261'121);
  for (int i = 0; i < 20'000; ++i) {
    const auto seconds = static_cast<std::time_t>(random() % 253'402'300'800U);  // to the end of 9999
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    std::array<char, 64> text{};
    std::strftime(text.data(), text.size(), kFormats[static_cast<std::size_t>(i) % kFormats.size()], &utc);
    if (read(text.data()) != std::to_string(seconds)) FAIL(text.data() << " became " << read(text.data()));
  }
}
