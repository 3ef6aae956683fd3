#include "exporter/lines/line_cutter.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "test/support/recording_sink.h"

namespace tailmeter {
namespace {

RecordingSink cut(std::string_view bytes, std::size_t piece_bytes) {
  RecordingSink sink;
  LineCutter cutter;
  while (!bytes.empty()) {
    const std::size_t size = std::min({piece_bytes, bytes.size(), cutter.room().size()});
    std::copy_n(bytes.begin(), size, cutter.room().begin());
    cutter.take(size, 0, "a", sink);
    bytes.remove_prefix(size);
  }
  cutter.finish(0, "a", sink);
  CHECK(cutter.pending_bytes() == 0);
  return sink;
}

}  // namespace

TEST_CASE("however the bytes are cut, the same lines come out", "[lines]") {
  const auto piece_bytes = GENERATE(values<std::size_t>({1, 2, 3, 7, 100}));
  CHECK(cut("one\ntwo\n\nthree", piece_bytes).lines == "one\ntwo\n\nthree\n");
  CHECK(cut("\n\n", piece_bytes).lines == "\n\n");
  CHECK(cut("", piece_bytes).lines.empty());
}

TEST_CASE("a line that does not fit is told once with all of its bytes, and those around it come", "[lines]") {
  constexpr std::size_t kBuffer = LineCutter::kBufferBytes;
  const auto size = GENERATE(values<std::size_t>({kBuffer - 1, kBuffer, kBuffer + 1, 3 * kBuffer + 7}));
  const auto piece_bytes = GENERATE(values<std::size_t>({1000, kBuffer - 1, kBuffer}));
  const std::string giant(size, 'x');
  const RecordingSink sink = cut("a\n" + giant + "\nb\n" + giant, piece_bytes);
  const bool is_oversize = size >= kBuffer;
  CHECK((sink.lines == (is_oversize ? "a\nb\n" : "a\n" + giant + "\nb\n" + giant + "\n")));
  CHECK(sink.oversize == (is_oversize ? std::vector<std::uint64_t>{size + 1, size} : std::vector<std::uint64_t>{}));
}

TEST_CASE("what has not ended is pending, and no line", "[lines]") {
  RecordingSink sink;
  LineCutter cutter;
  const std::string_view bytes = "one\ntw";
  std::copy(bytes.begin(), bytes.end(), cutter.room().begin());
  cutter.take(bytes.size(), 0, "a", sink);
  CHECK(sink.lines == "one\n");
  CHECK(cutter.pending_bytes() == 2);
}

}  // namespace tailmeter
