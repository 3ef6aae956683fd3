// Lines that something carried, from a file to series: by dry-run's reader and by the tail, which have to agree.
#include <fstream>

#include <catch2/catch.hpp>

#include "exporter/cli/log_reader.h"
#include "exporter/tail/real_file_system.h"
#include "exporter/tail/tail.h"
#include "test/support/rule_bench.h"
#include "test/support/silent_observer.h"
#include "test/support/temporary_directory.h"

namespace tailmeter {
namespace {

const std::string kHead = "2025-12-31T17:37:40Z ";

std::string rules(const std::string& prefix) {
  return "sources:\n  - {name: words, files: [w.log], max_line_bytes: 10, prefix: " + prefix +
         ", format: {regex: '^(?P<a>[a-z]+)$'}}\n"
         "metrics:\n  - {counter: words_total, labels: {word: $a}}\n";
}

// All numbers that come of a file with `text`.
struct Numbers {
  std::string samples;
  std::vector<std::uint64_t> lines;
  std::uint64_t bytes = 0;
  bool operator==(const Numbers&) const = default;
};

Numbers numbers_of(const RuleBench& bench, const SourceCounts& counts) {
  return {bench.samples(), {counts.matched.lines, counts.unmatched.lines, counts.oversize.lines}, counts.bytes()};
}
std::ostream& operator<<(std::ostream& out, const Numbers& numbers) {
  out << numbers.samples << numbers.bytes << " bytes in";
  for (const std::uint64_t lines : numbers.lines) out << ' ' << lines;
  return out;
}

Numbers by_reader(const std::string& prefix, const std::string& path) {
  RuleBench bench(rules(prefix));
  Pipeline pipeline(bench.rules());
  read_log(path, 0, line_ends_of(bench.rules().sources()[0].rule.prefixes), pipeline,
           [](std::uint64_t, std::uint64_t) {});
  return numbers_of(bench, pipeline.counts(0));
}

Numbers by_tail(const std::string& prefix, const std::string& path) {
  RuleBench bench(rules(prefix));
  Pipeline pipeline(bench.rules());
  RealFileSystem files;
  SilentObserver observer;
  FollowedSource source;
  source.files = {path};
  source.start_at = StartAt::kBeginning;
  source.line_ends = line_ends_of(bench.rules().sources()[0].rule.prefixes);
  Tail tail(files, {source}, pipeline, observer);
  TimePoint now{std::chrono::hours{1}};
  REQUIRE(tail.drain(now, [] { return false; }));
  return numbers_of(bench, pipeline.counts(0));
}

TEST_CASE("the reader and the tail count the same of the same bytes, and every byte once", "[carrier]") {
  const std::string part(16'384, 'x');
  std::string giant;
  for (int i = 0; i < 40; ++i) giant += kHead + "stdout P " + part + '\n';
  struct Case {
    std::string prefix;
    std::string text;
    std::string samples;
    std::vector<std::uint64_t> lines;  // matched, unmatched, oversize
  };
  const std::string five = "words_total{word=\"five\"} 1\n";
  const std::string one_and_two = "words_total{word=\"onetwo\"} 1\n";
  const Case c = GENERATE_COPY(values<Case>({
      {"cri", kHead + "stdout P one\n" + kHead + "stdout F two\n", one_and_two, {1, 0, 0}},
      {"cri",
       kHead + "stdout P one\n" + kHead + "stderr F five\n" + kHead + "stdout F two\n",
       five + one_and_two,
       {2, 0, 0}},
      {"cri", "nothing\n" + kHead + "stdout F FIVE\n" + kHead + "stdout F five\r\n", five, {1, 2, 0}},
      {"cri", giant + kHead + "stdout F \n" + kHead + "stdout F five\n", five, {1, 0, 1}},
      {"cri", kHead + "stdout P abcdef\n" + kHead + "stdout F ghijkl\n", "", {0, 0, 1}},
      {"docker",
       "{\"log\":\"one\"}\n{\"log\":\"two\\n\"}\n{\"log\":\"five\\n\"}\n{\"log\":\n",
       five + one_and_two,
       {2, 1, 0}},
      {"ansi", " 5%\r\x1B[1mfive\x1B[0m\r\n", five, {1, 0, 0}},
      {"syslog", "Nov  1 18:48:15 app: five\nfive\n", five, {1, 1, 0}},
      {"compose", "web-1  | five\nnothing\n", five, {1, 1, 0}},
      {"ansi",
       "\xEF\xBB\xBF"
       "five\n",
       five,
       {1, 0, 0}},
      {"[docker, syslog, ansi]",
       "{\"log\":\"Nov  1 18:48:15 app: \\u001b[1mfi\"}\n{\"log\":\"ve\\u001b[0m\\n\"}\n",
       five,
       {1, 0, 0}},
  }));
  CAPTURE(c.prefix);
  const TemporaryDirectory directory;
  const std::string path = directory / "w.log";
  std::ofstream(path, std::ios::binary) << c.text;
  const Numbers right{c.samples, c.lines, c.text.size()};
  CHECK(by_reader(c.prefix, path) == right);
  CHECK(by_tail(c.prefix, path) == right);
}

TEST_CASE(
    "a carriage return belongs to the line end, and a last line without an end counts once, when nobody can end it",
    "[pitfall][pitfall-32]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "w.log";
  const auto numbers = [](const std::string& samples, std::uint64_t lines, std::uint64_t bytes) {
    return Numbers{samples, {lines, 0, 0}, bytes};
  };
  const std::string two = "words_total{word=\"five\"} 1\nwords_total{word=\"one\"} 1\n";
  std::ofstream(path, std::ios::binary) << "one\r\nfive\r\n";
  CHECK(by_reader("ansi", path) == numbers(two, 2, 11));
  CHECK(by_tail("ansi", path) == numbers(two, 2, 11));
  std::ofstream(path, std::ios::binary) << "one\r\nfive";
  CHECK(by_reader("ansi", path) == numbers(two, 2, 10));                           // with the newline that it lacks
  CHECK(by_tail("ansi", path) == numbers("words_total{word=\"one\"} 1\n", 1, 5));  // its writer may go on
}

TEST_CASE("what a carrier refused is heard with its reason, what the format refused without the carrier", "[carrier]") {
  const auto rules_of_words = read_rules("r.yml", rules("[cri, syslog]"));
  std::string heard;
  Pipeline pipeline(*rules_of_words, [&](const Mismatch& mismatch, std::string_view line) {
    heard += mismatch.reason + " at " + std::to_string(mismatch.offset) + ": " + std::string(line) + '\n';
  });
  pipeline.take({0, "w.log", "2025 x\n" + kHead + "stdout F Nov x\n" + kHead + "stdout F Nov  1 18:48:15 a: B\n"});
  CHECK(heard ==
        "no CRI prefix at 4: 2025 x\n"
        "no syslog prefix at 4: Nov x\n"
        "the regex does not match at 0: B\n");
}

}  // namespace
}  // namespace tailmeter
