// Logs behind symbolic links, and files with two names, each with hints and by looking alone.
#include <filesystem>

#include <catch2/catch.hpp>

#include "test/tail/tail_lab.h"

namespace tailmeter {

namespace fs = std::filesystem;

TEST_CASE("a symbolic link that is led to another file is a rotation", "[tail]") {
  TailLab lab(any_hints());
  fs::create_directory(lab / "data");
  Writer writer = lab.writer("data/first");
  lab.link("data/first", "access.log");
  lab.follow({"access.log"});
  writer.write("one\n");
  lab.look();
  CHECK(lab.lines() == Lines{"one"});

  lab.append("data/second", "two\n");
  lab.link("data/second", "access.log");
  writer.write("late\n");
  lab.look();
  CHECK(lab.lines() == Lines{"late", "two"});
  CHECK(lab.news() == Lines{"open access.log", "rename access.log", "open access.log"});
  CHECK(lab.status().files_draining == 1);
}

TEST_CASE("a log behind a symbolic link is rotated in its own directory", "[tail]") {
  TailLab lab(any_hints());
  fs::create_directory(lab / "data");
  lab.append("data/access.log", "");
  lab.append("data/access.log.1", "older\n");
  lab.link("data/access.log", "current.log");
  lab.follow({"current.log"});
  lab.rename("data/access.log.1", "data/access.log.3");
  lab.rename("data/access.log", "data/access.log.2");
  lab.append("data/access.log.1", "middle\n");
  lab.append("data/access.log", "two\n");
  lab.look();
  CHECK(lab.lines() == Lines{"middle", "two"});

  fs::create_directory(lab / "other");
  lab.append("other/access.log.1", "older\n");
  lab.append("other/access.log", "three\n");
  lab.link("other/access.log", "current.log");
  lab.look();
  CHECK(lab.lines() == Lines{"three"});
  lab.rename("other/access.log.1", "other/access.log.3");
  lab.rename("other/access.log", "other/access.log.2");
  lab.append("other/access.log.1", "between\n");
  lab.append("other/access.log", "four\n");
  lab.look();
  CHECK(lab.lines() == Lines{"between", "four"});
}

TEST_CASE("a file under two names of one source is read once, and by each of two sources", "[tail]") {
  TailLab lab(any_hints());
  lab.append("a.log", "");
  fs::create_hard_link(lab / "a.log", lab / "b.log");
  const FollowedSource source{{lab / "*.log", lab / "a.log"}, {}, StartAt::kEnd};
  lab.follow_sources({source, source});
  lab.append("b.log", "one\n");
  lab.look();
  CHECK(lab.lines() == Lines{"one", "one"});
  CHECK(lab.status().files_following == 1);

  // One of the names is rotated away: the file still has the other, for as long as that stays.
  lab.rename("a.log", "a.old");
  lab.append("a.log", "new\n");
  lab.look();
  CHECK(lab.status().files_following == 2);
  lab.look_after_quiet_time();
  CHECK(lab.status().files_following == 2);
  lab.append("b.log", "two\n");
  lab.look();
  CHECK(lab.lines() == Lines{"new", "new", "two", "two"});
}

}  // namespace tailmeter
