// What a queue of hints that has run over does to a tail.
#include <catch2/catch.hpp>

#include "exporter/tail/tail.h"
#include "test/simulation/simulated_files.h"
#include "test/support/silent_observer.h"

namespace tailmeter {
namespace {

using WriteAt = SimulatedFiles::WriteAt;

struct Lines : LineSink {
  std::string text;

  void take(const Batch& batch) override { text += batch.bytes; }
  void take_oversize(SourceIndex, std::uint64_t) override {}
};

void append(SimulatedFiles& files, const std::string& path, std::string_view text) {
  const int writer = files.open_to_write(path, WriteAt::kEnd);
  files.write(writer, text);
  files.close_writer(writer);
}

}  // namespace

TEST_CASE("when hints were dropped the next poll looks at everything, and waits for no rescan", "[simulation]") {
  const std::size_t queued = GENERATE(std::size_t{0}, std::size_t{1});  // of the hints, before the queue runs over
  SimulatedFiles files(1);
  files.make_directory("/log");
  append(files, "/log/a.log", "one\n");
  Lines lines;
  SilentObserver observer;
  const Limits limits{.rescan_interval = std::chrono::hours{24}};
  Tail tail(files, {{.files = {"/log/a.log"}, .exclude = {}, .start_at = StartAt::kBeginning}}, lines, observer,
            limits);
  TimePoint now{};
  const auto poll = [&] { tail.poll(now += limits.read_interval); };
  poll();
  poll();
  REQUIRE(lines.text == "one\n");

  files.hints().limit_queue(queued);
  append(files, "/log/other", "x");
  append(files, "/log/a.log", "two\n");
  poll();
  CHECK(lines.text == "one\ntwo\n");

  append(files, "/log/other.log", "x");
  files.rename("/log/a.log", "/log/a.log.1");
  append(files, "/log/a.log.1", "three\n");
  append(files, "/log/a.log", "four\n");
  CHECK(files.is_hinting());
  poll();
  CHECK(lines.text == "one\ntwo\nthree\nfour\n");
}

}  // namespace tailmeter
