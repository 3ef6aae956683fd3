// What was compressed, copied or taken back while nobody looked.
#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>

#include "test/support/compress.h"
#include "test/tail/tail_lab.h"

namespace tailmeter {
namespace {

namespace fs = std::filesystem;

// Lines "A0", "A1", ... of which the first `counted` are counted when the program stops.
std::string lines_of(char letter, int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i) text += letter + std::to_string(i) + '\n';
  return text;
}

// So long that a hundred of them are more than one call decompresses.
std::string long_lines(char letter, int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i) text += letter + std::to_string(i) + std::string(200'000, letter) + '\n';
  return text;
}

}  // namespace

TEST_CASE("a log that was compressed while the program was down is read on in what became of it", "[tail]") {
  TailLab lab(any_hints());
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", lines_of('a', 0, 200));
  lab.look();
  REQUIRE(lab.lines().size() == 200);
  lab.restart(lab.save(), [&] {
    lab.append("access.log", "a200\n");
    lab.rename("access.log", "access.log.2");
    lab.compress("access.log.2");
    lab.append("access.log.1", "b0\nb1\n");
    lab.compress("access.log.1");
    lab.append("access.log", "c0\n");
  });
  CHECK(lab.lines() == Lines{"a200", "b0", "b1", "c0"});
  CHECK(lab.status().totals.lost_bytes == 0);
}

TEST_CASE("logs that were found and not yet read when the program was killed are read, compressed or not", "[tail]") {
  TailLab lab(any_hints());
  const std::string compressed = GENERATE("", "1", "2", "3", "12", "123");
  CAPTURE(compressed);
  const auto name = [](char number) { return std::string("access.log-2026110") + number; };
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "zero\n");
  lab.look();
  lab.restart(lab.save(), [&] {
    for (const char number : {'1', '2', '3'}) {
      lab.rename("access.log", name(number));
      lab.append("access.log", std::string("of ") + number + '\n');
    }
  });
  REQUIRE(lab.lines() == Lines{"zero", "of 1", "of 2", "of 3"});
  SavedFiles saved = lab.save();
  for (SavedGeneration& generation : saved.generations) {
    if (generation.head == "zero\n") continue;  // it was read before
    generation.offset_bytes = generation.known_bytes = 0;
    generation.head = generation.window = "";
    generation.rungs.clear();
  }
  lab.restart(saved, [&] {
    lab.rename("access.log", name('4'));
    lab.append("access.log", "last\n");
    for (const char number : compressed) lab.compress(name(number));
  });
  Lines lines = lab.lines();
  std::sort(lines.begin(), lines.end());
  CHECK(lines == Lines{"last", "of 1", "of 2", "of 3"});
}

TEST_CASE("a large compressed log makes nobody wait, and a drain that is not stopped is not done before it", "[tail]") {
  TailLab lab(Hints::kNone);
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "one\n");
  lab.append("new", long_lines('a', 0, 200));
  lab.compress("new");
  lab.rename("new.gz", "access.log.1.gz");
  int asked = 0;
  CHECK_FALSE(lab.tail().drain(lab.now(), [&] { return ++asked == 3; }));
  CHECK(lab.lines() == Lines{"one"});
  lab.append("access.log", "two\n");
  CHECK(lab.drain());
  CHECK(lab.lines().size() == 201);
}

TEST_CASE("reading goes on far behind the beginning of a large compressed log", "[tail]") {
  TailLab lab(Hints::kNone);
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", long_lines('a', 0, 180));
  CHECK(lab.drain());
  REQUIRE(lab.lines().size() == 180);
  lab.restart(lab.save(), [&] {
    lab.append("access.log", long_lines('a', 180, 220));
    lab.rename("access.log", "access.log.1");
    lab.compress("access.log.1");
    lab.append("access.log", "last\n");
  });
  CHECK(lab.drain());
  CHECK(lab.lines().size() == 41);
  CHECK(lab.status().totals.lost_bytes == 0);
  CHECK(lab.status().files_unreadable == 0);

  // And again, when it is what was read last.
  lab.restart(lab.save());
  CHECK(lab.drain());
  CHECK(lab.lines() == Lines{});
  CHECK(lab.status().totals.lost_bytes == 0);
  CHECK(lab.status().files_unreadable == 0);
}

TEST_CASE("a log that is being compressed is read when that is done, and not twice", "[tail]") {
  TailLab lab(Hints::kNone);
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "one\n");
  lab.look();
  const std::string compressed = gzip("one\ntwo\n");
  lab.restart(lab.save(), [&] {
    lab.remove("access.log");
    lab.append("access.log.1.gz", compressed.substr(0, 12));
    lab.append("access.log", "three\n");
  });
  CHECK(lab.lines() == Lines{"one", "three"});
  lab.append("access.log.1.gz", compressed.substr(12));
  lab.look();
  CHECK(lab.lines() == Lines{"two"});
  lab.look_after_quiet_time();
  CHECK(lab.lines() == Lines{});
}

TEST_CASE("what was counted is not counted again when it is compressed later", "[tail]") {
  TailLab lab(any_hints());
  lab.append("access.log", "");
  lab.follow({"access.log"});
  // Of one as large as the print of a head, and of a smaller one.
  const int count = GENERATE(3, 300);
  lab.append("access.log", lines_of('a', 0, count));
  lab.look();
  lab.rename("access.log", "access.log.1");
  lab.append("access.log", "b0\n");
  lab.look_after_quiet_time();
  REQUIRE(lab.lines().size() == static_cast<std::size_t>(count) + 1);
  lab.compress("access.log.1");
  lab.look();
  lab.rename("access.log.1.gz", "access.log.2.gz");
  lab.rename("access.log", "access.log.1");
  lab.append("access.log", "c0\n");
  lab.look();
  CHECK(lab.lines() == Lines{"c0"});
  lab.restart(lab.save());
  CHECK(lab.lines() == Lines{});
}

TEST_CASE("what was there before the first start is not read when it is compressed", "[tail]") {
  TailLab lab(any_hints());
  const int count = GENERATE(3, 300);
  lab.append("access.log.1", lines_of('a', 0, count));
  lab.append("access.log", "");
  lab.follow({"access.log"});
  const bool is_restarted = GENERATE(true, false);
  const SavedFiles saved = lab.save();
  if (is_restarted) lab.restart(saved);
  // As logrotate does with delaycompress, seconds before it renames the log itself.
  lab.rename("access.log.1", "access.log.2");
  lab.compress("access.log.2");
  CHECK(lab.drain());
  CHECK(lab.lines() == Lines{});
  lab.rename("access.log", "access.log.1");
  lab.append("access.log", "b0\n");
  CHECK(lab.drain());
  CHECK(lab.lines() == Lines{"b0"});
}

TEST_CASE("logs that are rotated into a directory of their own are read on there", "[tail]") {
  TailLab lab;
  fs::create_directory(lab / "old");
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "one\n");
  lab.look();
  lab.restart(lab.save(), [&] {
    lab.append("access.log", "two\n");
    lab.rename("access.log", "old/access.log.2");
    lab.append("old/access.log.1", "three\n");
    lab.append("access.log", "four\n");
  });
  CHECK(lab.lines() == Lines{"one", "two", "three", "four"});
}

TEST_CASE("a directory below with a log of the same name keeps its rotated files", "[tail]") {
  TailLab lab;
  fs::create_directory(lab / "other");
  lab.append("other/access.log", "");
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.rename("access.log", "access.log.1");
  lab.append("access.log", "one\n");
  lab.append("other/access.log.1", "not ours\n");
  lab.look();
  CHECK(lab.lines() == Lines{"one"});
}

TEST_CASE("a directory below that nobody may read keeps no rotated file from being found", "[tail]") {
  TailLab lab;
  fs::create_directory(lab / "private");
  lab.files.fail_list(lab / "private", std::make_error_code(std::errc::permission_denied));
  Writer writer = lab.writer("access.log");
  lab.follow({"access.log"});
  writer.write("one\n");
  lab.copy("access.log", "access.log.1");
  lab.truncate("access.log");
  CHECK(lab.drain());
  CHECK(lab.lines() == Lines{"one"});
  lab.rename("access.log", "access.log.3");
  lab.append("access.log.2", "two\n");
  lab.append("access.log", "three\n");
  CHECK(lab.drain());
  CHECK(lab.lines() == Lines{"two", "three"});
}

TEST_CASE("a log of which nothing was read is read in its copy when it was truncated", "[tail]") {
  TailLab lab(any_hints());
  Writer writer = lab.writer("access.log");
  lab.follow({"access.log"});
  writer.write("one\n");
  lab.copy("access.log", "access.log.1");
  lab.truncate("access.log");
  writer.write("two\n");
  lab.copy("access.log", "access.log.2");
  lab.rename("access.log.1", "access.log.3");
  lab.rename("access.log.2", "access.log.1");
  lab.truncate("access.log");
  writer.write("three\n");
  CHECK(lab.drain());
  CHECK(lab.lines() == Lines{"three", "one", "two"});
}

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
  const Lines doubled = lab.lines();
  std::size_t doubled_bytes = 0;
  for (const std::string& line : doubled) doubled_bytes += line.size() + 1;
  CHECK(doubled_bytes > 0);
  CHECK(doubled_bytes <= lab.status().totals.uncertain_bytes);
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

TEST_CASE("a damaged compressed log keeps no other one from being read, and is rotated once", "[tail]") {
  TailLab lab(any_hints());
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "one\npart");
  lab.look();
  REQUIRE(lab.lines() == Lines{"one"});
  lab.restart(lab.save(), [&] {
    lab.rename("access.log", "access.log-20261001");
    lab.compress("access.log-20261001");
    lab.append("access.log", "");
  });
  lab.truncate("access.log-20261001.gz", 12);
  lab.look();
  CHECK(lab.lines() == Lines{});
  lab.rename("access.log", "access.log-20261002");
  lab.append("access.log-20261003", "three\n");
  lab.append("access.log", "four\n");
  (void)lab.news();
  lab.look();
  CHECK(lab.lines() == Lines{"three", "four"});
  lab.look_after_quiet_time();
  const Lines news = lab.news();
  CHECK(std::count(news.begin(), news.end(), "rename access.log") == 2);
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
