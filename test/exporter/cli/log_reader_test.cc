#include "exporter/cli/log_reader.h"

#include <fstream>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>

#include "exporter/cli/rule_files.h"
#include "exporter/descriptors/descriptor.h"
#include "test/support/compress.h"
#include "test/support/recording_sink.h"
#include "test/support/temporary_directory.h"

namespace tailmeter {
namespace {

const auto kIgnore = [](std::uint64_t, std::uint64_t) {};

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

struct Outcome {
  RecordingSink sink;
  std::string error;
};

// Of a file with this name and these bytes; "DIR" in the error is its directory.
Outcome read_compressed(const std::string& name, const std::string& bytes) {
  TemporaryDirectory directory;
  std::ofstream(directory / name, std::ios::binary) << bytes;
  Outcome outcome;
  try {
    read_log(directory / name, 0, LineEnds(), outcome.sink, kIgnore);
  } catch (const WorkError& error) {
    outcome.error = error.what();
    outcome.error.replace(0, directory.path().string().size(), "DIR");
  }
  return outcome;
}

std::string numbered_lines(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += "line number " + std::to_string(i) + "\n";
  return lines;
}

TEST_CASE("a log read once gives all of its lines, the last without a newline too", "[cli]") {
  CHECK(read("").lines.empty());
  CHECK(read("one\ntwo\n").lines == "one\ntwo\n");
  CHECK(read("one\ntwo").lines == "one\ntwo\n");
  const std::string many = numbered_lines(100'000);
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
  CHECK_THROWS_WITH(read_log("/nonexistent/a.log", 0, LineEnds(), sink, kIgnore),
                    "/nonexistent/a.log: No such file or directory");
  CHECK_THROWS_WITH(read_log("/nonexistent/a.gz", 0, LineEnds(), sink, kIgnore),
                    "/nonexistent/a.gz: No such file or directory");
  TemporaryDirectory directory;
  REQUIRE(::mkfifo((directory / "a.gz").c_str(), 0600) == 0);
  const Descriptor keeps_it_open(::open((directory / "a.gz").c_str(), O_RDWR | O_CLOEXEC));
  CHECK_THROWS_WITH(read_log(directory / "a.gz", 0, LineEnds(), sink, kIgnore),
                    directory / "a.gz" + ": what is compressed is read from a file only");
}

TEST_CASE("a compressed log gives the lines of the plain one", "[cli]") {
  const std::string many = numbered_lines(100'000);
  for (const auto& [name, bytes] : {std::pair{"a.gz", gzip(many)}, std::pair{"a.zst", zstd(many)},
                                    std::pair{"two.gz", gzip(many.substr(0, 7)) + gzip(many.substr(7))},
                                    std::pair{"padded.gz", gzip(many) + std::string(512, '\0')}}) {
    CAPTURE(name);
    const Outcome outcome = read_compressed(name, bytes);
    CHECK((outcome.sink.lines == many));
    CHECK(outcome.error.empty());
  }
}

TEST_CASE("of a damaged log, the lines in front of the damage are handed over and the damage is said", "[cli]") {
  const std::string many = numbered_lines(100'000);
  const std::string said = ": compressed content is damaged or cut off; the lines before that place are counted";
  for (const auto& [name, bytes] : {std::pair{"a.gz", gzip(many)}, std::pair{"a.zst", zstd(many)}}) {
    CAPTURE(name);
    const Outcome cut = read_compressed(name, bytes.substr(0, bytes.size() / 2));
    CHECK(cut.error == std::string("DIR/") + name + said);
    CHECK(cut.sink.lines.size() > many.size() / 10);
    CHECK(cut.sink.lines.size() < many.size());
    CHECK(many.starts_with(cut.sink.lines));
  }
  // Only the checksum behind the last byte is wrong.
  std::string wrong_sum = gzip(many);
  wrong_sum[wrong_sum.size() - 8] ^= 1;
  const Outcome outcome = read_compressed("a.gz", wrong_sum);
  CHECK((outcome.sink.lines == many));
  CHECK(outcome.error == "DIR/a.gz" + said);
  CHECK(read_compressed("a.gz", gzip("one\n") + "two\n").sink.lines == "one\n");
  CHECK(read_compressed("a.gz", "").error == "DIR/a.gz" + said);
  CHECK(read_compressed("a.gz", "plain\n").error.find("not compressed as the name says") != std::string::npos);
}

TEST_CASE("a bomb is given up, whatever it holds", "[cli]") {
  const Outcome outcome = read_compressed("a.zst", zstd(std::string(std::size_t{80} << 20, 'x')));
  CHECK(outcome.error ==
        "DIR/a.zst: compressed content is more than 1000 times larger than its file; the lines before that place are "
        "counted");
  CHECK(outcome.sink.lines.empty());
}

}  // namespace
}  // namespace tailmeter
