#include "exporter/tail/beginning.h"

#include <algorithm>
#include <string>

#include <catch2/catch.hpp>

#include "exporter/tail/window.h"

namespace tailmeter {
namespace {

const std::string kHeader(600, '#');

Beginning beginning_of(const std::string& content) {
  Beginning beginning;
  beginning.append(0, {}, content);
  return beginning;
}

std::string lines_like(const std::string& text, int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += text + std::to_string(i) + '\n';
  return lines;
}

}  // namespace

TEST_CASE("a beginning is the same in whatever pieces the file was read", "[tail]") {
  const std::string content = kHeader + '\n' + lines_like("line ", 3000);
  const auto piece_bytes = GENERATE(values<std::size_t>({1, 7, 100, 601, 4096, 20'000}));
  CAPTURE(piece_bytes);
  Beginning beginning;
  Window window;
  for (std::size_t offset = 0; offset < content.size(); offset += piece_bytes) {
    const std::string piece = content.substr(offset, piece_bytes);
    beginning.append(offset, window.bytes(), piece);
    window.append(piece);
  }
  const Beginning whole = beginning_of(content);
  CHECK(beginning.bytes == whole.bytes);
  CHECK(beginning.head == whole.head);
  // A rung is of less where less stood in front of it.
  REQUIRE(beginning.rungs.size() == whole.rungs.size());
  for (std::size_t i = 0; i < whole.rungs.size(); ++i) {
    CHECK(beginning.rungs[i].offset_bytes == whole.rungs[i].offset_bytes);
  }
  CHECK(beginning.may_be_of(content.substr(0, Beginning::kBytesMax)));
}

TEST_CASE("a copy of any part of a log, from its first byte on, may be of it", "[tail]") {
  const std::string content = kHeader + '\n' + lines_like("line ", 3000);
  const Beginning beginning = beginning_of(content);
  std::size_t refused = 0;
  for (std::size_t size = 0; size <= Beginning::kBytesMax; ++size) {
    refused += beginning.may_be_of({content.data(), size}) ? 0 : 1;
  }
  CHECK(refused == 0);
}

TEST_CASE("a log with the same header is told from another one by what stands behind it", "[tail]") {
  struct Case {
    std::string lines;
    std::string others;
  };
  const Case c = GENERATE(Case{"one\ntwo\n", "two\n"}, Case{"one\ntwo\n", "on\n"}, Case{"one\ntwo\n", "one more\n"},
                          Case{"one\ntwo\n", "one\nto\n"}, Case{"one\ntwo\n", "one\n\n"},
                          Case{lines_like("one ", 900), lines_like("two ", 900)}, Case{"one\n", "two\nthree\n"});
  const std::string header = kHeader + GENERATE("\n", "#\n", "");
  CAPTURE(c.lines.substr(0, 20), c.others.substr(0, 20), header.size());
  const Beginning beginning = beginning_of(header + c.lines);
  const std::string other = (header + c.others).substr(0, Beginning::kBytesMax);
  CHECK_FALSE(beginning.may_be_of(other));
  CHECK_FALSE(mark_of(beginning, header.size() + c.lines.size()).is_of(other));
}

TEST_CASE("a mark is of a file with the same beginning and the same size", "[tail]") {
  const std::string content = GENERATE(std::string("short\n"), kHeader + '\n' + lines_like("line ", 10),
                                       kHeader + '\n' + lines_like("line ", 3000));
  const BeginningMark mark = mark_of(beginning_of(content), content.size());
  CHECK(mark.is_of(content.substr(0, Beginning::kBytesMax)));
  CHECK_FALSE(mark.is_of(content.substr(0, std::min(content.size(), Beginning::kBytesMax) - 1)));
  std::string changed = content.substr(0, Beginning::kBytesMax);
  changed[3] = '-';
  CHECK_FALSE(mark.is_of(changed));
}

TEST_CASE("a beginning is cut where its file was, and does not go on from a place that it does not know", "[tail]") {
  const std::string content = kHeader + '\n' + lines_like("line ", 100);
  Beginning beginning = beginning_of(content);
  beginning.cut(610);
  CHECK(beginning == beginning_of(content.substr(0, 610)));
  beginning.append(700, "line 9\n", "another\n");
  CHECK(beginning == beginning_of(content.substr(0, 610)));
  beginning.clear();
  CHECK(beginning == Beginning{});
}

TEST_CASE("a beginning takes little, however short the lines are", "[tail]") {
  CHECK(beginning_of(std::string(100'000, '\n')).rungs.size() <= 36);
}

}  // namespace tailmeter
