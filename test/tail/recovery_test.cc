// What was compressed or copied while nobody looked.
#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>

#include "test/support/compress.h"
#include "test/tail/tail_lab.h"

namespace tailmeter {
namespace {

namespace fs = std::filesystem;

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
  const std::string seen = GENERATE("", "3", "23", "123");  // their first bytes, as of files that wait for their turn
  CAPTURE(compressed, seen);
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
    if (generation.beginning.head == "zero\n") continue;  // it was read before
    const bool is_seen = seen.find(generation.beginning.head.at(3)) != std::string::npos;
    generation.pending = is_seen ? generation.beginning.head : "";
    generation.offset_bytes = 0;
    generation.known_bytes = generation.pending.size();
    generation.beginning = {};
    generation.window = "";
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

TEST_CASE("an unread log that is as large compressed as it was is read all the same", "[tail]") {
  std::string line = "a";
  while (gzip(line + '\n').size() != line.size() + 1) line += 'a';
  TailLab lab(any_hints());
  lab.append("access.log", "");
  lab.follow({"access.log"});
  const auto unread = [&] {
    SavedFiles saved = lab.save();
    for (SavedGeneration& generation : saved.generations) {
      generation.offset_bytes = generation.known_bytes = 0;
      generation.beginning = {};
      generation.window = "";
      generation.rungs.clear();
    }
    return saved;
  };
  lab.restart(lab.save(), [&] {
    lab.append("access.log", line + '\n');
    lab.rename("access.log", "access.log.1");
  });
  REQUIRE(lab.lines() == Lines{line});
  lab.restart(unread(), [&] { lab.compress("access.log.1"); });
  REQUIRE(lab.lines() == Lines{line});
  lab.restart(unread(), [] {});
  CHECK(lab.lines() == Lines{line});
}

TEST_CASE("a rotated log that was gone before anything of it was read, and is back, is read", "[tail]") {
  TailLab lab(any_hints());
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.restart(lab.save(), [&] {
    lab.append("access.log", "one\n");
    lab.rename("access.log", "access.log.1");
  });
  REQUIRE(lab.lines() == Lines{"one"});
  SavedFiles saved = lab.save();
  for (SavedGeneration& generation : saved.generations) {
    generation.pending = generation.beginning.head;
    generation.offset_bytes = 0;
    generation.beginning = {};
    generation.window = "";
    generation.rungs.clear();
  }
  lab.restart(saved, [&] { lab.remove("access.log.1"); });
  lab.look_after_quiet_time();
  REQUIRE(lab.lines() == Lines{});
  lab.restart(lab.save(), [&] { lab.append("access.log.1", "one\n"); });
  CHECK(lab.lines() == Lines{"one"});
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

TEST_CASE("a directory below that had a log of the same name keeps its rotated files while there is none", "[tail]") {
  TailLab lab(any_hints());
  std::filesystem::create_directory(lab / "site");
  lab.append("access.log", "");
  lab.append("site/access.log", "other\n");
  lab.follow({"access.log"});
  const bool is_restarted = GENERATE(false, true);
  const auto rotate = [&] {
    lab.append("access.log", "one\n");
    lab.rename("access.log", "access.log.1");
    lab.rename("site/access.log", "site/access.log.1");
  };
  if (is_restarted) {
    lab.restart(lab.save(), rotate);
  } else {
    rotate();
    lab.look();
  }
  lab.append("access.log", "two\n");
  lab.look_after_quiet_time();
  CHECK(lab.lines() == Lines{"one", "two"});
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

TEST_CASE("a damaged copy of one log keeps no other log from being read", "[tail]") {
  TailLab lab;
  lab.append("a.log", "begun");
  lab.follow({"*.log"}, StartAt::kBeginning);
  lab.copy("a.log", "a.log.1");
  lab.compress("a.log.1");
  lab.truncate("a.log");
  lab.look();
  lab.restart(lab.save(), [&] {
    lab.truncate("a.log.1.gz", fs::file_size(lab / "a.log.1.gz") - 1);
    lab.append("b.log.1", "two\n");
    lab.compress("b.log.1");
    lab.append("b.log", "three\n");
  });
  lab.look();
  Lines lines = lab.lines();
  std::sort(lines.begin(), lines.end());
  CHECK(lines == Lines{"three", "two"});
}

TEST_CASE("a log whose one copy is damaged is given up after a while, and that is told", "[tail]") {
  TailLab lab(any_hints());
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "one\n");
  lab.look();
  lab.restart(lab.save(), [&] {
    lab.append("access.log", "two\n");
    lab.rename("access.log", "access.log.1");
    lab.compress("access.log.1");
    lab.truncate("access.log.1.gz", 12);
    lab.append("access.log", "three\n");
  });
  const auto is_vanished = [](const std::string& news) { return news.starts_with("vanished access.log"); };
  const Lines early = lab.news();
  CHECK(std::none_of(early.begin(), early.end(), is_vanished));
  lab.look_after_quiet_time();
  lab.look_after_quiet_time();
  const Lines news = lab.news();
  CHECK(std::count_if(news.begin(), news.end(), is_vanished) == 1);
  CHECK(lab.lines() == Lines{"one", "three"});
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

}  // namespace tailmeter
