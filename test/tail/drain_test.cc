// A drain, while names change under its eyes.
#include <functional>
#include <string>

#include <catch2/catch.hpp>

#include "test/tail/tail_lab.h"

namespace tailmeter {
namespace {

TEST_CASE("a scrape has the lines of a log that is rotated while it looks", "[tail]") {
  TailLab lab(any_hints());
  lab.append("a.log", "first\n");
  lab.follow({"a.log"}, StartAt::kBeginning);
  CHECK(lab.lines() == Lines{"first"});
  lab.rename("a.log", "a.log.1");
  lab.append("a.log", "second\n");
  lab.files.before_open(lab / "a.log", [&] {
    lab.rename("a.log.1", "a.log.2");
    lab.rename("a.log", "a.log.1");
  });
  CHECK(lab.drain());
  CHECK(lab.lines() == Lines{"second"});
}

TEST_CASE("a scrape has the lines of a rotated log that gets another name while it is looked for", "[tail]") {
  TailLab lab(any_hints());
  lab.append("a.log", "first\n");
  lab.follow({"a.log"}, StartAt::kBeginning);
  CHECK(lab.lines() == Lines{"first"});
  lab.rename("a.log", "a.log.2");
  lab.append("a.log.1", "second\n");
  lab.append("a.log", "third\n");
  lab.files.before_open(lab / "a.log.1", [&] {
    lab.rename("a.log.2", "a.log.3");
    lab.rename("a.log.1", "a.log.2");
    lab.rename("a.log", "a.log.1");
  });
  CHECK(lab.drain());
  CHECK(lab.lines() == Lines{"second", "third"});
}

TEST_CASE("a scrape has the lines of a log that is renamed whenever it is about to be opened", "[tail]") {
  TailLab lab(any_hints());
  lab.append("a.log", "first\n");
  lab.follow({"a.log"}, StartAt::kBeginning);
  CHECK(lab.lines() == Lines{"first"});
  lab.rename("a.log", "a.log.9");
  lab.append("a.log", "second\n");
  std::string before = "a.log";
  for (const char* const name : {"a.log.1", "a.log.2", "a.log.3", "a.log.4", "a.log.5", "a.log.6"}) {
    lab.files.before_open(lab / before, [&lab, before, name] { lab.rename(before, name); });
    before = name;
  }
  CHECK(lab.drain());
  CHECK(lab.lines() == Lines{"second"});
}

TEST_CASE("a drain gives up when names change for ever, and says so", "[tail]") {
  TailLab lab(any_hints());
  lab.append("a.log", "first\n");
  lab.follow({"a.log"}, StartAt::kBeginning);
  std::function<void()> change = [&] {
    lab.rename("a.log", "b");
    lab.append("a.log", "more\n");
    lab.files.before_open(lab / "a.log", change);
  };
  lab.rename("a.log", "b");
  lab.append("a.log", "more\n");
  lab.files.before_open(lab / "a.log", change);
  CHECK_FALSE(lab.drain());
}

}  // namespace
}  // namespace tailmeter
