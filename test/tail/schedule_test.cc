// When things are done, and that hints only bring them forward.
#include <filesystem>

#include <catch2/catch.hpp>
#include <poll.h>

#include "test/tail/tail_lab.h"

namespace tailmeter {
namespace {

using std::chrono::milliseconds;

bool has_woken(const TailLab& lab) {
  pollfd fd{lab.files.hint_fd(), POLLIN, 0};
  return ::poll(&fd, 1, 0) == 1;
}

}  // namespace

TEST_CASE("the first poll is due at once, and an idle tail sleeps until the next rescan", "[tail]") {
  TailLab lab(Hints::kNone);
  lab.append("access.log", "");
  Tail tail(lab.files, {{{lab / "access.log"}, {}, StartAt::kEnd}}, lab.record, lab.record);
  TimePoint now = lab.now();
  CHECK(tail.next_deadline() <= now);
  tail.poll(now);
  CHECK(tail.next_deadline() == now + milliseconds{50});
  now += milliseconds{50};
  tail.poll(now);
  CHECK(tail.next_deadline() == now + milliseconds{950});
}

TEST_CASE("a busy log wakes the tail by the clock alone, and an idle one by its first write", "[tail]") {
  TailLab lab;
  const Writer writer = lab.writer("access.log");
  lab.follow({"access.log"});
  CHECK_FALSE(has_woken(lab));
  writer.write("one\n");
  CHECK(has_woken(lab));

  int polls = 0;
  for (int i = 0; i < 1000; ++i) {  // a line each millisecond
    writer.write("line\n");
    if (has_woken(lab) || lab.tail().next_deadline() <= lab.now()) {
      lab.tail().poll(lab.now());
      ++polls;
    }
    lab.pass(milliseconds{1});
  }
  CHECK(polls <= 22);
  lab.look();
  CHECK(lab.lines().size() == 1001);
  writer.write("one\n");
  CHECK(has_woken(lab));
}

TEST_CASE("a name is looked at as soon as a hint tells of it, even between two reads", "[tail]") {
  TailLab lab;
  Writer writer = lab.writer("access.log");
  lab.follow({"access.log"});
  writer.write("one\n");
  lab.tail().poll(lab.now());
  CHECK(lab.lines() == Lines{"one"});
  lab.rename("access.log", "access.log.1");
  writer.reopen(lab / "access.log");
  CHECK(has_woken(lab));
  lab.tail().poll(lab.now() + milliseconds{1});
  CHECK(lab.news() == Lines{"open access.log", "rename access.log", "open access.log"});
  writer.write("two\n");
  lab.tail().poll(lab.now() + milliseconds{2});
  CHECK(lab.lines().empty());
  lab.tail().poll(lab.now() + lab.limits.read_interval);
  CHECK(lab.lines() == Lines{"two"});
}

TEST_CASE("what happens in a directory just before it is watched is found at once", "[tail]") {
  TailLab lab;
  lab.follow({"logs/access.log"});
  std::filesystem::create_directory(lab / "logs");
  lab.files.before_watch([&] { lab.append("logs/access.log", "one\n"); });
  lab.look();
  CHECK(lab.lines() == Lines{"one"});
}

TEST_CASE("names that are not ours cause no rescan", "[tail]") {
  TailLab lab;
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("other.log", "x\n");
  const int before = lab.files.reads();
  lab.look();
  CHECK(lab.files.reads() == before);
}

TEST_CASE("when hints were dropped, everything is looked at", "[tail]") {
  TailLab lab;
  std::filesystem::create_directory(lab / "logs");
  Writer writer = lab.writer("logs/access.log");
  lab.append("logs/a", "");
  lab.follow({"logs/access.log"});
  // More than the kernel's queue of 16,384 holds, before the rename.
  for (int i = 0; i < 9000; ++i) {
    lab.rename("logs/a", "logs/b");
    lab.rename("logs/b", "logs/a");
  }
  lab.rename("logs/access.log", "logs/access.log.1");
  writer.write("late\n");
  lab.append("logs/access.log", "two\n");
  lab.look();
  CHECK(lab.lines() == Lines{"late", "two"});
}

TEST_CASE("a flood of writes hides no rename", "[tail]") {
  TailLab lab;
  const Writer other = lab.writer("other.log");
  Writer writer = lab.writer("access.log");
  lab.follow({"access.log"});
  for (int i = 0; i < 9000; ++i) {
    writer.write("line\n");
    other.write("x\n");
  }
  lab.rename("access.log", "access.log.1");
  writer.reopen(lab / "access.log");
  writer.write("two\n");
  lab.look();
  CHECK(lab.lines().size() == 9001);
  CHECK(lab.news() == Lines{"open access.log", "rename access.log", "open access.log"});
}

TEST_CASE("a scrape gets every line that was there when it asked", "[tail]") {
  TailLab lab(any_hints());
  lab.limits.read_buffer_bytes = 64;
  Writer writer = lab.writer("access.log");
  lab.follow({"*.log"});
  for (int i = 0; i < 100; ++i) writer.write("access line\n");
  lab.rename("access.log", "access.log.1");
  lab.append("access.log", "new file\n");
  lab.append("second.log", "another file\n");
  CHECK(lab.drain());
  const Lines lines = lab.lines();
  CHECK(lines.size() == 102);
  CHECK(lab.status().lag_bytes == 0);
}

TEST_CASE("a scrape reads no further than the files went when it asked", "[tail]") {
  // Each batch is answered with another line, so that the file would never end.
  class Echo : public Record {
   public:
    Echo(std::string directory, const Writer& writer) : Record(std::move(directory)), writer_(writer) {}
    void take(const Batch& batch) override {
      Record::take(batch);
      writer_.write("0123456789\n");
    }

   private:
    const Writer& writer_;
  };
  TailLab lab(Hints::kNone);
  const Writer writer = lab.writer("access.log");
  Echo echo(lab.directory.path(), writer);
  Limits limits;
  limits.read_buffer_bytes = 16;
  Tail tail(lab.files, {{{lab / "access.log"}, {}, StartAt::kEnd}}, echo, echo, limits);
  tail.poll(lab.now());
  for (int i = 0; i < 3; ++i) writer.write("0123456789\n");
  CHECK(tail.drain(lab.now(), [] { return false; }));
  CHECK(echo.lines.size() == 3);
  CHECK(tail.next_deadline() <= lab.now());
  tail.poll(lab.now());
  CHECK(echo.lines.size() == 4);
}

TEST_CASE("a scrape that has to stop says that it is not complete, and nothing is lost", "[tail]") {
  TailLab lab;
  lab.limits.read_buffer_bytes = 64;
  const Writer writer = lab.writer("access.log");
  lab.follow({"access.log"});
  for (int i = 0; i < 100; ++i) writer.write("line\n");
  int turns = 0;
  CHECK_FALSE(lab.tail().drain(lab.now(), [&] { return ++turns > 2; }));
  CHECK(lab.lines().size() == 24);
  CHECK(lab.status().lag_bytes == 0 + 76 * 5);
  CHECK(lab.tail().next_deadline() <= lab.now());
  lab.look();
  CHECK(lab.lines().size() == 76);
}

TEST_CASE("the later file of a log waits until the earlier one is read", "[tail]") {
  TailLab lab;
  lab.limits.read_buffer_bytes = 16;
  const Writer writer = lab.writer("access.log");
  lab.follow({"access.log"});
  Lines expected;
  for (int i = 10; i < 50; ++i) {
    expected.push_back("line " + std::to_string(i));
    writer.write(expected.back() + '\n');
  }
  lab.rename("access.log", "access.log.1");
  lab.append("access.log", "new\n");
  expected.emplace_back("new");
  lab.look();
  CHECK(lab.lines() == expected);
}

TEST_CASE("an earlier file that cannot be read does not hold up the later one", "[tail]") {
  TailLab lab;
  const Writer writer = lab.writer("access.log");
  lab.follow({"access.log"});
  writer.write("one\n");
  lab.files.fail_read(lab / "access.log", std::make_error_code(std::errc::io_error));
  lab.rename("access.log", "access.log.1");
  lab.append("access.log", "two\n");
  lab.look();
  CHECK(lab.lines() == Lines{"two"});
}

}  // namespace tailmeter
