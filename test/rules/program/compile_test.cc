// What the compiler says of rules that name what is not there. Whole messages: they are what the user reads.
#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "test/support/rule_bench.h"

namespace tailmeter {
namespace {

const std::string kSources = "sources:\n  - {name: nginx, files: [a.log], format: combined}\nmetrics:\n";

TEST_CASE("a name that no field has is refused with the nearest one", "[rules]") {
  CHECK(reports(kSources + "  - counter: bytes_sent_total\n    value: $body_byte_sent\n") ==
        "rules.yml:5:12: metrics[0] \"bytes_sent_total\": value: source \"nginx\" has no field \"body_byte_sent\" (did "
        "you mean "
        "\"body_bytes_sent\"?)\n"
        "    5 |     value: $body_byte_sent\n"
        "      |            ^");
  CHECK(reports(kSources + "  - counter: n_total\n    labels: {code: 'x${stat}'}\n") ==
        "rules.yml:5:22: metrics[0] \"n_total\": label \"code\": source \"nginx\" has no field \"stat\" (did you mean "
        "\"status\"?)\n"
        "    5 |     labels: {code: 'x${stat}'}\n"
        "      |                      ^");
  CHECK(reports(kSources + "  - counter: n_total\n    when: {xyzzy: a}\n") ==
        "rules.yml:5:12: metrics[0] \"n_total\": when: source \"nginx\" has no field \"xyzzy\"\n"
        "    5 |     when: {xyzzy: a}\n"
        "      |            ^");
}

TEST_CASE("values are of another meaning when what is counted changes, and of the same when only its frame does",
          "[rules]") {
  const auto meaning = [](const std::string& metrics) {
    const auto rules = read_rules("rules.yml", kSources + metrics);
    return rules->metrics().front().family->description().meaning;
  };
  const std::string metric =
      "  - {counter: n_total, value: $body_bytes_sent, when: {status: '2..'}, labels: {m: $request_method}";
  const std::string before = meaning(metric + "}\n");
  for (const char* const frame :
       {", help: Bytes.", ", max_series: 7", ", ttl: 1h", ", source: nginx", ", init: [{m: GET}]"}) {
    CAPTURE(frame);
    CHECK(meaning(metric + frame + "}\n") == before);
  }
  // Another source that counts alike is an entry more, and no other meaning.
  CHECK(meaning(metric + "}\n" + metric + ", source: nginx}\n") == before);
  for (const char* const other :
       {"  - {counter: n_total, value: $body_bytes_sent, when: {status: '3..'}, labels: {m: $request_method}}\n",
        "  - {counter: n_total, value: $body_bytes_sent, unless: {status: '2..'}, labels: {m: $request_method}}\n",
        "  - {counter: n_total, when: {status: '2..'}, labels: {m: $request_method}}\n",
        "  - {counter: n_total, value: $body_bytes_sent, when: {status: '2..'}, labels: {m: {from: $request_method, "
        "lower: true}}}\n"}) {
    CAPTURE(other);
    CHECK(meaning(other) != before);
    CHECK(meaning(metric + "}\n" + other) != before);
  }
  const std::string gauge = "  - {gauge: n, value: $body_bytes_sent, op: max}\n";
  CHECK(meaning(gauge) != meaning("  - {gauge: n, value: $body_bytes_sent, op: min}\n"));
  const std::string distinct = "  - {distinct: n_total, of: $remote_addr}\n";
  CHECK(meaning(distinct) != meaning("  - {distinct: n_total, of: $remote_user}\n"));
  const std::string top = "  - {topk: n, labels: {m: $request_method}";
  CHECK(meaning(top + ", k: 3}\n") == meaning(top + ", k: 5}\n"));
  CHECK(meaning(top + ", max_series: 100}\n") != meaning(top + ", max_series: 200}\n"));
}

TEST_CASE("the jobs of each entry of a duration are its own", "[rules]") {
  const std::string metric =
      "  - {duration: d, start: {request_method: PUT}, end: {request_method: GET}, key: $uri, labels: {p: a}";
  const auto rules = read_rules("rules.yml", kSources + metric + "}\n" + metric + ", source: nginx}\n" +
                                                 "  - {duration: d, start: {request_method: POST}, end: "
                                                 "{request_method: GET}, key: $uri, labels: {p: b}}\n");
  std::set<std::string> scopes;
  for (const auto& jobs : rules->metrics().front().jobs) scopes.insert(jobs->scope());
  CHECK(scopes.size() == 3);
  // They are found again when the entry counts another source, too.
  const auto later = read_rules("rules.yml", kSources + metric + ", source: [nginx]}\n");
  CHECK(later->metrics().front().jobs.front()->scope() == rules->metrics().front().jobs.front()->scope());
}

// A window of eleven slices, each with 2^14 registers of 6 bits, and when each began: 143 KiB.
TEST_CASE("a metric whose series could take too much memory is refused with how many would fit", "[rules]") {
  const std::string users = "  - {distinct: users, of: $remote_addr, window: 1h, labels: {status: $status}";
  const std::string report = reports(kSources + users + "}\n");
  CAPTURE(report);
  const std::string begin = "rules.yml:4:16: metrics[0] \"users\": 10000 series of ";
  const std::string end = " or less\n" + ("    4 | " + users.substr(0)) + "}\n      |                ^";
  REQUIRE(report.starts_with(begin));
  REQUIRE(report.ends_with(end));
  const std::string least = "max_series: ";
  const int most = std::stoi(report.substr(report.find(least) + least.size()));
  CHECK(most > 1'500);
  CHECK(most < 2'500);
  CHECK(reports(kSources + users + ", max_series: " + std::to_string(most) + "}\n").empty());
  CHECK_FALSE(reports(kSources + users + ", max_series: " + std::to_string(most + 1) + "}\n").empty());
  CHECK(reports(kSources + "  - {distinct: users, of: $remote_addr, window: 1h}\n").empty());
}

TEST_CASE("a bad pattern is shown where it stands, once, however many sources read it", "[rules]") {
  const std::string text =
      "sources:\n"
      "  - {name: one, files: [1.log], format: combined}\n"
      "  - {name: two, files: [2.log], format: combined}\n"
      "metrics:\n"
      "  - counter: n_total\n"
      "    when: {status: '5.)'}\n";
  const std::string report = reports(text);
  CHECK(report.find("rules.yml:6:20: metrics[0] \"n_total\": when: ") == 0);
  CHECK(report.find("rules.yml", 1) == std::string::npos);
}

TEST_CASE("an extract must read one field and name what it finds", "[rules]") {
  const auto with_extract = [](const std::string& extract) {
    return "sources:\n  - name: nginx\n    files: [a.log]\n    format: combined\n    extract:\n      - " + extract +
           "\n";
  };
  CHECK(reports(with_extract("{from: '$uri-$args', regex: '(?P<x>.)'}")) ==
        "rules.yml:6:16: sources[0] \"nginx\": extract[0]: \"from\" is one field, such as $request_uri\n"
        "    6 |       - {from: '$uri-$args', regex: '(?P<x>.)'}\n"
        "      |                ^");
  CHECK(reports(with_extract("{from: $uri, regex: '(?P<file>.)'}")) ==
        "rules.yml:6:29: sources[0] \"nginx\": extract[0]: $file is a field of every line: give what is found another "
        "name\n"
        "    6 |       - {from: $uri, regex: '(?P<file>.)'}\n"
        "      |                             ^");
  CHECK(reports(with_extract("{from: $uri, regex: '(.)'}")) ==
        "rules.yml:6:29: sources[0] \"nginx\": extract[0]: the regex names no field: write (?P<name>...) around what "
        "you want\n"
        "    6 |       - {from: $uri, regex: '(.)'}\n"
        "      |                             ^");
}

TEST_CASE("an ambiguous format is refused at the field that has no end", "[rules]") {
  const std::string report =
      reports("sources:\n  - name: nginx\n    files: [a.log]\n    format: '$http_referer $http_user_agent $status'\n");
  CHECK(report.find("rules.yml:4:14: sources[0] \"nginx\": format: where $http_referer ends cannot be known") == 0);
}

TEST_CASE("a LogFormat of httpd that cannot be read is shown at the directive", "[rules]") {
  CHECK(reports("sources:\n  - {name: web, files: [a.log], format: {apache: '%h %z'}}\n") ==
        "rules.yml:2:54: sources[0] \"web\": format: httpd's LogFormat has no \"%z\"; write %% for a percent sign\n"
        "    2 |   - {name: web, files: [a.log], format: {apache: '%h %z'}}\n"
        "      |                                                      ^");
}

}  // namespace
}  // namespace tailmeter
