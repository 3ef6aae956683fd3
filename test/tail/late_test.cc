// What shows late: the rest of a log that was given up, and old logs in another form.
#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>

#include "test/support/compress.h"
#include "test/tail/tail_lab.h"

namespace tailmeter {
namespace {

namespace fs = std::filesystem;

// A volume that is mounted late: its directory is empty until then, and what is on it is nowhere near.
class Volume {
 public:
  explicit Volume(const TailLab& lab) : lab_(lab) {
    fs::create_directory(lab_ / "logs");
    fs::create_directory(lab_ / "far");
  }

  void unmount() const {
    lab_.rename("logs", "far/away");
    fs::create_directory(lab_ / "logs");
  }
  void mount() const {
    fs::remove(lab_ / "logs");
    lab_.rename("far/away", "logs");
  }

 private:
  const TailLab& lab_;
};

// What matches a name is forgotten when the name is gone, one that is given is not.
std::string any_pattern() {
  return GENERATE(std::string("logs/a.log"), std::string("logs/*.log"));
}

// Has read so many lines of a log on it.
void follow_log(TailLab& lab, const std::string& pattern, int lines) {
  lab.append("logs/a.log", "");
  lab.follow({pattern});
  lab.append("logs/a.log", lines_of('a', 0, lines));
  lab.look();
  REQUIRE(lab.lines().size() == static_cast<std::size_t>(lines));
}

std::string header_of_lines(int count) {
  std::string header;
  for (int line = 0; line < count; ++line) header += "# " + std::string(58, static_cast<char>('a' + line)) + '\n';
  return header;
}

Lines lines_behind_header(TailLab& lab) {
  Lines lines = lab.lines();
  std::erase_if(lines, [](const std::string& line) { return line.starts_with('#'); });
  std::sort(lines.begin(), lines.end());
  return lines;
}

enum class Way { kRename, kRenameCompress, kCopytruncate, kCopytruncateCompress };

void rotate(const TailLab& lab, Way way) {
  const bool is_copied = way == Way::kCopytruncate || way == Way::kCopytruncateCompress;
  if (is_copied) {
    lab.copy("logs/a.log", "logs/a.log.1");
    lab.truncate("logs/a.log");
  } else {
    lab.rename("logs/a.log", "logs/a.log.1");
    lab.append("logs/a.log", "");
  }
  if (way == Way::kRenameCompress || way == Way::kCopytruncateCompress) lab.compress("logs/a.log.1");
}

}  // namespace

TEST_CASE("a log that was rotated while its volume was away goes on where it was", "[tail]") {
  const Way way = GENERATE(Way::kRename, Way::kRenameCompress, Way::kCopytruncate, Way::kCopytruncateCompress);
  const bool is_long = GENERATE(false, true);
  const bool is_down = GENERATE(false, true);
  CAPTURE(static_cast<int>(way), is_long, is_down);
  TailLab lab;
  const Volume volume(lab);
  follow_log(lab, any_pattern(), is_long ? 9000 : 20);
  const auto go_on = [&] {
    lab.append("logs/a.log", "unread\n");
    rotate(lab, way);
    lab.append("logs/a.log", "new\n");
    volume.unmount();
  };
  if (is_down) {
    lab.restart(lab.save(), go_on);
  } else {
    lab.restart(lab.save(), [&] { volume.unmount(); });
    volume.mount();
    go_on();
  }
  if (GENERATE(false, true)) lab.look_after_quiet_time();
  volume.mount();
  lab.look();
  lab.look_after_quiet_time();
  Lines lines = lab.lines();
  std::sort(lines.begin(), lines.end());
  CHECK(lines == Lines{"new", "unread"});
}

TEST_CASE("a log that a crash shortened, and that was rotated while its volume was away, goes on where it was cut",
          "[tail]") {
  const Way way = GENERATE(Way::kRename, Way::kRenameCompress, Way::kCopytruncate, Way::kCopytruncateCompress);
  CAPTURE(static_cast<int>(way));
  TailLab lab;
  const Volume volume(lab);
  follow_log(lab, any_pattern(), 20);
  lab.restart(
      lab.save(),
      [&] {
        lab.truncate("logs/a.log", lines_of('a', 0, 10).size());
        lab.append("logs/a.log", "new\n");
        rotate(lab, way);
        volume.unmount();
      },
      true);
  volume.mount();
  lab.look();
  lab.look_after_quiet_time();
  std::size_t doubled_bytes = 0;
  const Lines lines = lab.lines();
  for (const std::string& line : lines) doubled_bytes += line == "new" ? 0 : line.size() + 1;
  CHECK(std::count(lines.begin(), lines.end(), "new") == 1);
  CHECK(doubled_bytes <= lab.status().totals.uncertain_bytes);
}

TEST_CASE("a log with the header of another one is not taken for that when both come late after a crash", "[tail]") {
  const std::string header = header_of_lines(10);
  TailLab lab;
  const Volume volume(lab);
  lab.follow({any_pattern()});
  Lines expected;
  SECTION("of the older one the crash left less than the header, of the other one there is more") {
    lab.append("logs/a.log.1", header + lines_of('a', 0, 20));
    lab.append("logs/a.log", header + lines_of('b', 0, 10));
    lab.look();
    lab.restart(
        lab.save(),
        [&] {
          lab.truncate("logs/a.log.1", 30);
          lab.append("logs/a.log", "unread\n");
          lab.rename("logs/a.log.1", "logs/a.log.2");
          lab.rename("logs/a.log", "logs/a.log.1");
          lab.append("logs/a.log", header.substr(0, 40));
          volume.unmount();
        },
        true);
    expected = {"unread"};
  }
  SECTION("one had nothing but the header, and less is left of that") {
    lab.append("logs/a.log", header + lines_of('a', 0, 20) + "pending");
    lab.look();
    lab.rename("logs/a.log", "logs/a.log.1");
    lab.append("logs/a.log", header);
    lab.look();
    lab.restart(
        lab.save(),
        [&] {
          lab.truncate("logs/a.log.1", header.size() + lines_of('a', 0, 20).size() + 3);
          lab.append("logs/a.log.1", "\n");
          lab.truncate("logs/a.log", 100);
          volume.unmount();
        },
        true);
    expected = {"pen"};
  }
  const Lines read = lines_behind_header(lab);
  REQUIRE(read.size() >= 20);
  lab.look_after_quiet_time();
  // Until the log itself is opened.
  lab.files.fail_open(lab / "logs/a.log.1", std::make_error_code(std::errc::io_error));
  lab.files.before_open(lab / "logs/a.log", [&] { lab.files.fail_open(lab / "logs/a.log.1", {}); });
  volume.mount();
  lab.look();
  lab.look_after_quiet_time();
  CHECK(lines_behind_header(lab) == expected);
}

TEST_CASE("a drain waits for no later look at what begins like a log that was given up, and is back", "[tail]") {
  const bool is_after_crash = GENERATE(false, true);
  CAPTURE(is_after_crash);
  const std::string header = header_of_lines(10);
  TailLab lab;
  const Volume volume(lab);
  lab.follow({any_pattern(), "b.log"});
  lab.append("logs/a.log", header);
  lab.append("b.log", "");
  lab.look();
  lab.restart(
      lab.save(),
      [&] {
        lab.rename("logs/a.log", "logs/a.log.1");
        lab.append("logs/a.log.1", "unread\n");
        volume.unmount();
      },
      is_after_crash);
  lab.look_after_quiet_time();
  static_cast<void>(lab.lines());
  // Right after it has read something it looks at names, but does not read.
  lab.append("b.log", "something\n");
  lab.tail().poll(lab.now());
  REQUIRE(lines_behind_header(lab) == Lines{"something"});
  volume.mount();
  lab.append("logs/a.log", header);
  lab.tail().poll(lab.now());
  REQUIRE(lines_behind_header(lab).empty());

  lab.rename("logs/a.log.1", "logs/a.log.3");
  lab.rename("logs/a.log", "logs/a.log.2");
  lab.append("logs/a.log.1", header + "one\n");
  lab.append("logs/a.log", header + "two\n");
  REQUIRE(lab.drain());
  CHECK(lines_behind_header(lab) == Lines{"one", "two", "unread"});
}

TEST_CASE("what a crash left of a log is no copy of it if more was written behind that", "[tail]") {
  const bool is_found_first = GENERATE(false, true);
  CAPTURE(is_found_first);
  TailLab lab;
  const Volume volume(lab);
  lab.append("logs/a.log", "");
  lab.follow({any_pattern()});
  std::string lines;
  for (int line = 0; line < 60; ++line) lines += std::string(99, static_cast<char>('A' + line)) + '\n';
  lab.append("logs/a.log", lines);
  lab.look();
  REQUIRE(lab.lines().size() == 60);
  // In the middle of the last line but one.
  const auto crash = [&] {
    lab.truncate("logs/a.log", lines.size() - 150);
    lab.append("logs/a.log", "new\n");
  };
  const auto rotate_unseen = [&] {
    rotate(lab, Way::kCopytruncate);
    volume.unmount();
  };
  if (is_found_first) {
    lab.restart(
        lab.save(),
        [&] {
          crash();
          volume.unmount();
        },
        true);
    volume.mount();
    lab.tail().poll(lab.now());
    lab.restart(lab.save(), rotate_unseen);
  } else {
    lab.restart(
        lab.save(),
        [&] {
          crash();
          rotate_unseen();
        },
        true);
  }
  lab.look_after_quiet_time();
  static_cast<void>(lab.lines());
  volume.mount();
  lab.look();
  lab.look_after_quiet_time();
  Lines found = lab.lines();
  std::erase_if(found, [](const std::string& line) { return !line.ends_with("new"); });
  CHECK(found.size() == 1);
}

TEST_CASE("what was taken for a copy of a log is read once that is given up", "[tail]") {
  TailLab lab;
  const Volume volume(lab);
  const std::string header = header_of_lines(10);
  lab.append("logs/a.log", header);
  lab.follow({any_pattern()}, StartAt::kBeginning);
  lab.restart(lab.save(), [&] {
    lab.append("logs/a.log", "unread\n");
    lab.rename("logs/a.log", "logs/a.log.1");
    lab.append("logs/a.log", header);
    volume.unmount();
  });
  lab.look_after_quiet_time();
  // Another one, of which so much was read when the machine stopped that it begins like all of them.
  lab.append("logs/a.log", header_of_lines(3));
  lab.look();
  lab.restart(
      lab.save(),
      [&] {
        lab.remove("logs/a.log");
        volume.mount();
      },
      true);
  lab.look();
  lab.look_after_quiet_time();
  lab.look();
  CHECK(lines_behind_header(lab) == Lines{"unread"});
}

TEST_CASE("of several that were given up, the one goes on of which most is there", "[tail]") {
  TailLab lab;
  const Volume volume(lab);
  const std::string header = header_of_lines(10);
  lab.append("logs/a.log", header + lines_of('a', 0, 20));
  lab.follow({any_pattern()}, StartAt::kBeginning);
  lab.rename("logs/a.log", "logs/a.log.1");
  lab.append("logs/a.log", header);
  lab.look();
  REQUIRE(lines_behind_header(lab).size() == 20);
  // It took the end of the last line of the one, and all of the other.
  lab.restart(
      lab.save(),
      [&] {
        lab.truncate("logs/a.log.1", (header + lines_of('a', 0, 20)).size() - 2);
        lab.remove("logs/a.log");
        volume.unmount();
      },
      true);
  lab.look_after_quiet_time();
  REQUIRE(lines_behind_header(lab) == Lines{});
  volume.mount();
  lab.compress("logs/a.log.1");
  lab.look();
  lab.look_after_quiet_time();
  const Lines lines = lines_behind_header(lab);
  CHECK(std::find(lines.begin(), lines.end(), "a0") == lines.end());
}

TEST_CASE("what was a copy before a crash is not what that left of a log", "[tail]") {
  TailLab lab;
  lab.append("a.log", "");
  lab.follow({"a.log"});
  lab.append("a.log", lines_of('a', 0, 20));
  lab.look();
  lab.copy("a.log", "a.log.1");
  lab.truncate("a.log.1", lines_of('a', 0, 8).size() - 1);
  lab.remove("a.log");
  lab.look();
  REQUIRE(lab.lines().size() == 20);
  lab.restart(lab.save(), {}, true);
  lab.look_after_quiet_time();
  lab.look();
  CHECK(lab.lines() == Lines{});
}

TEST_CASE("what was a copy before a crash and has more in it after that is read at once", "[tail]") {
  TailLab lab;
  const std::string header = header_of_lines(10);
  lab.append("a.log", header);
  lab.follow({"a.log"}, StartAt::kBeginning);
  lab.append("a.log", lines_of('a', 0, 3));
  lab.look();
  REQUIRE(lines_behind_header(lab).size() == 3);
  // Nothing yet tells that it is not a copy that was cut short.
  lab.restart(lab.save(), [&] {
    lab.rename("a.log", "a.log.2");
    lab.append("a.log.1", header);
    lab.append("a.log", "");
  });
  lab.look();
  lab.restart(
      lab.save(),
      [&] {
        lab.append("a.log.1", "b\nc\n");
        lab.compress("a.log.2");
        lab.truncate("a.log.2.gz", 30);
      },
      true);
  lab.look();
  CHECK(lines_behind_header(lab) == Lines{"b", "c"});
}

TEST_CASE("a log that was compressed while its volume was away goes on where it was, and is not taken for old",
          "[tail]") {
  TailLab lab;
  const Volume volume(lab);
  follow_log(lab, any_pattern(), 20);
  lab.rename("logs/a.log", "logs/a.log-20261001");
  lab.append("logs/a.log", "");
  lab.look();
  lab.restart(lab.save(), [&] {
    lab.append("logs/a.log-20261001", "unread\n");
    lab.compress("logs/a.log-20261001");
    volume.unmount();
  });
  lab.look_after_quiet_time();
  volume.mount();
  lab.rename("logs/a.log", "logs/a.log-20261002");
  lab.append("logs/a.log", "new\n");
  lab.look();
  lab.look_after_quiet_time();
  Lines lines = lab.lines();
  std::sort(lines.begin(), lines.end());
  CHECK(lines == Lines{"new", "unread"});
}

TEST_CASE("an old log is not read when it is unpacked, or packed in another way", "[tail]") {
  const bool is_long = GENERATE(false, true);
  TailLab lab(any_hints());
  const std::string old = lines_of('a', 0, is_long ? 9000 : 20);
  lab.append("a.log.2", old);
  lab.compress("a.log.2");
  lab.append("a.log.1", lines_of('b', 0, 20));
  lab.append("a.log", lines_of('c', 0, 20));
  lab.follow({"a.log"});
  lab.append("a.log", "new\n");
  lab.look();
  REQUIRE(lab.lines() == Lines{"new"});
  SECTION("unpacked while it is followed") {
    lab.remove("a.log.2.gz");
    lab.append("a.log.2", old);
  }
  SECTION("unpacked beside it") {
    lab.append("a.log.2", old);
  }
  SECTION("unpacked while it is down") {
    lab.restart(lab.save(), [&] {
      lab.remove("a.log.2.gz");
      lab.append("a.log.2", old);
    });
  }
  SECTION("packed by zstd") {
    lab.remove("a.log.2.gz");
    lab.append("a.log.2.zst", zstd(old));
  }
  lab.look();
  lab.look_after_quiet_time();
  CHECK(lab.lines().empty());
}

TEST_CASE("a compressed log that nobody could read for long goes on where it was", "[tail]") {
  TailLab lab;
  lab.append("a.log", "");
  lab.follow({"a.log"});
  lab.append("a.log", lines_of('a', 0, 9000));
  lab.look();
  REQUIRE(lab.lines().size() == 9000);
  const std::error_code forbidden = std::make_error_code(std::errc::permission_denied);
  lab.restart(lab.save(), [&] {
    lab.append("a.log", "unread\n");
    lab.rename("a.log", "a.log.1");
    lab.compress("a.log.1");
    lab.append("a.log", "new\n");
    lab.files.fail_open(lab / "a.log.1.gz", forbidden);
  });
  lab.look_after_quiet_time();
  REQUIRE(lab.lines() == Lines{"new"});
  lab.files.fail_open(lab / "a.log.1.gz", {});
  lab.look();
  lab.look_after_quiet_time();
  CHECK(lab.lines() == Lines{"unread"});
}

}  // namespace tailmeter
