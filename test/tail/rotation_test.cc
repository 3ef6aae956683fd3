// What happens to the names of files that are written to, each with hints and by looking alone.
#include <filesystem>
#include <functional>

#include <catch2/catch.hpp>

#include "test/tail/tail_lab.h"

namespace tailmeter {
namespace {

namespace fs = std::filesystem;

struct Event {
  const char* what;
  std::function<void(TailLab&, Writer&)> happens;  // the writer has logs/access.log open
  Lines lines;
  Lines news;
};

const std::string kLong(5000, 'x');

const Event kEvents[] = {
    {"renamed, and a new file made",
     [](TailLab& lab, Writer& writer) {
       lab.rename("logs/access.log", "logs/access.log.1");
       writer.reopen(lab / "logs/access.log");
       writer.write("two\n");
     },
     {"two"},
     {"rename logs/access.log", "open logs/access.log"}},
    {"renamed with an unread rest",
     [](TailLab& lab, Writer& writer) {
       writer.write("rest\n");
       lab.rename("logs/access.log", "logs/access.log.1");
       writer.reopen(lab / "logs/access.log");
       writer.write("two\n");
     },
     {"rest", "two"},
     {"rename logs/access.log", "open logs/access.log"}},
    {"renamed, and the writer reopens late",
     [](TailLab& lab, Writer& writer) {
       lab.rename("logs/access.log", "logs/access.log.1");
       lab.append("logs/access.log", "");
       lab.look();
       writer.write("late\n");
       lab.drain();
       writer.reopen(lab / "logs/access.log");
       writer.write("two\n");
     },
     {"late", "two"},
     {"rename logs/access.log", "open logs/access.log"}},
    {"renamed to a name that says nothing",
     [](TailLab& lab, Writer& writer) {
       lab.rename("logs/access.log", "saved");
       writer.write("late\n");
       lab.append("logs/access.log", "two\n");
     },
     {"late", "two"},
     {"rename logs/access.log", "open logs/access.log"}},
    {"renamed, and no new file for a while",
     [](TailLab& lab, Writer& writer) {
       lab.rename("logs/access.log", "logs/access.log.1");
       lab.look();
       writer.write("late\n");
       lab.look();
       lab.drain();
       lab.append("logs/access.log", "two\n");
     },
     {"late", "two"},
     {"rename logs/access.log", "open logs/access.log"}},
    {"rotated twice between two looks",
     [](TailLab& lab, Writer& writer) {
       writer.write("rest\n");
       lab.rename("logs/access.log", "logs/access.log.1");
       lab.append("logs/access.log", "middle\n");
       lab.rename("logs/access.log.1", "logs/access.log.2");
       lab.rename("logs/access.log", "logs/access.log.1");
       lab.append("logs/access.log", "two\n");
     },
     {"rest", "middle", "two"},
     {"open logs/access.log.1", "rename logs/access.log", "rename logs/access.log", "open logs/access.log"}},
    {"rotated three times by date between two looks",
     [](TailLab& lab, Writer&) {
       lab.rename("logs/access.log", "logs/access.log-20261121");
       lab.append("logs/access.log", "first\n");
       lab.rename("logs/access.log", "logs/access.log-20261122");
       lab.append("logs/access.log", "second\n");
       lab.rename("logs/access.log", "logs/access.log-20261123");
       lab.append("logs/access.log", "two\n");
     },
     {"first", "second", "two"},
     {"open logs/access.log-20261122", "rename logs/access.log", "open logs/access.log-20261123",
      "rename logs/access.log", "rename logs/access.log", "open logs/access.log"}},
    {"rotated twice between two looks, with no new file",
     [](TailLab& lab, Writer&) {
       lab.rename("logs/access.log", "logs/access.log.2");
       lab.append("logs/access.log.1", "middle\n");
       lab.look();
       lab.append("logs/access.log", "two\n");
     },
     {"middle", "two"},
     {"open logs/access.log.1", "rename logs/access.log", "rename logs/access.log", "open logs/access.log"}},
    {"renamed and compressed at once",
     [](TailLab& lab, Writer& writer) {
       writer.write("rest\n");
       lab.rename("logs/access.log", "logs/access.log.1");
       lab.compress("logs/access.log.1");
       lab.append("logs/access.log", "two\n");
     },
     {"rest", "two"},
     {"replace logs/access.log", "open logs/access.log"}},
    {"removed while the writer goes on, and made again",
     [](TailLab& lab, Writer& writer) {
       lab.remove("logs/access.log");
       writer.write("rest\n");
       lab.look();
       lab.drain();
       writer.write("late\n");
       lab.append("logs/access.log", "two\n");
       lab.look();
     },
     {"rest", "late", "two"},
     {"replace logs/access.log", "open logs/access.log"}},
    {"copied and truncated after all was read",
     [](TailLab& lab, Writer& writer) {
       lab.copy("logs/access.log", "logs/access.log.1");
       lab.look();
       lab.truncate("logs/access.log");
       lab.look();
       writer.write("two\n");
     },
     {"two"},
     {"truncate logs/access.log"}},
    {"copied and truncated between two looks, and longer than before by then",
     [](TailLab& lab, Writer& writer) {
       lab.copy("logs/access.log", "logs/access.log.1");
       lab.truncate("logs/access.log");
       writer.write("two\n" + kLong + "\nthree\n");
     },
     {"two", kLong, "three"},
     {"truncate logs/access.log"}},
    {"copied and truncated, then renamed",
     [](TailLab& lab, Writer& writer) {
       lab.copy("logs/access.log", "logs/access.log.1");
       lab.truncate("logs/access.log");
       writer.write("two\n");
       lab.look();
       lab.rename("logs/access.log.1", "logs/access.log.2");
       lab.rename("logs/access.log", "logs/access.log.1");
       lab.append("logs/access.log", "three\n");
     },
     {"two", "three"},
     {"truncate logs/access.log", "rename logs/access.log", "open logs/access.log"}},
    {"truncated with an unread rest that was seen",
     [](TailLab& lab, Writer& writer) {
       writer.write("unended");
       lab.look();
       lab.drain();
       lab.truncate("logs/access.log");
       writer.write("two\n");
     },
     {"two"},
     {"truncate logs/access.log", "lost logs/access.log: 7 truncated"}},
    {"cut within the line that was being written",
     [](TailLab& lab, Writer& writer) {
       writer.write("unended");
       lab.look();
       lab.drain();
       lab.truncate("logs/access.log", 4 + 2);  // "one", and "un"
       lab.look();
       writer.write("even\n");
     },
     {"uneven"},
     {"truncate logs/access.log", "lost logs/access.log: 5 truncated"}},
    {"the directory is replaced",
     [](TailLab& lab, Writer& writer) {
       writer.write("rest\n");
       lab.remove("logs");
       fs::create_directory(lab / "logs");
       lab.append("logs/access.log", "two\n");
       lab.look();
       lab.append("logs/access.log", "three\n");
     },
     {"rest", "two", "three"},
     {"replace logs/access.log", "open logs/access.log"}},
    {"the directory is renamed, and a new one made",
     [](TailLab& lab, Writer& writer) {
       lab.rename("logs", "logs.1");
       writer.write("late\n");
       lab.look();
       fs::create_directory(lab / "logs");
       lab.append("logs/access.log", "two\n");
     },
     {"late", "two"},
     {"rename logs/access.log", "open logs/access.log"}},
    {"put aside and put back",
     [](TailLab& lab, Writer& writer) {
       lab.rename("logs/access.log", "logs/aside");
       lab.look();
       writer.write("two\n");
       lab.rename("logs/aside", "logs/access.log");
       lab.look();
       writer.write("three\n");
     },
     {"two", "three"},
     {}},
};

}  // namespace

TEST_CASE("whatever happens to a log's name, each line counts once", "[tail][pitfall][pitfall-60]") {
  TailLab lab(any_hints());
  const auto& event = GENERATE(from_range(std::begin(kEvents), std::end(kEvents)));
  INFO("the log is " << event.what);
  fs::create_directory(lab / "logs");
  Writer writer = lab.writer("logs/access.log");
  lab.follow({"logs/access.log"});
  writer.write("one\n");
  lab.look();
  CHECK(lab.lines() == Lines{"one"});
  CHECK(lab.news() == Lines{"open logs/access.log"});

  event.happens(lab, writer);
  lab.look();
  CHECK(lab.lines() == event.lines);
  CHECK(lab.news() == event.news);
  lab.look();
  lab.drain();
  CHECK(lab.lines().empty());
  for (const std::string& path : lab.record.paths) CHECK(path == "logs/access.log");
}

TEST_CASE("rotated files that were there at the start are never read", "[tail]") {
  TailLab lab(any_hints());
  lab.append("access.log.1", "old\n");
  const bool exists = GENERATE(true, false);
  if (exists) lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.rename("access.log.1", "access.log.3");
  lab.append("access.log.2", "first\n");
  if (exists) {
    lab.rename("access.log", "access.log.1");
  }
  lab.append("access.log", "second\n");
  lab.look();
  // What lies at .2 is no older than what was there at the start.
  CHECK(lab.lines() == Lines{"first", "second"});
}

Lines sorted(Lines lines) {
  std::sort(lines.begin(), lines.end());
  return lines;
}

TEST_CASE("a file that takes another's name while we open it is not mistaken for it", "[tail]") {
  TailLab lab;
  lab.append("access.log", "");
  lab.append("access.log.1", "old\n");
  lab.follow({"access.log"});
  lab.rename("access.log.1", "access.log.2");
  lab.rename("access.log", "access.log.3");
  lab.append("access.log.1", "middle\n");
  lab.append("access.log", "two\n");
  lab.files.before_open(lab / "access.log.1", [&] {
    lab.rename("access.log.1", "aside");
    lab.rename("access.log.2", "access.log.1");
    lab.rename("aside", "access.log.2");
  });
  lab.look();
  lab.drain();
  CHECK(sorted(lab.lines()) == Lines{"middle", "two"});
}

TEST_CASE("a log that was out of sight is looked at as one that was rotated meanwhile", "[tail]") {
  TailLab lab(Hints::kNone);
  fs::create_directory(lab / "logs");
  lab.append("logs/a.log", "first\n");
  lab.follow({"logs/a.log"}, StartAt::kBeginning);
  lab.copy("logs/a.log", "logs/a.log.2");
  lab.truncate("logs/a.log");
  lab.append("logs/a.log", "second\n");
  lab.copy("logs/a.log", "logs/a.log.1");
  lab.truncate("logs/a.log");
  lab.append("logs/a.log", "3\n");
  // It sees that the log was truncated, and no more of it before the log is gone, as with a file system.
  lab.pass(lab.limits.rescan_interval);
  lab.tail().poll(lab.now());
  lab.rename("logs", "elsewhere");
  fs::create_directory(lab / "logs");
  lab.look();
  fs::remove(lab / "logs");
  lab.rename("elsewhere", "logs");
  lab.look();
  CHECK(sorted(lab.lines()) == Lines{"3", "first", "second"});
}

TEST_CASE("a pattern that matches rotated names as well reads each file once", "[tail]") {
  TailLab lab(any_hints());
  lab.append("access.log", "");
  lab.append("access.log.1", "old\n");
  lab.append("access.log.2.gz", "\x1f\x8b\n");
  lab.follow({"access.log*"});
  lab.append("access.log", "one\n");
  lab.look();
  lab.rename("access.log.1", "access.log.2");
  lab.rename("access.log", "access.log.1");
  lab.append("access.log.1", "late\n");
  lab.append("access.log", "two\n");
  lab.append("access.log.3.gz", "\x1f\x8b\n");
  lab.look();
  CHECK(lab.lines() == Lines{"one", "late", "two"});
  lab.copy("access.log", "access.log-20261121");
  lab.look();
  lab.truncate("access.log");
  lab.append("access.log", "three\n");
  lab.look();
  CHECK(lab.lines() == Lines{"three"});
}

TEST_CASE("a log that becomes another followed log goes on where it was", "[tail]") {
  TailLab lab(any_hints());
  lab.append("a.log", "");
  lab.follow({"*.log"});
  lab.append("a.log", "one\n");
  lab.look();
  lab.rename("a.log", "b.log");
  lab.append("b.log", "two\n");
  lab.look();
  CHECK(lab.lines() == Lines{"one", "two"});
  CHECK(lab.status().files_following == 1);
}

TEST_CASE("excluded files are not followed", "[tail]") {
  TailLab lab;
  for (const char* name : {"a.log", "b.log", "debug.log", "sub/c.log"}) {
    fs::create_directories(fs::path(lab / name).parent_path());
    lab.append(name, std::string(name) + '\n');
  }
  lab.follow_sources({{{lab / "**/*.log"}, {lab / "b.*", "debug*", lab / "sub/**"}, StartAt::kBeginning}});
  CHECK(lab.lines() == Lines{"a.log"});
}

TEST_CASE("lines with equal ends do not hide that a file was rewritten", "[tail]") {
  TailLab lab(any_hints());
  lab.append("access.log", "");
  lab.follow({"access.log"});
  const std::string ending(300, '-');  // more than a check of the last few bytes would look at
  lab.append("access.log", "GET /a 200" + ending + "\n");
  lab.look();
  lab.truncate("access.log");
  lab.append("access.log", "GET /b 200" + ending + "\nGET /c 200" + ending + "\n");
  lab.look();
  CHECK(lab.lines() == Lines{"GET /a 200" + ending, "GET /b 200" + ending, "GET /c 200" + ending});
}

}  // namespace tailmeter
