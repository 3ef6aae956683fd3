// A tail that is ended at any moment, and the next one, which has only what was saved before.
#include <algorithm>
#include <functional>

#include <catch2/catch.hpp>

#include "test/tail/tail_lab.h"

namespace tailmeter {
namespace {

struct Downtime {
  const char* what;
  std::function<void(TailLab&, Writer&)> happens;  // the writer has access.log open
  Lines lines;                                     // that come after the restart
  Lines news;
};

// "one" is counted and saved; "two" came after that.
const Downtime kDowntimes[] = {
    {"nothing", [](TailLab&, Writer&) {}, {"two"}, {}},
    {"lines came", [](TailLab&, Writer& writer) { writer.write("three\n"); }, {"two", "three"}, {}},
    {"a line was begun", [](TailLab&, Writer& writer) { writer.write("thr"); }, {"two"}, {}},
    {"the file was renamed",
     [](TailLab& lab, Writer& writer) {
       lab.rename("access.log", "access.log.1");
       writer.write("late\n");
       lab.append("access.log", "three\n");
     },
     {"two", "late", "three"},
     {"rename access.log", "open access.log"}},
    {"the file was renamed three times",
     [](TailLab& lab, Writer& writer) {
       lab.rename("access.log", "access.log.1");
       writer.reopen(lab / "access.log");
       writer.write("three\n");
       lab.rename("access.log.1", "access.log.2");
       lab.rename("access.log", "access.log.1");
       writer.reopen(lab / "access.log");
       writer.write("four\n");
       lab.rename("access.log.2", "access.log.3");
       lab.rename("access.log.1", "access.log.2");
       lab.rename("access.log", "access.log.1");
       lab.append("access.log", "five\n");
     },
     {"two", "three", "four", "five"},
     {"open access.log.2", "rename access.log", "open access.log.1", "rename access.log", "rename access.log",
      "open access.log"}},
    {"the file was renamed to a date",
     [](TailLab& lab, Writer&) {
       lab.rename("access.log", "access.log-20261122");
       lab.append("access.log", "three\n");
     },
     {"two", "three"},
     {"rename access.log", "open access.log"}},
    {"the file was renamed, and there is no new one",
     [](TailLab& lab, Writer&) { lab.rename("access.log", "access.log.1"); },
     {"two"},
     {}},
    {"the file was copied and truncated",
     [](TailLab& lab, Writer& writer) {
       writer.write("three\n");
       lab.copy("access.log", "access.log.1");
       lab.truncate("access.log");
       writer.write("four\n");
     },
     {"two", "three", "four"},
     {"truncate access.log"}},
    {"the file was copied and truncated, and has grown since",
     [](TailLab& lab, Writer& writer) {
       lab.copy("access.log", "access.log.1");
       lab.truncate("access.log");
       writer.write("three three three three\n");
     },
     {"two", "three three three three"},
     {"truncate access.log"}},
    {"the file was copied, and not yet truncated",
     [](TailLab& lab, Writer& writer) {
       lab.copy("access.log", "access.log.1");
       writer.write("three\n");
     },
     {"two", "three"},
     {}},
    {"the file was truncated, and there is no copy",
     [](TailLab& lab, Writer& writer) {
       lab.truncate("access.log");
       writer.write("three\n");
     },
     {"three"},
     {"truncate access.log"}},
    {"the file was moved by way of another disk",
     [](TailLab& lab, Writer&) {
       lab.copy("access.log", "access.log.1");
       lab.remove("access.log");
       lab.append("access.log", "three\n");
     },
     {"two", "three"},
     {"replace access.log", "open access.log"}},
    {"the file was deleted",
     [](TailLab& lab, Writer&) {
       lab.remove("access.log");
       lab.append("access.log", "three\n");
     },
     {"three"},
     {"replace access.log", "open access.log", "vanished access.log: 9 of 9"}},
};

}  // namespace

TEST_CASE("after a crash each line that can still be read is counted once", "[tail]") {
  const Hints hints = any_hints();
  for (const Downtime& downtime : kDowntimes) {
    INFO(downtime.what);
    TailLab lab(hints);
    Writer writer = lab.writer("access.log");
    writer.write("zero\n");
    lab.follow({"access.log"});
    writer.write("one\n");
    lab.look();
    REQUIRE(lab.lines() == Lines{"one"});
    const SavedFiles saved = lab.save();
    writer.write("two\n");
    static_cast<void>(lab.news());
    lab.restart(saved, [&] { downtime.happens(lab, writer); });
    CHECK(lab.lines() == downtime.lines);
    CHECK(lab.news() == downtime.news);
  }
}

TEST_CASE("a file that was done with is not missed when it is gone after a crash", "[tail]") {
  TailLab lab;
  Writer writer = lab.writer("access.log");
  lab.follow({"access.log"});
  writer.write("one\n");
  lab.rename("access.log", "access.log.1");
  lab.append("access.log", "");
  lab.look_after_quiet_time();
  const SavedFiles saved = lab.save();
  static_cast<void>(lab.news());
  lab.restart(saved, [&] { lab.remove("access.log.1"); });
  CHECK(lab.news() == Lines{});
}

TEST_CASE("a copy that is older than what was counted is not counted again after a crash", "[tail]") {
  TailLab lab;
  Writer writer = lab.writer("access.log");
  lab.follow({"access.log"}, StartAt::kBeginning);
  writer.write("one\n");
  lab.look();
  lab.copy("access.log", "access.log.1");
  writer.write("two\n");
  lab.look();
  REQUIRE(lab.lines() == Lines{"one", "two"});
  const SavedFiles saved = lab.save();
  lab.restart(saved, [&] {
    lab.truncate("access.log");
    writer.write("three\n");
  });
  CHECK(lab.lines() == Lines{"three"});
}

TEST_CASE("a compressed log that was found, and not read before a crash, is read under its next name", "[tail]") {
  TailLab lab;
  lab.append("a.log", "");
  lab.follow({"a.log"});
  lab.rename("a.log", "a.log.3");
  lab.append("a.log.2", "one\n");
  lab.compress("a.log.2");
  lab.append("a.log.1", "two\n");
  lab.append("a.log", "three\n");
  int turns = GENERATE(range(0, 6));
  CAPTURE(turns);
  static_cast<void>(lab.tail().drain(lab.now(), [&] { return turns-- == 0; }));
  lab.restart(lab.save(), [&] {
    lab.rename("a.log.3", "a.log.4");
    lab.rename("a.log.2.gz", "a.log.3.gz");
    lab.rename("a.log.1", "a.log.2");
    lab.rename("a.log", "a.log.1");
    lab.append("a.log", "four\n");
  });
  lab.look();
  Lines lines = lab.lines();
  std::sort(lines.begin(), lines.end());
  CHECK(lines == Lines{"four", "one", "three", "two"});
}

TEST_CASE("a log that had its header alone, and is gone, does not go on in one that had more", "[tail]") {
  TailLab lab(any_hints());
  lab.append("a.log", "");
  lab.follow({"a.log"});
  lab.append("a.log", "time,status\n");
  lab.look();
  lab.rename("a.log", "a.log.1");
  lab.compress("a.log.1");
  lab.append("a.log", "time,status\n10:00,200\n");
  lab.look();
  REQUIRE(lab.lines() == Lines{"time,status", "time,status", "10:00,200"});
  lab.restart(lab.save(), [&] {
    lab.rename("a.log.1.gz", "a.log.2.gz");
    lab.rename("a.log", "a.log.1");
    lab.compress("a.log.1");
    lab.append("a.log", "time,status\n");
  });
  lab.look_after_quiet_time();
  CHECK(lab.lines() == Lines{"time,status"});
  CHECK(lab.status().totals.lost_bytes == 0);
}

TEST_CASE("a log that begins again like the line that had not ended is read, and its copy, too", "[tail]") {
  TailLab lab;
  lab.append("a.log", "");
  lab.follow({"a.log"});
  lab.append("a.log", "n=");
  lab.look();
  const bool is_compressed = GENERATE(false, true);
  lab.restart(lab.save(), [&] {
    lab.append("a.log", "1\nn=2\nn=3\n");
    lab.copy("a.log", "a.log.1");
    lab.truncate("a.log");
    lab.append("a.log", "n=4\n");
    if (is_compressed) lab.compress("a.log.1");
  });
  lab.look();
  Lines lines = lab.lines();
  std::sort(lines.begin(), lines.end());
  CHECK(lines == Lines{"n=1", "n=2", "n=3", "n=4"});
}

TEST_CASE("a copy of a log is not read for one that is gone and began like it", "[tail]") {
  TailLab lab;
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "12:0");
  lab.look();
  lab.restart(lab.save(), [&] {
    lab.remove("access.log");
    lab.append("access.log", "12:01 one\n");
    lab.copy("access.log", "access.log.1");
  });
  lab.look_after_quiet_time();
  CHECK(lab.lines() == Lines{"12:01 one"});
}

TEST_CASE("a log and what was rotated from it, both new to a pattern after a crash, are both read", "[tail]") {
  TailLab lab;
  lab.append("access.log", "");
  lab.follow({"*.log*"});
  const SavedFiles saved = lab.save();
  lab.restart(saved, [&] {
    lab.append("new.log", "one\n");
    lab.rename("new.log", "new.log.1");
    lab.append("new.log", "two\n");
  });
  CHECK(lab.lines() == Lines{"two", "one"});
}

TEST_CASE("a renamed file that was not read to its end is read on after a crash, and late lines too", "[tail]") {
  TailLab lab;
  Writer writer = lab.writer("access.log");
  lab.follow({"access.log"});
  writer.write("one\n");
  lab.rename("access.log", "access.log.1");
  lab.append("access.log", "new\n");
  lab.look();
  REQUIRE(lab.lines() == Lines{"one", "new"});
  const SavedFiles saved = lab.save();
  writer.write("late\n");
  lab.restart(saved, [&] { lab.rename("access.log.1", "access.log.2"); });
  CHECK(lab.lines() == Lines{"late"});
  writer.write("later\n");
  lab.drain();
  CHECK(lab.lines() == Lines{"later"});
}

TEST_CASE("a long line that was being skipped goes on being skipped after a crash", "[tail]") {
  TailLab lab;
  lab.limits.read_buffer_bytes = 64;
  Writer writer = lab.writer("access.log");
  lab.follow({"access.log"});
  writer.write(std::string(100, 'x'));
  lab.look();
  const SavedFiles saved = lab.save();
  lab.restart(saved, [&] { writer.write(std::string(100, 'y') + "\nshort\n"); });
  CHECK(lab.lines() == Lines{"short"});
  CHECK(lab.record.oversize == Lines{"201"});
}

TEST_CASE("a file that is followed for the first time after a restart begins where any new one does", "[tail]") {
  TailLab lab;
  lab.append("access.log", "one\n");
  lab.follow({"access.log"});
  SavedFiles saved = lab.save();
  lab.append("other.log", "old\n");
  lab.follow({"access.log", "other.log"});  // the rule file was changed: restart() keeps these patterns
  static_cast<void>(lab.lines());
  lab.restart(saved, [&] { lab.append("access.log", "two\n"); });
  CHECK(lab.lines() == Lines{"two"});
}

TEST_CASE("a file that the rules do not name any more, or exclude, is not followed after a restart", "[tail]") {
  TailLab lab(any_hints());
  const bool is_excluded = GENERATE(false, true);
  const bool is_rotated = GENERATE(false, true);
  lab.append("access.log", "one\n");
  lab.append("other.log", "two\n");
  lab.follow({"*.log"}, StartAt::kBeginning);
  const SavedFiles saved = lab.save();
  lab.follow_sources({{.files = {lab / (is_excluded ? "*.log" : "a*.log")},
                       .exclude = {is_excluded ? "other.log" : "nothing"},
                       .start_at = StartAt::kBeginning}});
  (void)lab.lines();
  lab.restart(saved, [&] {
    lab.append("access.log", "three\n");
    lab.append("other.log", "four\n");
    if (is_rotated) {
      lab.rename("other.log", "other.log.1");
      lab.append("other.log", "five\n");
    }
  });
  lab.append("other.log", "six\n");
  lab.look();
  CHECK(lab.lines() == Lines{"three"});
  CHECK(lab.status().files_following == 1);
  CHECK(lab.status().files_draining == 0);
}

TEST_CASE("rotated names that a pattern matches are not followed, not even at the first look", "[tail]") {
  TailLab lab;
  lab.append("access.log", "new\n");
  lab.append("access.log.1", "old\n");
  lab.append("other.log.1", "a log of its own\n");
  lab.follow({"*.log*"}, StartAt::kBeginning);
  CHECK(lab.lines() == Lines{"new", "a log of its own"});
}

TEST_CASE("what is saved of a tail that goes on from it is the same", "[tail]") {
  TailLab lab;
  Writer writer = lab.writer("access.log");
  lab.append("access.log.1", "old\n");
  lab.follow({"access.log", "missing.log"});
  writer.write("one\ntw");
  lab.rename("access.log", "access.log.2");
  lab.append("access.log", "new\n");
  lab.look();
  const SavedFiles saved = lab.save();
  lab.restart(saved);
  CHECK(lab.save() == saved);
  CHECK(lab.lines() == Lines{"one", "new"});
}

}  // namespace tailmeter
