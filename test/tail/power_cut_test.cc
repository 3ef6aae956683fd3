// What a power cut took back of logs that were read, or brought back.
#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>

#include "test/support/compress.h"
#include "test/tail/tail_lab.h"

namespace tailmeter {
namespace {

std::size_t bytes_of(const Lines& lines) {
  std::size_t bytes = 0;
  for (const std::string& line : lines) bytes += line.size() + 1;
  return bytes;
}

}  // namespace

TEST_CASE("after a power cut a log goes on where its end was taken back", "[tail]") {
  struct Case {
    const char* what;
    int left;  // lines that the disk had
    std::string since;
    Lines counted;
  };
  const Case c = GENERATE(Case{"nothing was lost", 300, "new\n", {"new"}},
                          Case{"the last lines were lost, and nothing written since", 299, "", {}},
                          Case{"the last lines were lost, and some written since", 298, "new\n", {"new"}},
                          Case{"the last line was cut", 298, "", {}},
                          Case{"more was written than was lost", 290, lines_of('n', 0, 100), {}});
  CAPTURE(c.what);
  TailLab lab;
  lab.append("access.log", "");
  lab.follow({"access.log"});
  for (int i = 0; i < 300; ++i) {
    lab.append("access.log", lines_of('a', i, i + 1));
    lab.look();
  }
  REQUIRE(lab.lines().size() == 300);
  static_cast<void>(lab.news());
  lab.restart(
      lab.save(),
      [&] {
        lab.truncate("access.log", lines_of('a', 0, c.left).size());
        lab.append("access.log", c.since);
      },
      true);
  const Lines counted = lab.lines();
  // At most what lies between two rungs may count twice, and is told.
  const std::size_t since = static_cast<std::size_t>(std::count(c.since.begin(), c.since.end(), '\n'));
  REQUIRE(counted.size() >= since);
  std::size_t doubled_bytes = 0;
  for (std::size_t i = 0; i < counted.size() - since; ++i) {
    CHECK(counted[i].front() == 'a');
    doubled_bytes += counted[i].size() + 1;
  }
  CHECK(doubled_bytes <= lab.status().totals.uncertain_bytes);
  CHECK(lab.status().totals.uncertain_bytes <= 64);
  CHECK((lab.news() == Lines{}) == (c.left == 300));
}

TEST_CASE("a log of which a power cut left a piece of the first line is still that log, and its copy a copy",
          "[tail]") {
  TailLab lab(any_hints());
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "a first line\nsec");
  lab.look();
  REQUIRE(lab.lines() == Lines{"a first line"});
  lab.restart(
      lab.save(),
      [&] {
        lab.truncate("access.log", 5);
        lab.append("access.log.1.gz", gzip("").substr(0, 4));  // of it the crash left no more
      },
      true);
  CHECK(lab.lines() == Lines{});
  lab.append("access.log", "st line\nnew\n");
  lab.look();
  CHECK(lab.lines() == Lines{"a first line", "new"});
  lab.truncate("access.log.1.gz", 0);
  lab.append("access.log.1.gz", gzip("a first line\nnew\n"));
  lab.look();
  lab.look_after_quiet_time();
  CHECK(lab.lines() == Lines{});
  CHECK(lab.status().totals.taken_back_bytes == 13);
}

TEST_CASE("a copy over one that began alike and was never ended is a copy after a power cut, too", "[tail]") {
  TailLab lab(any_hints());
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log.1", "a line cut off by anoth");
  lab.append("access.log", "a line\nnext\n");
  lab.look();
  REQUIRE(lab.lines() == Lines{"a line", "next"});
  lab.restart(
      lab.save(),
      [&] {
        lab.truncate("access.log.1", 0);
        lab.append("access.log.1", "a line\nnext\n");
      },
      true);
  lab.look_after_quiet_time();
  CHECK(lab.lines() == Lines{});
}

TEST_CASE("a log that was truncated and begins alike is no log whose end a power cut took", "[tail]") {
  TailLab lab(any_hints());
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "a line\nnext\n");
  lab.look();
  REQUIRE(lab.lines() == Lines{"a line", "next"});
  lab.restart(
      lab.save(),
      [&] {
        lab.append("access.log", "unread\n");
        lab.copy("access.log", "access.log.1");
        lab.truncate("access.log");
        lab.append("access.log", "a l");  // and more, which the power cut took
      },
      true);
  CHECK(lab.lines() == Lines{"unread"});
  lab.append("access.log", "ong way\n");
  lab.look_after_quiet_time();
  CHECK(lab.lines() == Lines{"a long way"});
}

TEST_CASE("a log that was gone on in compressed is gone on in again as it was, when a power cut undid that", "[tail]") {
  TailLab lab(any_hints());
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "one\n");
  lab.look();
  REQUIRE(lab.lines() == Lines{"one"});
  lab.append("access.log", "two\n");
  lab.copy("access.log", "access.log.1");
  lab.truncate("access.log");
  lab.compress("access.log.1");
  int turns = GENERATE(range(0, 5));
  CAPTURE(turns);
  static_cast<void>(lab.tail().drain(lab.now(), [&] { return turns-- == 0; }));
  Lines lines = lab.lines();
  lab.restart(
      lab.save(),
      [&] {
        lab.truncate("access.log.1.gz", 10);
        lab.append("access.log.1", "one\ntwo\n");
      },
      true);
  lab.look();
  const Lines more = lab.lines();
  lines.insert(lines.end(), more.begin(), more.end());
  CHECK(lines == Lines{"two"});
}

TEST_CASE("of a log that two power cuts shortened no line counts twice that is not said to be uncertain", "[tail]") {
  TailLab lab(any_hints());
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "one\n");
  lab.look();
  lab.restart(
      lab.save(), [&] { lab.truncate("access.log", 2); }, true);
  std::string lines = "e of the first\n";
  for (int line = 0; line < 100; ++line) lines += "line " + std::to_string(line) + '\n';
  lab.append("access.log", lines);
  lab.look();
  REQUIRE(lab.lines().size() == 102);
  lab.restart(
      lab.save(), [&] { lab.truncate("access.log", lines.size() - 20); }, true);
  const std::size_t doubled_bytes = bytes_of(lab.lines());
  CHECK(doubled_bytes > 0);
  CHECK(doubled_bytes <= lab.status().totals.uncertain_bytes);
}

TEST_CASE("of a log that a power cut shortened and that cannot be read at once no less is said to be uncertain",
          "[tail]") {
  const int read = GENERATE(range(1, 12));
  CAPTURE(read);
  TailLab lab;
  lab.append("access.log", "");
  lab.follow({"access.log"});
  const std::string first = lines_of('a', 0, 300);
  lab.append("access.log", first);
  lab.look();
  lab.append("access.log", "one\ntwo\nthree\n");
  lab.look();
  REQUIRE(lab.lines().size() == 303);
  const SavedFiles saved = lab.save();
  lab.truncate("access.log", first.size() + 7);
  lab.files.fail_read_after(read - 1, std::make_error_code(std::errc::io_error));
  lab.restart(saved, {}, true);
  lab.append("access.log", "\n");
  lab.look();
  CHECK(lab.drain());
  CHECK(lab.lines() == Lines{"one", "two"});
  CHECK(lab.status().totals.uncertain_bytes >= 8);
}

TEST_CASE("a last line of which a power cut took but the newline may count twice, and that is said", "[tail]") {
  TailLab lab(any_hints());
  const std::string text = GENERATE("one\n", "one\ntwo\n");
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", text);
  lab.look();
  REQUIRE(lab.lines().back() == text.substr(text.size() - 4, 3));
  lab.restart(
      lab.save(),
      [&] {
        lab.truncate("access.log", text.size() - 1);
        lab.rename("access.log", "access.log.1");
      },
      true);
  lab.look_after_quiet_time();
  CHECK(lab.lines() == Lines{text.substr(text.size() - 4, 3)});
  CHECK(lab.status().totals.uncertain_bytes == 4);
}

TEST_CASE("a copy of what a power cut took back from the log is counted already", "[tail]") {
  TailLab lab(any_hints());
  const std::uint64_t left_bytes =
      GENERATE(as<std::uint64_t>{}, 1, 4, 6, 8);  // in the first line, behind it, in the next, all of the copy
  CAPTURE(left_bytes);
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "one\ntwo\n");
  lab.copy("access.log", "access.log-20261001");
  lab.append("access.log", "three\n");
  lab.look();
  REQUIRE(lab.lines() == Lines{"one", "two", "three"});
  lab.restart(
      lab.save(), [&] { lab.truncate("access.log", left_bytes); }, true);
  lab.look_after_quiet_time();
  CHECK(lab.lines() == Lines{});
}

TEST_CASE("a log that was found gone and that a power cut brought back is read on", "[tail]") {
  TailLab lab(any_hints());
  lab.append("access.log", "");
  std::filesystem::create_directories(lab / "far/away");  // where nobody looks for it
  lab.follow({"access.log"});
  lab.append("access.log", "one\n");
  lab.look();
  lab.restart(lab.save(), [&] { lab.rename("access.log", "far/away/access.log"); });
  lab.look();
  const auto is_back = [&] {
    lab.rename("far/away/access.log", "access.log");
    lab.append("access.log", "two\n");
  };
  lab.restart(lab.save(), is_back, true);
  lab.look();
  CHECK(lab.lines() == Lines{"one", "two"});
}

TEST_CASE("a rotated log that was found gone and that a power cut brought back has its late lines counted", "[tail]") {
  TailLab lab(any_hints());
  lab.append("access.log", "");
  std::filesystem::create_directories(lab / "far/away");  // where nobody looks for it
  lab.follow({"access.log"});
  lab.append("access.log", "one\n");
  lab.look();
  lab.rename("access.log", "access.log.1");
  lab.append("access.log", "two\n");
  lab.look();
  REQUIRE(lab.lines() == Lines{"one", "two"});
  const std::string late = GENERATE("", "late\n");
  lab.restart(lab.save(), [&] {
    lab.append("access.log.1", late);
    lab.rename("access.log.1", "far/away/access.log.1");
  });
  lab.look();
  lab.restart(
      lab.save(), [&] { lab.rename("far/away/access.log.1", "access.log.1"); }, true);
  lab.look_after_quiet_time();
  CHECK(lab.lines() == (late.empty() ? Lines{} : Lines{"late"}));
}

TEST_CASE("a log that is shorter without a power cut was truncated", "[tail]") {
  TailLab lab;
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "one\ntwo\n");
  lab.look();
  static_cast<void>(lab.lines());
  lab.restart(lab.save(), [&] { lab.truncate("access.log", 4); });
  CHECK(lab.lines() == Lines{"one"});
}

}  // namespace tailmeter
