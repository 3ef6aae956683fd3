#include "exporter/cli/dry_run_output.h"

#include <catch2/catch.hpp>

#include "exporter/cli/progress.h"
#include "exporter/web/exposition/exposition.h"
#include "test/support/preset_bench.h"

namespace tailmeter {
namespace {

const std::string kRules =
    "sources:\n  - {name: words, files: [w.log], format: {regex: '^(?P<a>\\S+) (?P<b>[0-9]+)$'}}\n"
    "metrics:\n  - {counter: words_total, help: Words., labels: {word: $a}}\n  - {gauge: last, help: Last., value: "
    "$b}\n";

DryRunSummary summary_of(const RuleBench& bench) {
  DryRunSummary summary;
  summary.add(bench.pipeline().counts(0));
  summary.seconds = 0.5;
  summary.reasons.add({3, "expected a digit"}, "abc\x1B[31m\"");
  summary.reasons.add({0, "no pattern matched"}, "first");
  summary.reasons.add({0, "no pattern matched"}, "second");
  return summary;
}

TEST_CASE("the forms of dry-run hold the same samples", "[cli]") {
  RuleBench bench(kRules);
  bench.count("x 1\nx 12\n\"\\ 5\nabc\nabc\nabc\n");
  const Snapshot snapshot = bench.rules().snapshot();
  const std::string text = render({ExpositionFormat::kText}, snapshot);
  std::string table;
  std::string json;
  append_dry_run_table(table, snapshot);
  append_dry_run_json(json, snapshot, summary_of(bench));
  CHECK(text ==
        "# HELP words_total Words.\n# TYPE words_total counter\nwords_total{word=\"\\\"\\\\\"} "
        "1\nwords_total{word=\"x\"} 2\n"
        "# HELP last Last.\n# TYPE last gauge\nlast 5\n");
  CHECK(table ==
        "words_total{word=\"\\\"\\\\\"}  1\n"
        "words_total{word=\"x\"}     2\n"
        "last                      5\n");
  CHECK(
      json ==
      R"({"recognized":[],"lines":6,"matched":3,"unmatched":3,"oversize":0,"unmatched_examples":[)"
      R"({"reason":"no pattern matched","lines":2,"byte":1,"example":"first"},)"
      R"({"reason":"expected a digit","lines":1,"byte":4,"example":"abc\\x1B[31m\""}],"skipped_updates":[],"metrics":[)"
      R"({"name":"words_total","labels":{"word":"\"\\"},"value":"1"},)"
      R"({"name":"words_total","labels":{"word":"x"},"value":"2"},)"
      R"({"name":"last","labels":{},"value":"5"}]})"
      "\n");
}

TEST_CASE("the summary shows why lines did not match, without what could upset a terminal", "[cli]") {
  RuleBench bench(kRules);
  bench.count("x 1\nabc\nabc\nabc\n");
  CHECK(summary_text(summary_of(bench)) ==
        "4 lines: 1 matched, 3 unmatched, 0 oversize; 8 lines/s\n"
        "  2 × no pattern matched, such as (from byte 1)\n"
        "      first\n"
        "  1 × expected a digit, such as (from byte 4)\n"
        "      abc\\x1B[31m\"\n");
}

TEST_CASE("a reason with control characters, of a format that has them, upsets neither JSON nor a terminal", "[cli]") {
  DryRunSummary summary;
  summary.reasons.add({0, "expected \"\x1b[31m\" after $a"}, "first");
  std::string json;
  append_dry_run_json(json, {}, summary);
  CHECK(
      json ==
      R"({"recognized":[],"lines":0,"matched":0,"unmatched":0,"oversize":0,"unmatched_examples":[)"
      R"({"reason":"expected \"\\x1B[31m\" after $a","lines":1,"byte":1,"example":"first"}],"skipped_updates":[],"metrics":[]})"
      "\n");
  CHECK(summary_text(summary) ==
        "0 lines: 0 matched, 0 unmatched, 0 oversize\n"
        "  1 × expected \"\\x1B[31m\" after $a, such as (from byte 1)\n      first\n");
}

TEST_CASE("dry-run says which preset was chosen for which log, and how surely", "[cli]") {
  DryRunSummary summary;
  RecognizedLog timing;
  timing.recognition.preset = "nginx_timing";
  timing.recognition.prefixes = {Carrier::kCri, Carrier::kAnsi};
  timing.recognition.lines = 20;
  timing.recognition.telling = 19;
  timing.looked_at = "a\x1B.log";
  RecognizedLog sync;
  sync.recognition.preset = "mirror";
  sync.recognition.lines = 1;
  sync.recognition.telling = 1;
  sync.looked_at = "sync.log.1";
  summary.recognized = {{"a\x1B.log", timing}, {"sync.log", sync}};
  CHECK(summary_text(summary) ==
        "a\\x1B.log: preset nginx_timing with prefix: [cri, ansi], 19 of the first 20 lines\n"
        "sync.log: preset mirror, 1 of the first 1 lines of sync.log.1\n"
        "0 lines: 0 matched, 0 unmatched, 0 oversize\n");
  std::string json;
  append_dry_run_json(json, {}, summary);
  CHECK(json == R"({"recognized":[)"
                R"({"log":"a\\x1B.log","preset":"nginx_timing","prefix":["cri","ansi"],"telling":19,"of":20},)"
                R"({"log":"sync.log","looked_at":"sync.log.1","preset":"mirror","prefix":[],"telling":1,"of":1}],)"
                R"("lines":0,"matched":0,"unmatched":0,"oversize":0,"unmatched_examples":[],"skipped_updates":[],)"
                R"("metrics":[]})"
                "\n");
}

TEST_CASE("the summary says of each metric how many lines had no value for it, and why", "[cli]") {
  RuleBench bench(
      "sources:\n  - {name: n, files: [n.log], format: '$status $request_time $bytes_sent'}\n"
      "metrics:\n  - {counter: seconds_total, help: S., value: $request_time}\n"
      "  - {counter: bytes_total, help: B., value: $bytes_sent}\n"
      "  - {counter: lines_total, help: L.}\n");
  bench.count("200 - 1\n200 - 2\n200 0.5 -7\n200 1..2 3\n200 0.1 4\n");
  DryRunSummary summary;
  summary.add(bench.pipeline().counts(0));
  summary.add_skipped(bench.rules());
  CHECK(summary_text(summary) ==
        "5 lines: 5 matched, 0 unmatched, 0 oversize\n"
        "  seconds_total: 2 lines had no $request_time\n"
        "  seconds_total: 1 line had $request_time that is no number\n"
        "  bytes_total: 1 line had $bytes_sent below 0\n");
  std::string json;
  append_dry_run_json(json, {}, summary);
  CHECK(
      json ==
      R"({"recognized":[],"lines":5,"matched":5,"unmatched":0,"oversize":0,"unmatched_examples":[],"skipped_updates":[)"
      R"({"metric":"seconds_total","reason":"no_value","text":"no $request_time","lines":2},)"
      R"({"metric":"seconds_total","reason":"not_a_number","text":"$request_time that is no number","lines":1},)"
      R"({"metric":"bytes_total","reason":"negative","text":"$bytes_sent below 0","lines":1}],"metrics":[]})"
      "\n");
}

TEST_CASE("an end without a start is told in these words, not in those of the rules", "[cli]") {
  RuleBench bench(
      "sources:\n  - {name: n, files: [n.log], format: {regex: {begin: '^begin (?P<id>.+)', end: '^end (?P<id>.+)'}}}\n"
      "metrics:\n  - {duration: took_seconds, start: {event: begin}, end: {event: end}, key: $id}\n");
  bench.count("begin a\nend a\nend a\nend b\n");
  DryRunSummary summary;
  summary.add_skipped(bench.rules());
  CHECK(summary_text(summary) ==
        "0 lines: 0 matched, 0 unmatched, 0 oversize\n"
        "  took_seconds: 2 lines had an end without a start, or a start that will have no end\n");
}

TEST_CASE("of what rsync prints the summary says no more than that it has no time", "[cli]") {
  PresetBench bench("rsync_stats");
  bench.count(
      "receiving incremental file list\na/b\n\nNumber of regular files transferred: 2\n"
      "sent 345 bytes  received 71,234 bytes  47,719.33 bytes/sec\n"
      "total size is 5,000,000  speedup is 69.85\n");
  DryRunSummary summary;
  summary.add_skipped(bench.rules());
  CHECK(summary_text(summary) ==
        "0 lines: 0 matched, 0 unmatched, 0 oversize\n"
        "  mirror_sync_last_success_timestamp_seconds: 1 line had no $time\n");
}

TEST_CASE("a line that one of several entries counts had what the others sought", "[cli]") {
  RuleBench bench(
      "sources:\n  - {name: n, files: [n.log], format: '$status $request_time $msec'}\n"
      "  - {name: m, files: [m.log], format: '$status $request_time $msec'}\n"
      "metrics:\n  - {counter: seconds_total, help: S., value: $request_time}\n"
      "  - {counter: seconds_total, value: {from: $msec, unit: ms}}\n"
      "  - {histogram: each, help: E., value: {from: $request_time, list: each}, buckets: [1]}\n");
  bench.count("200 - 1\n", 1);
  bench.count("200 1 -\n200 - 1\n200 - -\n200 1..2 -\n200 - -5\n", 0);
  DryRunSummary summary;
  summary.add_skipped(bench.rules());
  CHECK(summary_text(summary) ==
        "0 lines: 0 matched, 0 unmatched, 0 oversize\n"
        "  seconds_total: 1 line had no $request_time or $msec\n"
        "  seconds_total: 1 line had $request_time or $msec that is no number\n"
        "  seconds_total: 1 line had $request_time or $msec below 0\n"
        "  each: 4 lines had no $request_time\n"
        "  each: 1 line had $request_time that is no number\n");
  CHECK(bench.statistics(0).skipped_no_value == 7);  // updates, as tailmeter_updates_skipped_total has them
}

TEST_CASE("progress says how much, how fast and how long still", "[cli]") {
  CHECK(progress_text("a.log", 500, 1000, 2) ==
        "a.log  [============            ]  50 %  500 B of 1.0 kB  250 B/s  2 s left");
  CHECK(progress_text("-", 2'500'000, 0, 0.5) == "-  2.5 MB  5.0 MB/s");
  CHECK(progress_text("a.log", 0, 1000, 0) == "a.log  [                        ]  0 %  0 B of 1.0 kB  0 B/s  0 s left");
  CHECK(progress_text("grew", 2000, 1000, 1) ==
        "grew  [========================]  100 %  2.0 kB of 2.0 kB  2.0 kB/s  0 s left");
}

}  // namespace
}  // namespace tailmeter
