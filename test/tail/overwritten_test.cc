// Rotated files that stay where they are and get another content: `cp a.log a.log.1; : > a.log`, again and again.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

#include <catch2/catch.hpp>

#include "test/support/compress.h"
#include "test/tail/tail_lab.h"

namespace tailmeter {
namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Into the file that is there, as a shell's ">" does.
void put(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

void copy_over(const TailLab& lab, const std::string& to = "access.log.1") {
  const std::string content = content_of(lab / "access.log");
  put(lab / to, to.ends_with(".gz") ? gzip(content) : content);
}

struct Copying {
  const char* what;
  std::function<void(TailLab&)> happens;
};

const Copying kCopyings[] = {
    {"cp", [](TailLab& lab) { copy_over(lab); }},
    {"gzip -c", [](TailLab& lab) { copy_over(lab, "access.log.1.gz"); }},
    {"cp from name to name",
     [](TailLab& lab) {
       put(lab / "access.log.2", content_of(lab / "access.log.1"));
       copy_over(lab);
     }},
    {"cp, killed and begun again",
     [](TailLab& lab) {
       put(lab / "access.log.1", content_of(lab / "access.log").substr(0, 9));
       copy_over(lab);
     }},
};

// What is read in a copy may come behind what is in the log.
Lines sorted(Lines lines) {
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string line(int number) {
  return "line " + std::to_string(number);
}

}  // namespace

TEST_CASE("a copy over the last one doubles no line and loses none", "[tail]") {
  const Hints hints = any_hints();
  const bool is_read_before = GENERATE(false, true);
  const bool is_down = GENERATE(false, true);
  const bool is_quiet = GENERATE(false, true);
  for (const Copying& copying : kCopyings) {
    CAPTURE(copying.what, is_read_before, is_down, is_quiet);
    TailLab lab(hints);
    const Writer writer = lab.writer("access.log");
    lab.append("access.log.1", "old\n");
    lab.append("access.log.1.gz", gzip("older\n"));
    lab.follow({"access.log"});
    Lines written;
    const auto write = [&](int lines) {
      for (; lines > 0; --lines) {
        written.push_back(line(100 + static_cast<int>(written.size())));
        writer.write(written.back() + '\n');
      }
    };
    for (int round = 0; round < 4; ++round) {
      write(3);
      if (is_read_before) lab.look();
      const auto rotate = [&] {
        if (!is_read_before) write(2 + round);
        copying.happens(lab);
        lab.truncate("access.log");
        write(2);
      };
      if (is_down) {
        lab.restart(lab.save(), rotate);
      } else {
        rotate();
      }
      lab.look();
      if (is_quiet) lab.look_after_quiet_time();
    }
    CHECK(sorted(lab.lines()) == written);
    CHECK(lab.status().totals.lost_bytes == 0);
  }
}

TEST_CASE("a copy that is seen when it is empty, and half written, doubles no line and loses none", "[tail]") {
  TailLab lab(any_hints());
  const std::string to = GENERATE("access.log.1", "access.log.1.gz");
  const Writer writer = lab.writer("access.log");
  lab.append(to, to.ends_with(".gz") ? gzip("old\n") : "old\n");
  lab.follow({"access.log"});
  Lines written;
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 5; ++i) {
      written.push_back(line(100 + 10 * round + i));
      writer.write(written.back() + '\n');
    }
    const std::string content = content_of(lab / "access.log");
    const std::string copy = to.ends_with(".gz") ? gzip(content) : content;
    for (const std::size_t bytes : {std::size_t{0}, std::size_t{13}, copy.size() - 4}) {
      put(lab / to, copy.substr(0, bytes));
      lab.look();
    }
    put(lab / to, copy);
    lab.truncate("access.log");
    lab.look();
  }
  CHECK(sorted(lab.lines()) == written);
}

TEST_CASE("a copy of a log that was written anew unread, and is gone, is not read beside it", "[tail]") {
  TailLab lab(any_hints());
  const std::string before = GENERATE("a beginning", "one\ntw");
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", before);
  lab.look();
  (void)lab.lines();
  lab.truncate("access.log");
  lab.append("access.log", "three\nfour\nfive");
  put(lab / "access.log.1", GENERATE("three\nfour\nfive", "three\nfo"));  // whole, or cut short
  lab.remove("access.log");
  lab.look();
  lab.look_after_quiet_time();
  CHECK(lab.lines() == Lines{"three", "four", "five"});
}

TEST_CASE("a file that could not be opened and became a copy meanwhile is not read beside the log", "[tail]") {
  TailLab lab(any_hints());
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log.1.gz", gzip("between\n"));
  lab.files.fail_open(lab / "access.log.1.gz", std::make_error_code(std::errc::permission_denied));
  lab.look();
  lab.append("access.log", "one\n");
  put(lab / "access.log.1.gz", gzip("one\n"));
  lab.files.fail_open(lab / "access.log.1.gz", {});
  lab.look();
  CHECK(lab.lines() == Lines{"one"});
  lab.look_after_quiet_time();
  CHECK(lab.lines() == Lines{});
}

TEST_CASE("a file that waits to be read is not read before it is seen that it did not become a copy", "[tail]") {
  TailLab lab(any_hints());
  const std::string rotated = lab / "access.log.1";
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log.1", "between\n");
  const auto fail_open = [&] { lab.files.fail_open(rotated, std::make_error_code(std::errc::too_many_files_open)); };
  lab.files.before_open(rotated, [&] { lab.files.before_open(rotated, fail_open); });  // not to be judged, but read
  lab.look();
  CHECK(lab.news() == Lines{"open access.log", "unreadable access.log.1: Too many open files"});
  lab.append("access.log", "one\n");
  copy_over(lab);
  lab.files.fail_open(rotated, {});
  lab.files.fail_next_list(std::make_error_code(std::errc::io_error));
  lab.look();
  lab.look_after_quiet_time();
  CHECK(lab.lines() == Lines{"one"});
}

TEST_CASE("a file that waits to be read is read once though a crash left it beside what it was compressed to",
          "[tail]") {
  TailLab lab(any_hints());
  const std::string rotated = lab / "access.log.1";
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log.1", "between\n");
  const auto fail_open = [&] { lab.files.fail_open(rotated, std::make_error_code(std::errc::io_error)); };
  lab.files.before_open(rotated, [&] { lab.files.before_open(rotated, fail_open); });  // not to be judged, but read
  lab.look();
  REQUIRE(lab.lines() == Lines{});
  lab.restart(
      lab.save(),
      [&] {
        lab.files.fail_open(rotated, {});
        lab.rename("access.log.1", "kept");
        lab.copy("kept", "access.log.1");
        lab.compress("access.log.1");
        lab.rename("kept", "access.log.1");
      },
      true);
  lab.drain();
  CHECK(lab.lines() == Lines{"between"});
}

TEST_CASE("a copy of what was seen and not read before the log was truncated is read", "[tail]") {
  TailLab lab;
  const bool has_grown = GENERATE(false, true);  // beyond what was seen
  lab.append("access.log", "");
  lab.append("other.log", "");
  lab.follow({"*.log"});
  lab.append("other.log", "x\n");
  lab.tail().poll(lab.now());  // reads, so that the next read is a while away
  lab.append("access.log", "one\ntwo\nthree\n");
  lab.copy("access.log", "access.log.1");
  lab.tail().poll(lab.now());  // looks at the names, and reads nothing
  CHECK(lab.lines() == Lines{"x"});
  lab.truncate("access.log");
  const std::string four = has_grown ? "four, which is longer than all the others" : "four";
  lab.append("access.log", four + '\n');
  lab.drain();
  CHECK(sorted(lab.lines()) == Lines{four, "one", "three", "two"});
}

TEST_CASE("a copy of a log is read on in though another log said the same", "[tail]") {
  TailLab lab(any_hints());
  lab.append("a.log", "");
  lab.append("b.log", "");
  lab.follow({"*.log"});
  lab.append("a.log", "one\ntwo\n");
  lab.append("b.log", "one\n");
  lab.look();
  lab.copy("a.log", "a.log.1");
  lab.truncate("a.log");
  lab.append("a.log", "new\n");
  lab.look();
  static_cast<void>(lab.lines());
  lab.append("b.log", "two\n");
  lab.copy("b.log", "b.log.1");
  lab.truncate("b.log");
  lab.append("b.log", "other\n");
  lab.look();
  CHECK(lab.lines() == Lines{"two", "other"});
}

TEST_CASE("of two copies over one file while we were down, the second is read", "[tail]") {
  TailLab lab(Hints::kNone);
  const Writer writer = lab.writer("access.log");
  lab.append("access.log.1", "old\n");
  lab.follow({"access.log"});
  writer.write("one\n");
  lab.look();
  const SavedFiles saved = lab.save();
  lab.restart(saved, [&] {
    writer.write("two\n");
    copy_over(lab);
    lab.truncate("access.log");
    writer.write("three three\n");
    copy_over(lab);
    lab.truncate("access.log");
    writer.write("four four four\n");
  });
  CHECK(sorted(lab.lines()) == Lines{"four four four", "one", "three three"});
}

TEST_CASE("a copy beside a damaged one is read at once when the log is truncated", "[tail]") {
  TailLab lab(Hints::kNone);
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "one one one\n");
  lab.look();
  CHECK(lab.lines() == Lines{"one one one"});
  lab.truncate("access.log");
  lab.append("access.log", "two\n");
  lab.copy("access.log", "access.log.1");
  lab.truncate("access.log");
  lab.append("access.log.1.gz", gzip("two\n").substr(0, 10));  // gzip was killed
  lab.drain();
  CHECK(lab.lines() == Lines{"two"});
}

TEST_CASE("a copy over a file that is open yet, and removed, is none the less a copy", "[tail]") {
  TailLab lab(any_hints());
  const bool is_first = GENERATE(false, true);  // of the two files
  const bool is_unread = GENERATE(false, true);
  CAPTURE(is_first, is_unread);
  lab.append("access.log", is_first ? "zero\n" : "");
  lab.follow({"access.log"});
  lab.restart(lab.save(), [&] {
    lab.append("access.log", "one\ntwo\n");
    lab.copy("access.log", "access.log.1");
    lab.truncate("access.log");
    lab.append("access.log", "three three three\n");
  });
  CHECK(sorted(lab.lines()) == Lines{"one", "three three three", "two"});
  if (is_unread) lab.append("access.log", "unread\n");
  copy_over(lab);
  lab.remove("access.log.1");
  lab.truncate("access.log");
  lab.append("access.log", "four\n");
  lab.look();
  lab.look_after_quiet_time();
  CHECK(sorted(lab.lines()) == (is_unread ? Lines{"four", "unread"} : Lines{"four"}));
  CHECK(lab.status().totals.lost_bytes == 0);
}

TEST_CASE("a copy over a rotated file that was empty doubles no line, and a late line in one counts", "[tail]") {
  TailLab lab(any_hints());
  const bool is_truncated = GENERATE(false, true);
  CAPTURE(is_truncated);
  const Writer writer = lab.writer("access.log");
  lab.follow({"access.log"});
  lab.rename("access.log", "access.log.1");
  lab.append("access.log", "one\n");
  lab.look();
  CHECK(lab.lines() == Lines{"one"});
  SECTION("a copy") {
    lab.append("access.log", "two\n");
    copy_over(lab);
    if (is_truncated) lab.truncate("access.log");
    lab.append("access.log", "three\n");
    lab.look();
    lab.look_after_quiet_time();
    CHECK(sorted(lab.lines()) == Lines{"three", "two"});
  }
  SECTION("a late line") {
    writer.write("late\n");
    if (is_truncated) lab.truncate("access.log");
    lab.look();
    lab.look_after_quiet_time();
    CHECK(lab.lines() == Lines{"late"});
  }
}

TEST_CASE("a file that was found and became a copy before its first read is not read beside the log", "[tail]") {
  TailLab lab;
  lab.append("access.log", "");
  lab.append("other.log", "");
  lab.follow({"*.log"});
  lab.append("other.log", "x\n");
  lab.tail().poll(lab.now());  // reads, so that the next read is a while away
  lab.append("access.log.1", "between\n");
  lab.tail().poll(lab.now());  // finds it, and reads nothing
  CHECK(lab.lines() == Lines{"x"});
  lab.append("access.log", "one\n");
  copy_over(lab);
  lab.drain();
  CHECK(lab.lines() == Lines{"one"});
}

TEST_CASE("a copy over the copy that the log was read on in is read on in as well", "[tail]") {
  TailLab lab(any_hints());
  const std::string copy = GENERATE("access.log.1", "access.log.1.gz");
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "one\n");
  lab.look();
  lab.append("access.log", "two\n");
  copy_over(lab, copy);
  lab.files.fail_open(lab / copy, std::make_error_code(std::errc::io_error));
  lab.truncate("access.log");
  lab.append("access.log", "three\n");
  lab.look();
  lab.files.fail_open(lab / copy, {});
  lab.look_after_quiet_time();
  CHECK(sorted(lab.lines()) == Lines{"one", "three", "two"});
  lab.append("access.log", "four\n");
  copy_over(lab, copy);
  const auto now = std::filesystem::file_time_type::clock::now();
  std::filesystem::last_write_time(lab / copy, now - std::chrono::hours{1});
  lab.truncate("access.log");
  lab.look();
  lab.look_after_quiet_time();
  CHECK(lab.lines() == Lines{"four"});
}

TEST_CASE("a copy over an old log that could not be read for a while is a copy", "[tail]") {
  TailLab lab(any_hints());
  lab.append("access.log.1", "old\n");
  std::filesystem::last_write_time(lab / "access.log.1",
                                   std::filesystem::file_time_type::clock::now() - std::chrono::hours{1});
  lab.append("access.log", "");
  lab.files.fail_open(lab / "access.log.1", std::make_error_code(std::errc::io_error));
  lab.follow({"access.log"});
  lab.files.fail_open(lab / "access.log.1", {});
  lab.rename("access.log.1", "access.log.2");  // so that the names are looked at
  lab.look();
  REQUIRE(lab.lines() == Lines{});
  lab.restart(lab.save(), [&] {
    lab.append("access.log", "one\ntwo\n");
    lab.truncate("access.log.2");
    lab.append("access.log.2", "one\ntwo\n");
    lab.truncate("access.log");
  });
  CHECK(lab.lines() == Lines{"one", "two"});
}

TEST_CASE("a file that was there before us stays unread when it grows, or is touched, or copied", "[tail]") {
  TailLab lab(any_hints());
  lab.append("access.log", "");
  lab.append("access.log.1", "old\n");
  lab.append("access.log.2", "older\n");
  lab.append("access.log.3.gz", gzip("oldest\n"));
  lab.follow({"access.log"});
  const auto now = std::filesystem::file_time_type::clock::now();
  std::filesystem::last_write_time(lab / "access.log.3.gz", now - std::chrono::hours{1});
  put(lab / "access.log.2", content_of(lab / "access.log.1"));
  put(lab / "access.log.4", content_of(lab / "access.log.1"));
  lab.look();
  lab.append("access.log.1", "late\n");
  lab.look();
  lab.restart(lab.save(), [&] {
    std::filesystem::last_write_time(lab / "access.log.1", now - std::chrono::hours{1});
    lab.append("access.log.1", "later\n");
  });
  CHECK(lab.lines().empty());
}

}  // namespace tailmeter
