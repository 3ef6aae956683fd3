// How long a file that lost its name is kept, and what becomes of its last line.
#include <filesystem>

#include <catch2/catch.hpp>

#include "test/tail/tail_lab.h"

namespace tailmeter {
namespace {

namespace fs = std::filesystem;

}  // namespace

TEST_CASE("a last line without an end counts once nobody is left to end it", "[tail]") {
  TailLab lab(any_hints());
  const bool is_removed = GENERATE(true, false);
  CAPTURE(is_removed);
  const Writer writer = lab.writer("access.log");
  lab.follow({"access.log"});
  writer.write("one\nun");
  lab.look();
  is_removed ? lab.remove("access.log") : lab.rename("access.log", "access.log.1");
  lab.append("access.log", "two\n");
  lab.look();
  CHECK(lab.lines() == Lines{"one", "two"});
  writer.write("ended");
  lab.look_after_quiet_time();
  CHECK(lab.lines() == Lines{"unended"});
  CHECK(lab.news() == Lines{"open access.log", is_removed ? "replace access.log" : "rename access.log",
                            "open access.log", "done access.log"});
  CHECK(lab.status().totals.appended_newlines == 1);
  CHECK(lab.status().pending_bytes == 0);
  lab.look_after_quiet_time();
  CHECK(lab.lines().empty());
}

TEST_CASE("the unended last line of a file that keeps its name waits for ever", "[tail]") {
  TailLab lab(any_hints());
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "un");
  lab.look_after_quiet_time();
  lab.append("access.log", "ended\n");
  lab.look();
  CHECK(lab.lines() == Lines{"unended"});
}

TEST_CASE("a rotated file is draining until it is quiet, and late lines still count after that", "[tail]") {
  TailLab lab(Hints::kNone);
  const Writer writer = lab.writer("access.log");
  lab.follow({"access.log"});
  lab.rename("access.log", "access.log.1");
  lab.append("access.log", "");
  lab.look();
  CHECK(lab.status().files_draining == 1);
  for (int i = 0; i < 3; ++i) {
    lab.pass(lab.limits.quiet_before_done - std::chrono::seconds{15});
    writer.write("late\n");
    lab.look();
    lab.pass(std::chrono::seconds{10});
    lab.look();
    CHECK(lab.status().files_draining == 1);
  }
  CHECK(lab.lines() == Lines{"late", "late", "late"});
  lab.look_after_quiet_time();
  CHECK(lab.status().files_draining == 0);
  CHECK(lab.news() == Lines{"open access.log", "rename access.log", "open access.log", "done access.log"});

  writer.write("very late\n");
  lab.look();
  CHECK(lab.lines() == Lines{"very late"});
  CHECK(lab.status().files_draining == 1);
  lab.look_after_quiet_time();
  CHECK(lab.news() == Lines{"done access.log"});
}

TEST_CASE("a file that was done and takes its name back goes on where it was", "[tail]") {
  TailLab lab(any_hints());
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "one\n");
  lab.look();
  lab.rename("access.log", "aside");
  lab.look_after_quiet_time();
  lab.append("aside", "two\n");
  lab.rename("aside", "access.log");
  lab.look();
  CHECK(lab.lines() == Lines{"one", "two"});
  CHECK(lab.news() == Lines{"open access.log", "done access.log"});
}

TEST_CASE("files that are done are kept open up to a limit, and let go of when they are unlinked", "[tail]") {
  TailLab lab(Hints::kNone);
  lab.limits.done_generations_max = 2;
  lab.append("access.log", "");
  lab.follow({"access.log"});
  const auto descriptors = [] {
    return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
  };
  const auto at_start = descriptors();
  for (int i = 1; i <= 4; ++i) {
    lab.rename("access.log", "access.log-2026112" + std::to_string(i));
    lab.append("access.log", "");
    lab.look_after_quiet_time();
  }
  CHECK(descriptors() == at_start + 2);
  lab.remove("access.log-20261123");
  lab.remove("access.log-20261124");
  lab.look();
  CHECK(descriptors() == at_start);
  CHECK(lab.lines().empty());
}

}  // namespace tailmeter
