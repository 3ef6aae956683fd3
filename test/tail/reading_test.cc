// From the bytes of one file to lines.
#include <catch2/catch.hpp>

#include "test/tail/tail_lab.h"

namespace tailmeter {

TEST_CASE("lines written after the start are handed over once, in order, under the followed name", "[tail]") {
  TailLab lab(any_hints());
  lab.append("access.log", "old\n");
  lab.follow({"access.log"});
  lab.append("access.log", "one\ntwo\n");
  lab.look();
  lab.append("access.log", "\nthree\n");
  lab.look();
  lab.look();
  CHECK(lab.lines() == Lines{"one", "two", "", "three"});
  CHECK(lab.record.paths == Lines{"access.log", "access.log"});
  CHECK(lab.news() == Lines{"open access.log"});
}

TEST_CASE("however a line is written, it is handed over when it ends", "[tail]") {
  TailLab lab(any_hints());
  const std::string text = "one\ntwo\n\nthree\n";
  const auto cut = GENERATE_COPY(range(std::size_t{0}, text.size() + 1));
  CAPTURE(cut);
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", text.substr(0, cut));
  lab.look();
  const std::size_t pending = cut - (text.substr(0, cut).rfind('\n') + 1);
  CHECK(lab.status().pending_bytes == pending);
  CHECK(lab.status().lag_bytes == pending);
  lab.append("access.log", text.substr(cut));
  lab.look();
  CHECK(lab.lines() == Lines{"one", "two", "", "three"});
  CHECK(lab.status().lag_bytes == 0);
}

TEST_CASE("where a source begins at the end, the line being written at the start counts", "[tail]") {
  struct Case {
    const char* before;
    Lines expected;
  };
  const auto c =
      GENERATE(Case{"", {"ending", "new"}}, Case{"old\n", {"ending", "new"}}, Case{"old\nbeg", {"begending", "new"}},
               Case{"beg", {"begending", "new"}}, Case{"old\nolder\n", {"ending", "new"}});
  CAPTURE(c.before);
  TailLab lab;
  lab.append("access.log", c.before);
  lab.follow({"access.log"});
  CHECK(lab.lines().empty());
  lab.append("access.log", "ending\nnew\n");
  lab.look();
  CHECK(lab.lines() == c.expected);
}

TEST_CASE("a start in a line longer than the buffer skips its rest as one line", "[tail]") {
  TailLab lab;
  lab.limits.read_buffer_bytes = 16;
  lab.append("access.log", std::string(100, 'x'));
  lab.follow({"access.log"});
  lab.append("access.log", "xx\nnew\n");
  lab.look();
  CHECK(lab.lines() == Lines{"new"});
  CHECK(lab.record.oversize == Lines{"19"});  // the last 16 bytes that were there, 2 more, and the newline
}

TEST_CASE("where a source begins at the beginning, all that is there is read", "[tail]") {
  TailLab lab;
  lab.append("access.log", "old\nbeg");
  lab.follow({"access.log"}, StartAt::kBeginning);
  CHECK(lab.lines() == Lines{"old"});
  lab.append("access.log", "un\n");
  lab.look();
  CHECK(lab.lines() == Lines{"begun"});
}

TEST_CASE("a file that appears after the start is read whole", "[tail]") {
  TailLab lab(any_hints());
  lab.follow({"access.log", "sites/*/access.log"});
  CHECK(lab.news().empty());
  std::filesystem::create_directories(lab / "sites/a");
  lab.append("access.log", "one\n");
  lab.append("sites/a/access.log", "two\n");
  lab.look();
  CHECK(lab.lines() == Lines{"one", "two"});
  CHECK(lab.status().files_following == 2);
}

TEST_CASE("the longest line that fits is handed over, and one byte more is skipped and reported once",
          "[tail][pitfall][pitfall-30]") {
  const std::size_t bytes = GENERATE(as<std::size_t>{}, 15, 16, 17, 31, 32, 33, 1000);
  const auto piece = GENERATE_COPY(as<std::size_t>{}, 1, 7, 16, bytes);
  CAPTURE(bytes, piece);
  TailLab lab;
  lab.limits.read_buffer_bytes = 16;
  lab.append("access.log", "");
  lab.follow({"access.log"});
  const std::string text = "a\n" + std::string(bytes - 1, 'x') + "\nb\n";
  for (std::size_t at = 0; at < text.size(); at += piece) {
    lab.append("access.log", text.substr(at, piece));
    lab.look();
  }
  const bool fits = bytes <= 16;
  CHECK(lab.lines() == (fits ? Lines{"a", std::string(bytes - 1, 'x'), "b"} : Lines{"a", "b"}));
  CHECK(lab.record.oversize == (fits ? Lines{} : Lines{std::to_string(bytes)}));
  CHECK(lab.status().lag_bytes == 0);
}

TEST_CASE("files take turns: a long backlog does not hold up another file", "[tail]") {
  TailLab lab;
  lab.limits.read_buffer_bytes = 64;
  lab.append("a.log", "");
  lab.append("b.log", "");
  lab.follow({"*.log"});
  std::string backlog;
  for (int i = 0; i < 50; ++i) backlog += "line of a\n";
  lab.append("a.log", backlog);
  lab.append("b.log", "line of b\n");
  lab.pass(lab.limits.read_interval);
  lab.tail().poll(lab.now());
  CHECK(lab.lines() ==
        Lines{"line of a", "line of a", "line of a", "line of a", "line of a", "line of a", "line of b"});
  CHECK(lab.tail().next_deadline() == lab.now());
  lab.look();
  CHECK(lab.lines().size() == 44);
}

TEST_CASE("bytes that were seen to be there and are truncated before their turn are lost, and no more than those",
          "[tail]") {
  TailLab lab(Hints::kNone);
  lab.limits.read_buffer_bytes = 64;
  lab.append("access.log", "");
  lab.follow({"access.log"});
  for (int i = 0; i < 50; ++i) lab.append("access.log", "ten bytes\n");
  lab.pass(lab.limits.rescan_interval);
  lab.tail().poll(lab.now());
  CHECK(lab.lines().size() == 6);
  CHECK(lab.status().lag_bytes == 440);
  lab.append("access.log", "written and truncated between two looks\n");
  lab.truncate("access.log");
  for (int i = 0; i < 100; ++i) lab.append("access.log", "new bytes\n");
  lab.look();
  CHECK(lab.lines().size() == 100);
  CHECK(lab.news() == Lines{"open access.log", "truncate access.log", "lost access.log: 440 truncated"});
}

TEST_CASE("NULs where a file was truncated under a writer that keeps its place are skipped", "[tail]") {
  TailLab lab(any_hints());
  lab.limits.read_buffer_bytes = 64;
  const Writer writer = lab.writer("access.log", Writer::Mode::kNoAppend);
  lab.follow({"access.log"});
  writer.write(std::string(299, 'x') + "\n");
  lab.look();
  CHECK(lab.record.oversize == Lines{"300"});
  lab.truncate("access.log");
  lab.look();
  writer.write("one\n");
  writer.write("two\n");
  lab.look();
  CHECK(lab.lines() == Lines{"one", "two"});
  CHECK(lab.status().totals.nul_bytes == 300);
  lab.append("access.log", std::string("\0three\n", 7));
  lab.look();
  CHECK(lab.lines() == Lines{std::string("\0three", 6)});
}

TEST_CASE("a look at a file costs one read, with or without news in it", "[tail]") {
  TailLab lab(Hints::kNone);
  lab.append("access.log", "one\n");
  lab.follow({"access.log"}, StartAt::kBeginning);
  const int before = lab.files.reads();
  lab.look();
  CHECK(lab.files.reads() == before + 1);
  lab.append("access.log", "two\n");
  lab.look();
  CHECK(lab.files.reads() == before + 2);
}

}  // namespace tailmeter
