// Files that lie where their rotated names are not sought, and are found by their identity.
#include <filesystem>
#include <optional>

#include <catch2/catch.hpp>

#include "test/tail/tail_lab.h"

namespace tailmeter {
namespace {

struct Move {
  const char* what;
  const char* from;  // what the name current.log leads to
  const char* to;    // the same again: only the link is switched
};

constexpr Move kMoves[] = {
    {"a link was switched", "logs/app.INFO.1.77", "logs/app.INFO.1.77"},
    {"a link to another directory was switched", "data/app-1.txt", "data/app-1.txt"},
    {"a link was switched, and what it led to renamed", "logs/app-1.txt", "logs/app-1.txt.old"},
    {"a link was switched, and what it led to moved below", "data/app-1.txt", "data/old/app-1.txt"},
    {"the file was renamed by hand", nullptr, "logs/current.log.old"},
    {"the file was moved to an olddir beside", nullptr, "old/current.log.1"},
    {"the file was moved to an olddir below", nullptr, "logs/old/current.log.1"},
};

// A tree of logs, and a writer of the one that logs/current.log is or leads to.
struct Tree {
  explicit Tree(const Move& tested) : move(tested) {
    for (const char* directory : {"logs", "logs/old", "old", "data", "data/old"}) {
      std::filesystem::create_directory(lab / directory);
    }
    if (move.from != nullptr) lab.link(lab / move.from, "logs/current.log");
    writer.emplace(lab.writer(move.from != nullptr ? move.from : "logs/current.log"));
  }

  void rotate() {
    const std::string from = move.from != nullptr ? move.from : "logs/current.log";
    if (from != move.to) lab.rename(from, move.to);
    lab.append("logs/next", "new\n");
    if (move.from != nullptr) {
      lab.link(lab / "logs/next", "logs/current.log");
    } else {
      lab.rename("logs/next", "logs/current.log");
    }
  }

  const Move& move;
  TailLab lab;
  std::optional<Writer> writer;
};

}  // namespace

TEST_CASE("what a name led to before we were down is read on, wherever it lies near by", "[tail]") {
  for (const Move& move : kMoves) {
    INFO(move.what);
    Tree tree(move);
    tree.lab.follow({"logs/current.log"});
    tree.writer->write("one\n");
    tree.lab.look();
    static_cast<void>(tree.lab.news());
    tree.lab.restart(tree.lab.save(), [&] {
      tree.writer->write("two\n");
      tree.rotate();
    });
    CHECK(tree.lab.lines() == Lines{"one", "two", "new"});
    tree.writer->write("late\n");
    tree.lab.drain();
    CHECK(tree.lab.lines() == Lines{"late"});
    for (const std::string& news : tree.lab.news()) CHECK_FALSE(news.starts_with("vanished"));
  }
}

TEST_CASE("what a name led to before it was switched is read on after a crash", "[tail]") {
  for (const Move& move : kMoves) {
    INFO(move.what);
    Tree tree(move);
    tree.lab.follow({"logs/current.log"});
    tree.writer->write("one\n");
    tree.lab.look();
    tree.rotate();
    tree.lab.look();
    tree.lab.restart(tree.lab.save(), [&] { tree.writer->write("late\n"); });
    CHECK(tree.lab.lines() == Lines{"one", "new", "late"});
    tree.lab.restart(tree.lab.save());
    tree.lab.look_after_quiet_time();
    tree.lab.restart(tree.lab.save());
    CHECK(tree.lab.lines().empty());
    for (const std::string& news : tree.lab.news()) CHECK_FALSE(news.starts_with("vanished"));
  }
}

TEST_CASE("an olddir is found among many directories", "[tail]") {
  TailLab lab;
  const std::string old = GENERATE("logs/old", "old");
  CAPTURE(old);
  std::filesystem::create_directory(lab / "logs");
  for (int i = 0; i < 200; ++i) {
    std::filesystem::create_directory(lab / (std::filesystem::path(old).parent_path() / std::to_string(i)).string());
  }
  std::filesystem::create_directory(lab / old);
  lab.append("logs/access.log", "");
  lab.follow({"logs/access.log"});
  lab.append("logs/access.log", "one\n");
  lab.look();
  lab.restart(lab.save(), [&] {
    lab.append("logs/access.log", "two\n");
    lab.rename("logs/access.log", old + "/access.log.1");
    lab.append("logs/access.log", "three\n");
  });
  CHECK(lab.lines() == Lines{"one", "two", "three"});
}

TEST_CASE("a file that another log was written into is not read on", "[tail]") {
  TailLab lab;
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "one\n");
  lab.look();
  lab.restart(lab.save(), [&] {
    lab.rename("access.log", "other");
    lab.truncate("other");
    lab.append("other", "what others write\n");
    lab.append("access.log", "two\n");
  });
  CHECK(lab.lines() == Lines{"one", "two"});
}

TEST_CASE("a file that is nowhere near is missed, with what was seen of it", "[tail]") {
  TailLab lab;
  for (const char* directory : {"logs", "far", "far/away"}) std::filesystem::create_directory(lab / directory);
  lab.append("logs/access.log", "");
  lab.follow({"logs/access.log"});
  lab.append("logs/access.log", "one\ntw");
  lab.look();
  static_cast<void>(lab.news());
  lab.restart(lab.save(), [&] {
    lab.rename("logs/access.log", "far/away/access.log.1");
    lab.append("logs/access.log", "two\n");
  });
  CHECK(lab.lines() == Lines{"one", "two"});
  CHECK(lab.news() == Lines{"replace logs/access.log", "open logs/access.log", "vanished logs/access.log: 4 of 6",
                            "lost logs/access.log: 2 vanished"});
}

}  // namespace tailmeter
