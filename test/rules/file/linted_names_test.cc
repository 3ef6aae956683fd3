// What is said of names that Prometheus' linter refuses: whole messages. That they are just these names,
// test/system/promlint_test.py asks promtool itself.
#include <catch2/catch.hpp>

#include "rules/file/rule_file.h"

namespace tailmeter {
namespace {

std::string warnings(const std::string& metrics) {
  const std::string text = "metrics:\n" + metrics;
  Diagnostics diagnostics("t.yml", text);
  static_cast<void>(load_rule_file(text, diagnostics));
  return diagnostics.warnings();
}

// Of one metric in line 2, without the line itself and its caret.
std::string warning(const std::string& metric) {
  const std::string all = warnings("  - {" + metric + "}\n");
  const std::string begin = "t.yml:2:";
  CHECK(all.compare(0, begin.size(), begin) == 0);
  const std::size_t message = all.find("warning: metrics[0]");
  return message == std::string::npos ? all : all.substr(message, all.find('\n') - message);
}

TEST_CASE("a name that Prometheus' linter refuses is warned of with its place and another name", "[file]") {
  CHECK(warnings("  - {gauge: load_ms, value: $x}\n") ==
        "t.yml:2:13: warning: metrics[0] \"load_ms\": promtool check metrics will refuse \"ms\", for it is no base "
        "unit, or not its whole name: call it \"load_seconds\", and give it values in that unit\n"
        "    2 |   - {gauge: load_ms, value: $x}\n"
        "      |             ^");
  CHECK(warning("counter: traffic_kilobytes_total") ==
        "warning: metrics[0] \"traffic_kilobytes_total\": promtool check metrics will refuse \"kilobytes\", for it is "
        "no base unit, or not its whole name: call it \"traffic_bytes_total\", and give it values in that unit");
  CHECK(warning("gauge: jobs_total, op: add") ==
        "warning: metrics[0] \"jobs_total\": promtool check metrics will refuse \"_total\" at the end of a gauge's "
        "name, for it is for counters: call it \"jobs\"");
  CHECK(warning("topk: image_count, labels: {image: $x}") ==
        "warning: metrics[0] \"image_count\": promtool check metrics will refuse \"_count\" at the end of a topk's "
        "name, for it is for histograms and summaries: call it \"image\"");
  CHECK(warning("counter: hits_counter_total") ==
        "warning: metrics[0] \"hits_counter_total\": promtool check metrics will refuse \"counter\" in a name, for the "
        "type is told beside it: call it \"hits_total\"");
  CHECK(warning("counter: bytesSent_total") ==
        "warning: metrics[0] \"bytesSent_total\": promtool check metrics will refuse camelCase: call it "
        "\"bytes_sent_total\"");
  CHECK(warnings("  - {counter: hits_total, labels: {cacheState: $x}}\n") ==
        "t.yml:2:36: warning: metrics[0] \"hits_total\": labels.cacheState: promtool check metrics will refuse "
        "camelCase: call it \"cache_state\"\n"
        "    2 |   - {counter: hits_total, labels: {cacheState: $x}}\n"
        "      |                                    ^");
}

TEST_CASE("entries of one name are warned of once", "[file]") {
  const std::string all = warnings("  - {counter: a_ms_total}\n  - {counter: a_ms_total, when: {x: y}}\n");
  CHECK(all.find("promtool") == all.rfind("promtool"));
  CHECK(all.find("promtool") != std::string::npos);
}

TEST_CASE("a name that is refused here is not warned of besides", "[file]") {
  CHECK(warnings("  - {counter: 'a:b_ms_total'}\n") == "");
  CHECK(warnings("  - {counter: time_seconds_total, help: Seconds., labels: {le_ms: $x}}\n") == "");
}

}  // namespace
}  // namespace tailmeter
