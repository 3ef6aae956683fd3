// What is said of conditions that no line can meet: whole messages.
#include "rules/program/unmatchable.h"

#include <catch2/catch.hpp>

namespace tailmeter {
namespace {

// Behind sources in lines 1 to 6.
std::string warnings(const std::string& metric) {
  const std::string text =
      "sources:\n"
      "  - {name: web, files: [a.log], format: '$remote_addr $status'}\n"
      "  - {name: sync, files: [b.log], format: {regex: {success: '^ok', failed: '^no', other: '.'}}}\n"
      "  - {name: job, files: [c.log], format: {regex: {begun: '^begin', done: '^end'}}}\n"
      "  - {name: data, files: [d.log], format: json}\n"
      "metrics:\n"
      "  - {" +
      metric + "}\n";
  Diagnostics diagnostics("t.yml", text);
  const RuleFile file = load_rule_file(text, diagnostics);
  REQUIRE(diagnostics.errors() == "");
  warn_of_unmatchable(file, diagnostics);
  return diagnostics.warnings();
}

TEST_CASE("a condition that no line can meet is warned of", "[rules]") {
  CHECK(warnings("counter: a_total, source: sync, when: {event: [success, faild]}") ==
        "t.yml:7:62: warning: metrics[0] \"a_total\": when: no line can match, for no event is \"faild\": there is "
        "failed, other, success (did you mean \"failed\"?)\n"
        "    7 |   - {counter: a_total, source: sync, when: {event: [success, faild]}}\n"
        "      |                                                              ^");
  CHECK(warnings("counter: a_total, source: web, unless: {status: 5xx}") ==
        "t.yml:7:54: warning: metrics[0] \"a_total\": unless: no line can match, for no status is \"5xx\": a status is "
        "a number, and a pattern such as \"5..\" stands for all of it\n"
        "    7 |   - {counter: a_total, source: web, unless: {status: 5xx}}\n"
        "      |                                                      ^");
  CHECK(warnings("counter: a_total, source: [web, sync], when: {source: wep}") ==
        "t.yml:7:60: warning: metrics[0] \"a_total\": when: no line can match, for no source is \"wep\": there is "
        "sync, web (did you mean \"web\"?)\n"
        "    7 |   - {counter: a_total, source: [web, sync], when: {source: wep}}\n"
        "      |                                                            ^");
  for (const char* const metric :
       {"duration: a_seconds, source: sync, key: x, start: {event: successs}, end: {event: failed}",
        "duration: a_seconds, source: sync, key: x, start: {event: success}, end: {event: ailed}",
        "ratio: a, source: web, hit: {status: '2'}", "counter: a_total, source: web, when: {status: '^ 200'}",
        "counter: a_total, source: web, when: {status: '2..x'}",
        "counter: a_total, source: web, when: {status: '-'}"}) {
    CAPTURE(metric);
    CHECK(warnings(metric) != "");
  }
}

TEST_CASE("a condition that some line may meet is not warned of", "[rules]") {
  for (const char* const metric :
       {"counter: a_total, source: sync, when: {event: 'succ.*|begun'}",
        "counter: a_total, source: web, when: {status: 5..}", "counter: a_total, source: web, when: {status: '009'}",
        "counter: a_total, source: web, when: {status: 0}", "counter: a_total, source: web, when: {status: '-1'}",
        "counter: a_total, source: [sync, job], when: {event: done}",
        "counter: a_total, source: data, when: {status: failed, event: any}",
        "counter: a_total, source: [sync, data], when: {event: any}", "counter: a_total, when: {source: data}"}) {
    CAPTURE(metric);
    CHECK(warnings(metric) == "");
  }
}

TEST_CASE("a field that an extract or a group may give is not judged by the format", "[rules]") {
  const std::string text =
      "sources:\n"
      "  - name: web\n"
      "    files: [a.log]\n"
      "    format: '$request $status'\n"
      "    extract: [{from: $request, regex: '(?P<status>fine)'}]\n"
      "  - name: sync\n"
      "    files: [a.log]\n"
      "    format: {regex: {a: 'x', b: '(?P<event>.*)'}}\n"
      "metrics:\n"
      "  - {counter: a_total, source: web, when: {status: fine}}\n"
      "  - {counter: b_total, source: sync, when: {event: fine}}\n";
  Diagnostics diagnostics("t.yml", text);
  const RuleFile file = load_rule_file(text, diagnostics);
  warn_of_unmatchable(file, diagnostics);
  CHECK(diagnostics.errors() + diagnostics.warnings() == "");
}

}  // namespace
}  // namespace tailmeter
