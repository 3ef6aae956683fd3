#include "parsers/number.h"

#include <random>

#include <catch2/catch.hpp>

using namespace tailmeter;

namespace {

// What comes out, as text: a number, "no value" or "not a number".
std::string read(std::string_view text, Unit unit = Unit::kNone) {
  const Number number = parse_number(text, unit);
  switch (number.outcome) {
    case NumberOutcome::kNumber:
      return to_string(number.value);
    case NumberOutcome::kNoValue:
      return "no value";
    case NumberOutcome::kNotANumber:
      return "not a number";
  }
  return "?";
}

struct Row {
  std::string_view text;
  std::string_view number;
};

void check(Unit unit, std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(read(row.text, unit) == row.number);
  }
}

}  // namespace

TEST_CASE("a plain number is read exactly", "[number]") {
  check(Unit::kNone, {
                         {"0", "0"},
                         {"0.012", "0.012"},
                         {"200", "200"},
                         {"1795287034.352", "1795287034.352"},
                         {"+5", "5"},
                         {"-5", "-5"},
                         {"-0", "0"},
                         {".5", "0.5"},
                         {"5.", "5"},
                         {"-.25", "-0.25"},
                         {"1.5e3", "1500"},
                         {"1.5E+3", "1500"},
                         {"25e-2", "0.25"},
                         {"9007199254740993", "9007199254740993"},  // 2^53 + 1, which no double is
                         {"123456789012345678.123456789", "123456789012345678.123456789"},
                         {"10000000000000000000", "10000000000000000000"},
                     });
}

TEST_CASE("a status with a leading zero, and 000, are numbers", "[number]") {
  // An upstream that answers without a status line makes nginx log 009; a request that never got one is 000.
  check(Unit::kNone,
        {{"009", "9"}, {"000", "0"}, {"499", "499"}, {"00000000000000000000000000000000000000000000007", "7"}});
}

TEST_CASE("a dash and an empty text are no value, never 0", "[number]") {
  for (const Unit unit : {Unit::kNone, Unit::kSeconds, Unit::kGoDuration, Unit::kBytes}) {
    check(unit, {{"", "no value"}, {"-", "no value"}});
  }
}

TEST_CASE("commas are thousands separators or nothing", "[number]") {
  // rsync groups digits as the locale says: 990,113,198 bytes.
  check(Unit::kNone, {
                         {"1,249", "1249"},
                         {"990,113,198", "990113198"},
                         {"396,045,778.80", "396045778.8"},
                         {"-1,000", "-1000"},
                         {"1,24", "not a number"},
                         {"1,2345", "not a number"},
                         {"1234,567", "not a number"},
                         {"1,249,", "not a number"},
                         {",249", "not a number"},
                         {"1,,249", "not a number"},
                         {"1.249,000", "not a number"},
                     });
}

TEST_CASE("what is not a decimal number is not taken for one", "[number]") {
  check(Unit::kNone, {
                         {"nan", "not a number"},
                         {"NaN", "not a number"},
                         {"inf", "not a number"},
                         {"-Infinity", "not a number"},
                         {"0x10", "not a number"},
                         {"1e", "not a number"},
                         {"1e+", "not a number"},
                         {"e5", "not a number"},
                         {".", "not a number"},
                         {"+", "not a number"},
                         {"--5", "not a number"},
                         {"+-5", "not a number"},
                         {"1.2.3", "not a number"},
                         {" 5", "not a number"},
                         {"5 ", "not a number"},
                         {"5s", "not a number"},
                         {"1_000", "not a number"},
                         {"HIT", "not a number"},
                         {"0.201, 0.200", "not a number"},
                     });
}

TEST_CASE("a tenth digit behind the point is rounded half to even", "[number]") {
  check(Unit::kNone, {
                         {"0.0000000004", "0"},
                         {"0.0000000005", "0"},
                         {"0.0000000015", "0.000000002"},
                         {"0.0000000025", "0.000000002"},
                         {"0.00000000250000000000000000000000000000000000000001", "0.000000003"},
                         {"-0.0000000015", "-0.000000002"},
                         {"0.9999999995", "1"},
                         {"1e-9", "0.000000001"},
                         {"1e-10", "0"},
                         {"1e-999999999999", "0"},
                     });
}

TEST_CASE("a number beyond the range is not a number", "[number]") {
  check(Unit::kNone, {
                         {"10000000000000000000.0000000006", "not a number"},
                         {"10000000000000000000.0000000004", "10000000000000000000"},
                         {"-10000000000000000000", "-10000000000000000000"},
                         {"170141183460469231731687303716", "not a number"},
                         {"1e29", "not a number"},
                         {"1e30", "not a number"},
                         {"1e999999999999", "not a number"},
                         {"0e999999999999", "0"},
                     });
  CHECK(read("200000000000000000000000000E", Unit::kSi) == "not a number");
  CHECK(read("9" + std::string(300, '9')) == "not a number");
}

TEST_CASE("units of time become seconds", "[number]") {
  check(Unit::kSeconds, {{"0.012", "0.012"}, {"12s", "12"}, {"12ms", "not a number"}});
  check(Unit::kMilliseconds,
        {{"4", "0.004"}, {"1,500", "1.5"}, {"-1", "-0.001"}, {"0.0000005", "0"}, {"0.0000015", "0.000000002"}});
  check(Unit::kMicroseconds, {{"1234567", "1.234567"}, {"0.001", "0.000000001"}});
  check(Unit::kNanoseconds, {{"6281140", "0.00628114"}, {"0.5", "0"}, {"1.5", "0.000000002"}});
}

TEST_CASE("a value may carry the very unit that is named, and no other", "[number]") {
  check(Unit::kSeconds, {{"1.5 s", "1.5"}, {"1.5 S", "not a number"}, {"1.5sec", "not a number"}});
  check(Unit::kMilliseconds, {{"5ms", "0.005"}, {"5s", "not a number"}, {"5m", "not a number"}});
  check(Unit::kMicroseconds, {{"5us", "0.000005"},
                              {"1,000 us", "0.001"},
                              {"5\u00b5s", "0.000005"},
                              {"5\u03bcs", "0.000005"},
                              {"5ms", "not a number"},
                              {"5ns", "not a number"},
                              {"5us ", "not a number"},
                              {"5usus", "not a number"},
                              {"us", "not a number"}});
  check(Unit::kNanoseconds, {{"-5ns", "-0.000000005"}, {"5us", "not a number"}});
  check(Unit::kNone, {{"5us", "not a number"}, {"5s", "not a number"}});
}

TEST_CASE("one duration is the same in every unit that logs have for it", "[number][pitfall][pitfall-42]") {
  check(Unit::kSeconds, {{"0.004", "0.004"}});                                                  // nginx
  check(Unit::kMilliseconds, {{"4", "0.004"}});                                                 // HAProxy, Envoy
  check(Unit::kMicroseconds, {{"4000", "0.004"}});                                              // httpd's %D
  check(Unit::kNanoseconds, {{"4000000", "0.004"}});                                            // Traefik's JSON
  check(Unit::kGoDuration, {{"4ms", "0.004"}, {"4000\u00b5s", "0.004"}, {"0.004s", "0.004"}});  // a registry
  check(Unit::kGoDuration, {{"0.004", "0.004"}});                                               // Caddy
}

TEST_CASE("a time stamp is a number only where no unit is asked for", "[number]") {
  CHECK(read("21/Nov/2026:18:49:31 +0000") == "1795286971");
  CHECK(read("[2026-11-21T18:49:31.250Z]") == "1795286971.25");
  CHECK(read("2026-11-21T18:49:31Z", Unit::kSeconds) == "not a number");
}

TEST_CASE("Go durations are read in all the ways that Go writes them", "[number][pitfall][pitfall-41]") {
  check(Unit::kGoDuration, {
                               {"0s", "0"},
                               {"0", "0"},
                               {"737.409\u00b5s", "0.000737409"},  // micro sign
                               {"737.409\u03bcs", "0.000737409"},  // Greek mu
                               {"737.409us", "0.000737409"},
                               {"6.28114ms", "0.00628114"},
                               {"15ns", "0.000000015"},
                               {"1m2.345678901s", "62.345678901"},
                               {"2h0m0s", "7200"},
                               {"1h2m3.5s", "3723.5"},
                               {"167h59m59.999s", "604799.999"},
                               {"-1.5h", "-5400"},
                               {"+5s", "5"},
                               {"1.5", "1.5"},
                               {"1m2", "not a number"},
                               {"1d", "not a number"},
                               {"1 s", "not a number"},
                               {"s", "not a number"},
                               {"1s-2s", "not a number"},
                               {"+", "not a number"},
                           });
}

TEST_CASE("sizes are read with whatever suffix is written", "[number]") {
  check(Unit::kBytes, {
                          {"1024", "1024"},
                          {"95,464 bytes", "95464"},
                          {"1 byte", "1"},
                          {"17B", "17"},
                          {"1.5KB", "1500"},
                          {"1.5kB", "1500"},
                          {"10977 KB", "10977000"},
                          {"9.8 MiB", "10276044.8"},
                          {"3.624MB", "3624000"},
                          {"1.24T", "1240000000000"},
                          {"1.2Gi", "1288490188.8"},
                          {"1Ei", "1152921504606846976"},
                          {"2E", "2000000000000000000"},
                          {"2E3", "2000"},  // an exponent
                          {"0.000000001Ki", "0.000001024"},
                          {"1X", "not a number"},
                          {"1KBB", "not a number"},
                          {"1iB", "not a number"},
                          {"1  KB", "not a number"},
                          {"KB", "not a number"},
                          {"B", "not a number"},
                          {" ", "not a number"},
                          {"1 ", "not a number"},
                      });
  check(Unit::kSi, {{"3.51G", "3510000000"}, {"3.51g", "3510000000"}, {"1.2Gi", "1288490188.8"}});
  check(Unit::kIec, {{"1.2Gi", "1288490188.8"}, {"1.2G", "1288490188.8"}, {"9.8 MB", "10276044.8"}, {"512", "512"}});
}

// An oracle that shares nothing with the reader: the text is made from the number.
TEST_CASE("numbers written from integers are read back", "[number]") {
  std::mt19937_64 random(20'261'121);
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t whole = random() >> (1 + random() % 63);  // not beyond kLargestNumber
    const auto decimals = static_cast<int>(random() % 10);
    std::uint64_t unit = 1;
    for (int k = 0; k < decimals; ++k) unit *= 10;
    const std::uint64_t fraction = random() % unit;
    std::string text = std::to_string(whole);
    const bool is_grouped = random() % 2 == 0;
    for (std::size_t place = text.size(); is_grouped && place > 3;) text.insert(place -= 3, 1, ',');
    if (decimals > 0) text += '.' + std::to_string(unit + fraction).substr(1);
    const Int128 nanos =
        Int128{whole} * Decimal::kUnit + Int128{fraction} * (Decimal::kUnit / static_cast<std::int64_t>(unit));
    const Number number = parse_number(text);
    if (number.outcome != NumberOutcome::kNumber || number.value.nanos() != nanos)
      FAIL(text << " became " << to_string(number.value));
  }
}
