#include "exporter/cli/log_reader.h"

#include <fstream>

#include <catch2/catch.hpp>

#include "exporter/cli/rule_files.h"
#include "test/support/temporary_directory.h"

namespace tailmeter {
namespace {

struct RecordingSink final : LineSink {
  void take(const Batch& batch) override { lines += batch.bytes; }
  void take_oversize(SourceIndex, std::uint64_t line_bytes) override { oversize.push_back(line_bytes); }
  std::string lines;
  std::vector<std::uint64_t> oversize;
};

RecordingSink read(const std::string& content) {
  TemporaryDirectory directory;
  const std::string path = directory / "a.log";
  std::ofstream(path, std::ios::binary) << content;
  RecordingSink sink;
  std::uint64_t reported = 0;
  read_log(path, 0, LineEnds(), sink, [&](std::uint64_t done, std::uint64_t total) {
    reported = done;
    CHECK(total == content.size());
  });
  CHECK(reported == content.size());
  return sink;
}

TEST_CASE("a log read once gives all of its lines, the last without a newline too", "[cli]") {
  CHECK(read("").lines.empty());
  CHECK(read("one\ntwo\n").lines == "one\ntwo\n");
  CHECK(read("one\ntwo").lines == "one\ntwo\n");
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += "line number " + std::to_string(i) + "\n";
  CHECK(read(many).lines == many);
}

TEST_CASE("a line longer than the buffer is skipped and told once, wherever it stands", "[cli]") {
  constexpr std::size_t kBuffer = 256 * 1024;
  for (const std::size_t size : {kBuffer - 1, kBuffer, kBuffer + 1, 3 * kBuffer + 7}) {
    CAPTURE(size);
    const std::string giant(size, 'x');
    const bool is_oversize = size >= kBuffer;
    const RecordingSink sink = read("a\n" + giant + "\nb\n" + giant);
    CHECK(sink.lines == (is_oversize ? "a\nb\n" : "a\n" + giant + "\nb\n" + giant + "\n"));
    CHECK(sink.oversize == (is_oversize ? std::vector<std::uint64_t>{size + 1, size} : std::vector<std::uint64_t>{}));
  }
}

TEST_CASE("what cannot be read is said with a way out", "[cli]") {
  RecordingSink sink;
  const auto ignore = [](std::uint64_t, std::uint64_t) {};
  CHECK_THROWS_WITH(read_log("/nonexistent/a.log", 0, LineEnds(), sink, ignore),
                    "/nonexistent/a.log: No such file or directory");
  CHECK_THROWS_WITH(
      read_log("a.log.2.gz", 0, LineEnds(), sink, ignore),
      "a.log.2.gz: compressed logs are not yet read; write: zcat a.log.2.gz | tailmeter dry-run --source=NAME -");
}

}  // namespace
}  // namespace tailmeter
