// Logs that all begin with the same header: with many, a file of one log begins with all that was read of another.
#include <algorithm>

#include <catch2/catch.hpp>

#include "test/tail/tail_lab.h"

namespace tailmeter {
namespace {

// Shorter than what is kept as it is, a little longer, and much.
std::string any_header() {
  return GENERATE(std::string("time,status\n"), std::string(600, '#') + '\n', std::string(5000, '#') + '\n');
}

// Without those of the header.
Lines lines_behind_header(TailLab& lab, const std::string& header) {
  Lines lines = lab.lines();
  std::erase_if(lines, [&](const std::string& line) { return line + '\n' == header; });
  std::sort(lines.begin(), lines.end());
  return lines;
}

// Has read a log that came with this content.
void follow_log(TailLab& lab, const std::string& content) {
  lab.append("a.log", "");
  lab.follow({"a.log"});
  lab.append("a.log", content);
  lab.look();
}

}  // namespace

TEST_CASE("logs that begin with the same header are told apart", "[tail]") {
  const std::string header = any_header();
  CAPTURE(header.size());
  TailLab lab(any_hints());
  follow_log(lab, header + "one\nand more\n");
  REQUIRE(lines_behind_header(lab, header) == Lines{"and more", "one"});

  SECTION("rotated twice while down") {
    const std::string compressed = GENERATE("", "1", "2", "12");
    CAPTURE(compressed);
    lab.restart(lab.save(), [&] {
      lab.append("a.log", "unread\n");
      lab.rename("a.log", "a.log.2");
      lab.append("a.log.1", header + "two\n");
      lab.append("a.log", header + "three\n");
      for (const char number : compressed) lab.compress(std::string("a.log.") + number);
    });
    lab.look();
    CHECK(lines_behind_header(lab, header) == Lines{"three", "two", "unread"});
  }
  SECTION("rotated twice between two looks, the one before read to its end and gone") {
    lab.remove("a.log");
    lab.look();
    lab.append("a.log.1", header + "two\n");
    lab.append("a.log", header + "three\n");
    lab.look();
    CHECK(lines_behind_header(lab, header) == Lines{"three", "two"});
  }
  SECTION("the same, and compressed at once") {
    lab.remove("a.log");
    lab.look();
    lab.append("a.log.1", header + "two\n");
    lab.compress("a.log.1");
    lab.append("a.log", header + "three\n");
    lab.look();
    CHECK(lines_behind_header(lab, header) == Lines{"three", "two"});
  }
  SECTION("rotated while there is a copy of a part of it, which is none of a log of its own") {
    lab.append("a.log.7", header + "one\n");
    lab.look();
    CHECK(lines_behind_header(lab, header) == Lines{});
  }
  CHECK(lab.status().totals.lost_bytes == 0);
}

TEST_CASE("a log that was rotated with its header alone is read when lines are written to it after all", "[tail]") {
  const std::string header = any_header();
  TailLab lab(any_hints());
  follow_log(lab, header + "one\n");
  REQUIRE(lines_behind_header(lab, header) == Lines{"one"});
  lab.remove("a.log");
  lab.look_after_quiet_time();
  lab.append("a.log.1", header);
  lab.look();
  CHECK(lines_behind_header(lab, header) == Lines{});
  lab.append("a.log.1", "two\n");
  lab.look();
  CHECK(lines_behind_header(lab, header) == Lines{"two"});
}

TEST_CASE("a log that was rotated with its header alone is read when it was compressed since, with lines", "[tail]") {
  const std::string header = any_header();
  TailLab lab;
  follow_log(lab, header + "one\n");
  lab.rename("a.log", "a.log.2");
  lab.append("a.log.1", header);
  lab.append("a.log", "");
  lab.look();
  REQUIRE(lines_behind_header(lab, header) == Lines{"one"});
  const auto go_on = [&] {
    lab.append("a.log.1", "two\n");
    lab.rename("a.log.2", "a.log.3");
    lab.rename("a.log.1", "a.log.2");
    lab.rename("a.log", "a.log.1");
    lab.compress("a.log.2");
  };
  if (GENERATE(false, true)) {
    lab.restart(lab.save(), go_on);
  } else {
    go_on();
  }
  lab.look();
  CHECK(lines_behind_header(lab, header) == Lines{"two"});
}

TEST_CASE("a compressed log does not wait for another log that has the header alone", "[tail]") {
  const std::string header = any_header();
  TailLab lab(any_hints());
  lab.append("a.log", "");
  lab.append("b.log", "");
  lab.follow({"a.log", "b.log"});
  lab.append("a.log", header);
  lab.look();
  lab.restart(lab.save(), [&] {
    lab.remove("a.log");
    lab.append("b.log", header + "one\n");
    lab.rename("b.log", "b.log.1");
    lab.compress("b.log.1");
  });
  lab.look();
  CHECK(lines_behind_header(lab, header) == Lines{"one"});
}

TEST_CASE("a compressed log does not pass for one that is gone and had a line begun behind its header", "[tail]") {
  const std::string header = any_header();
  TailLab lab(any_hints());
  follow_log(lab, header + std::string(60, 'x'));
  lab.remove("a.log");
  lab.look_after_quiet_time();
  REQUIRE(lines_behind_header(lab, header) == Lines{std::string(60, 'x')});
  lab.append("a.log", header + std::string(60, 'y'));
  lab.look();
  lab.restart(lab.save(), [&] { lab.remove("a.log"); });
  lab.look_after_quiet_time();
  lab.restart(lab.save(), [&] {
    lab.append("a.log.1", header + "one\n");
    lab.compress("a.log.1");
  });
  lab.look();
  CHECK(lines_behind_header(lab, header) == Lines{"one"});
}

TEST_CASE("a log that had its header alone goes on in itself, and not in a younger one", "[tail]") {
  const std::string header = any_header();
  const std::string compressed = GENERATE("2", "12");
  const bool is_ended = GENERATE(true, false);
  CAPTURE(header.size(), compressed, is_ended);
  TailLab lab(any_hints());
  follow_log(lab, header);
  lab.restart(lab.save(), [&] {
    lab.append("a.log", is_ended ? "one\n" : "one, begun and longer");
    lab.rename("a.log", "a.log.2");
    lab.append("a.log.1", header + "two, longer\n");
    lab.append("a.log", header + "three\n");
    for (const char number : compressed) lab.compress(std::string("a.log.") + number);
  });
  lab.look();
  CHECK(lines_behind_header(lab, header) ==
        (is_ended ? Lines{"one", "three", "two, longer"} : Lines{"three", "two, longer"}));
  lab.look_after_quiet_time();
  CHECK(lines_behind_header(lab, header) == (is_ended ? Lines{} : Lines{"one, begun and longer"}));
  CHECK(lab.status().totals.lost_bytes == 0);
}

TEST_CASE("a log with its header alone that is copied and truncated does not go on in an older copy", "[tail]") {
  const std::string header = any_header();
  TailLab lab(any_hints());
  follow_log(lab, header + "one\n");
  lab.copy("a.log", "a.log-20261001");
  lab.append("a.log", "two\n");
  lab.look();
  lab.remove("a.log");
  lab.append("a.log", header);
  lab.look();
  REQUIRE(lines_behind_header(lab, header) == Lines{"one", "two"});
  lab.copy("a.log", "a.log-20261002");
  lab.truncate("a.log");
  lab.look_after_quiet_time();
  CHECK(lines_behind_header(lab, header) == Lines{});
  CHECK(lab.status().totals.lost_bytes == 0);
}

TEST_CASE("a log with its header alone that is gone does not go on in a copy of the next one", "[tail]") {
  const std::string header = any_header();
  TailLab lab;
  lab.append("a.log", "");
  lab.follow({"a.log"});
  const Writer writer = lab.writer("a.log");
  writer.write(header);
  lab.look();
  lab.remove("a.log");
  lab.append("a.log", header + "begun");
  lab.copy("a.log", "a.log.1");
  lab.look();
  lab.restart(lab.save());
  lab.look_after_quiet_time();
  CHECK(lines_behind_header(lab, header) == Lines{});
  lab.append("a.log", " and ended\n");
  lab.look();
  CHECK(lines_behind_header(lab, header) == Lines{"begun and ended"});
}

TEST_CASE("a log with its header alone does not go on in a copy of the next one when a read fails", "[tail]") {
  const std::string header = any_header();
  const int reads = GENERATE(range(0, 24));
  CAPTURE(header.size(), reads);
  TailLab lab;
  follow_log(lab, header);
  lab.restart(lab.save(), [&] {
    lab.remove("a.log");
    lab.append("a.log", header + "one\ntwo\n");
    lab.copy("a.log", "a.log.1");
    lab.files.fail_read_after(reads, std::make_error_code(std::errc::io_error));
  });
  lab.look();
  lab.look_after_quiet_time();
  CHECK(lines_behind_header(lab, header) == Lines{"one", "two"});
}

TEST_CASE("a log with its header alone that a crash took does not go on in what it left of another", "[tail]") {
  const std::string header = any_header();
  const bool is_rotated = GENERATE(false, true);
  CAPTURE(header.size(), is_rotated);
  TailLab lab;
  follow_log(lab, header + "one\ntwo\n");
  lab.rename("a.log", "a.log.1");
  lab.append("a.log", header);
  lab.look();
  REQUIRE(lines_behind_header(lab, header) == Lines{"one", "two"});
  lab.restart(
      lab.save(),
      [&] {
        lab.remove("a.log");
        if (!is_rotated) lab.rename("a.log.1", "a.log");
        const char* const log = is_rotated ? "a.log.1" : "a.log";
        lab.truncate(log, header.size() + 6);
        lab.append(log, is_rotated ? "" : "\nthree\n");
      },
      true);
  lab.look_after_quiet_time();
  const Lines lines = lines_behind_header(lab, header);
  std::size_t doubled_bytes = 0;
  for (const std::string& line : lines) doubled_bytes += line == "three" ? 0 : line.size() + 1;
  CHECK(std::count(lines.begin(), lines.end(), "three") == (is_rotated ? 0 : 1));
  CHECK(doubled_bytes <= lab.status().totals.uncertain_bytes);
}

TEST_CASE("a log whose compressed file a crash damaged does not go on in the next one, which is read", "[tail]") {
  const std::string header = any_header();
  TailLab lab(any_hints());
  follow_log(lab, header + "one, and more\n");
  lab.rename("a.log", "a.log.1");
  lab.append("a.log", "");
  lab.look();
  REQUIRE(lines_behind_header(lab, header) == Lines{"one, and more"});
  lab.restart(
      lab.save(),
      [&] {
        lab.remove("a.log.1");
        lab.append("a.log.1.gz", "\x1f\x8b\x08");
        lab.append("a.log", header + "two\n");
      },
      true);
  REQUIRE(lines_behind_header(lab, header) == Lines{"two"});
  lab.rename("a.log.1.gz", "a.log.2.gz");
  lab.rename("a.log", "a.log.1");
  lab.compress("a.log.1");
  lab.look();
  lab.look_after_quiet_time();
  CHECK(lines_behind_header(lab, header) == Lines{});
}

}  // namespace tailmeter
