// What the system refuses, and what becomes of the lines.
#include <algorithm>
#include <cerrno>
#include <filesystem>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "test/support/compress.h"
#include "test/tail/tail_lab.h"

namespace tailmeter {
namespace {

namespace fs = std::filesystem;

std::error_code error_of(int number) {
  return {number, std::generic_category()};
}

// Root may read everything, so a test about permissions is somebody else for a while.
class Unprivileged {
 public:
  explicit Unprivileged(const fs::path& directory) {
    if (geteuid() != 0) return;
    REQUIRE(chown(directory.c_str(), kNobody, kNobody) == 0);
    REQUIRE(seteuid(kNobody) == 0);
  }
  ~Unprivileged() {
    if (getuid() == 0 && seteuid(0) != 0) std::abort();
  }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;

 private:
  static constexpr uid_t kNobody = 65534;
};

}  // namespace

TEST_CASE("a file that may not be read is told of once, and read whole when it may be", "[tail]") {
  TailLab lab(any_hints());
  const Unprivileged nobody(lab.directory.path());
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.rename("access.log", "access.log.1");
  lab.append("access.log", "one\n");
  REQUIRE(chmod((lab / "access.log").c_str(), 0) == 0);
  lab.look();
  lab.look();
  lab.drain();
  CHECK(lab.news() == Lines{"open access.log", "rename access.log", "unreadable access.log: Permission denied"});
  CHECK(lab.status().files_unreadable == 1);
  CHECK(lab.status().files_following == 0);

  REQUIRE(chmod((lab / "access.log").c_str(), 0600) == 0);
  lab.look();
  CHECK(lab.lines() == Lines{"one"});
  CHECK(lab.news() == Lines{"open access.log", "readable access.log"});
  CHECK(lab.status().files_unreadable == 0);
}

TEST_CASE("logs of a directory that may not be searched for long are read on when it may be", "[tail]") {
  TailLab lab(any_hints());
  const Unprivileged nobody(lab.directory.path());
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "one\nbeg");
  lab.rename("access.log", "access.log.1");
  lab.append("access.log", "two\n");
  lab.look();
  REQUIRE(lab.lines() == Lines{"one", "two"});
  lab.restart(lab.save(), [&] {
    lab.append("access.log.1", "un\nthree\n");
    REQUIRE(chmod(lab.directory.path().c_str(), 0) == 0);
  });
  lab.look_after_quiet_time();
  lab.look_after_quiet_time();
  REQUIRE(lab.lines() == Lines{});
  REQUIRE(chmod(lab.directory.path().c_str(), 0700) == 0);
  lab.look_after_quiet_time();
  CHECK(lab.lines() == Lines{"begun", "three"});
}

TEST_CASE("a file that could not be read at the start begins where it ended then", "[tail]") {
  TailLab lab;
  lab.append("access.log", "old\nbeg");
  lab.files.fail_open(lab / "access.log", error_of(EACCES));
  lab.follow({GENERATE("access.log", "*.log")});
  lab.append("access.log", "un\nnew\n");
  lab.look();
  CHECK(lab.lines().empty());
  lab.files.fail_open(lab / "access.log", {});
  lab.drain();
  CHECK(lab.lines() == Lines{"begun", "new"});
}

TEST_CASE("a file that could not be read before it was rotated is read under its rotated name", "[tail]") {
  TailLab lab(any_hints());
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.files.fail_open(lab / "access.log", error_of(EACCES));
  lab.files.fail_open(lab / "access.log.1", error_of(EACCES));
  lab.rename("access.log", "access.log.2");
  lab.append("access.log", "one\n");
  lab.look();
  lab.rename("access.log", "access.log.1");
  lab.files.fail_open(lab / "access.log", {});
  lab.append("access.log", "two\n");
  lab.look();
  CHECK(lab.lines() == Lines{"two"});
  CHECK(lab.news() == Lines{"open access.log", "rename access.log", "unreadable access.log: Permission denied",
                            "rename access.log", "open access.log", "unreadable access.log.1: Permission denied",
                            "readable access.log"});
  lab.files.fail_open(lab / "access.log.1", {});
  lab.drain();
  CHECK(lab.lines() == Lines{"one"});
}

TEST_CASE("a copy is found though its log could not be asked for until there was more in that", "[tail]") {
  TailLab lab(Hints::kNone);
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "one\n");
  lab.copy("access.log", "access.log.1");
  lab.truncate("access.log");
  lab.append("access.log", "two\n");
  lab.files.fail_status(lab / "access.log", error_of(EMFILE));
  lab.look();
  REQUIRE(lab.lines() == Lines{"two"});
  lab.files.fail_status(lab / "access.log", {});
  lab.look();
  CHECK(lab.lines() == Lines{"one"});
}

TEST_CASE("a directory that could not be listed once is listed again in the same look", "[tail]") {
  TailLab lab;
  lab.follow({"a.log", "b.log"});
  for (const char* const log : {"a.log", "b.log"}) {
    lab.append(log, log + std::string("\n"));
    lab.rename(log, log + std::string(".1"));
    lab.append(log, "");
  }
  lab.files.fail_next_list(error_of(EIO));
  lab.tail().poll(lab.now());
  CHECK(lab.lines() == Lines{"a.log", "b.log"});
}

TEST_CASE("what lies beside a file that may not be read is read when that is known, compressed or not", "[tail]") {
  TailLab lab(any_hints());
  const bool is_compressed = GENERATE(false, true);
  lab.follow({"*.log"});
  lab.append("access.log", "one\n");
  lab.rename("access.log", "access.log.1");
  lab.append("access.log", "");
  lab.files.fail_open(lab / "access.log", error_of(EACCES));
  lab.look();
  CHECK(lab.lines().empty());  // it may be a copy of the other
  if (is_compressed) lab.compress("access.log.1");
  lab.rename(is_compressed ? "access.log.1.gz" : "access.log.1", is_compressed ? "access.log.2.gz" : "access.log.2");
  lab.rename("access.log", "access.log.1");
  lab.files.fail_open(lab / "access.log", {});
  lab.append("access.log", "");
  lab.look();
  CHECK(lab.lines() == Lines{"one"});
}

TEST_CASE("a file that could not be listed, or opened, before it was compressed and rotated again is read", "[tail]") {
  TailLab lab(any_hints());
  const bool is_listed = GENERATE(false, true);
  CAPTURE(is_listed);
  lab.follow({"access.log"});
  lab.append("access.log", "one\n");
  lab.rename("access.log", "access.log.1");
  lab.append("access.log", "");
  if (is_listed) {
    // To see what it is, it is opened; but not to be read.
    lab.files.before_open(lab / "access.log.1", [&] {
      lab.files.before_open(lab / "access.log.1", [&] { lab.files.fail_open(lab / "access.log.1", error_of(EACCES)); });
    });
  } else {
    lab.files.fail_list(lab.directory.path().string(), error_of(EIO));
  }
  lab.look();
  CHECK(lab.lines().empty());
  lab.compress("access.log.1");
  lab.rename("access.log.1.gz", "access.log.2.gz");
  lab.rename("access.log", "access.log.1");
  lab.append("access.log", "two\n");
  lab.files.fail_open(lab / "access.log.1", {});
  lab.files.fail_list(lab.directory.path().string(), {});
  lab.look();
  Lines lines = lab.lines();
  std::sort(lines.begin(), lines.end());
  CHECK(lines == Lines{"one", "two"});
}

TEST_CASE("a file that cannot be opened while it is held against its copy is not read beside that", "[tail]") {
  TailLab lab(any_hints());
  lab.follow({"access.log"});
  lab.append("access.log.1", "one\n");
  lab.append("access.log.1.gz", gzip("one\n"));
  const std::string path = lab / GENERATE("access.log.1", "access.log.1.gz");
  CAPTURE(path);
  lab.files.before_open(path, [&] {
    lab.files.before_open(path, [&] {
      lab.files.fail_open(path, error_of(EMFILE));
      lab.files.before_open(path, [&] { lab.files.fail_open(path, {}); });
    });
  });
  lab.append("access.log", "");
  lab.look();
  CHECK(lab.lines() == Lines{"one"});
}

TEST_CASE("what cannot be read of a removed file is read in what was compressed of it, and the rest not again",
          "[tail]") {
  TailLab lab(any_hints());
  const bool has_unread = GENERATE(false, true);
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "one\n");
  lab.look();
  REQUIRE(lab.lines() == Lines{"one"});
  lab.files.fail_read(lab / "access.log", error_of(EIO));
  if (has_unread) lab.append("access.log", "two\n");
  lab.rename("access.log", "access.log.1");
  lab.append("access.log", "three\n");
  lab.look();
  CHECK(lab.lines() == Lines{"three"});
  lab.compress("access.log.1");
  lab.look_after_quiet_time();
  CHECK(lab.lines() == (has_unread ? Lines{"two"} : Lines{}));
  CHECK(lab.status().totals.lost_bytes == 0);
}

TEST_CASE("permissions taken from an open file do not matter", "[tail]") {
  TailLab lab(any_hints());
  const Unprivileged nobody(lab.directory.path());
  const Writer writer = lab.writer("access.log");
  lab.follow({"access.log"});
  REQUIRE(chmod((lab / "access.log").c_str(), 0) == 0);
  writer.write("one\n");
  lab.look();
  CHECK(lab.lines() == Lines{"one"});
  CHECK(lab.news() == Lines{"open access.log"});
}

TEST_CASE("a directory that may not be searched keeps the files that are open", "[tail]") {
  TailLab lab(Hints::kNone);
  const Unprivileged nobody(lab.directory.path());
  fs::create_directory(lab / "logs");
  const Writer writer = lab.writer("logs/access.log");
  lab.follow({GENERATE("logs/access.log", "logs/*.log")});
  REQUIRE(chmod((lab / "logs").c_str(), 0) == 0);
  writer.write("one\n");
  lab.look_after_quiet_time();
  CHECK(lab.lines() == Lines{"one"});
  CHECK(lab.status().files_following == 1);
  CHECK(lab.status().files_unreadable > 0);
  REQUIRE(chmod((lab / "logs").c_str(), 0700) == 0);
  writer.write("two\n");
  lab.look();
  CHECK(lab.lines() == Lines{"two"});
  CHECK(lab.status().files_unreadable == 0);
}

TEST_CASE("a directory that cannot be listed is told of", "[tail]") {
  TailLab lab(Hints::kNone);
  lab.append("access.log", "");
  lab.files.fail_list(lab.directory.path(), error_of(EACCES));
  lab.follow({"*.log"});
  CHECK(lab.news() == Lines{"unreadable .: Permission denied"});
  lab.files.fail_list(lab.directory.path(), {});
  lab.look();
  CHECK(lab.news() == Lines{"open access.log", "readable ."});
}

TEST_CASE("what is not a regular file is refused with the reason, and its successor followed", "[tail]") {
  TailLab lab(any_hints());
  REQUIRE(mkfifo((lab / "access.log").c_str(), 0600) == 0);
  lab.follow({"access.log"});
  lab.look();
  CHECK(lab.news() == Lines{"unreadable access.log: not a regular file"});
  lab.remove("access.log");
  lab.append("access.log", "one\n");
  lab.look();
  CHECK(lab.lines() == Lines{"one"});
  CHECK(lab.news() == Lines{"open access.log", "readable access.log"});
}

TEST_CASE("a read that fails is tried again from the same place", "[tail]") {
  TailLab lab(Hints::kNone);
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "one\ntwo\nthree\n");
  lab.files.fail_read(lab / "access.log", error_of(EIO), GENERATE(as<std::uint64_t>{}, 0, 6));
  lab.look();
  lab.look();
  lab.drain();
  CHECK(lab.news() == Lines{"open access.log", "unreadable access.log: Input/output error"});
  CHECK(lab.status().files_unreadable == 1);
  lab.files.fail_read(lab / "access.log", {});
  lab.look();
  CHECK(lab.lines() == Lines{"one", "two", "three"});
  CHECK(lab.news() == Lines{"readable access.log"});
  CHECK(lab.status().files_unreadable == 0);
  CHECK(lab.status().totals.lost_bytes == 0);
}

TEST_CASE("a stale handle is opened again, and reading goes on", "[tail]") {
  TailLab lab(Hints::kNone);
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "one\n");
  lab.look();
  lab.files.fail_read(lab / "access.log", error_of(ESTALE));
  lab.append("access.log", "two\n");
  lab.look();  // the fault stays with the old handle
  lab.look();
  CHECK(lab.lines() == Lines{"one", "two"});
  CHECK(lab.news() == Lines{"open access.log", "unreadable access.log: Stale file handle", "readable access.log"});
}

TEST_CASE("bytes of an unlinked file that cannot be read are lost in the end", "[tail]") {
  TailLab lab(Hints::kNone);
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "one\ntwo");
  lab.look();
  lab.append("access.log", "\n");
  lab.files.fail_read(lab / "access.log", error_of(EIO));
  lab.remove("access.log");
  lab.look_after_quiet_time();
  CHECK(lab.lines() == Lines{"one"});
  // The newline was never read, so that it had been there is not known for certain.
  CHECK(lab.news() ==
        Lines{"open access.log", "unreadable access.log: Input/output error", "lost access.log: 3 unreadable"});
  CHECK(lab.status().files_draining == 0);
}

TEST_CASE("a last line that cannot be read when its file is final is not given up", "[tail]") {
  TailLab lab(Hints::kNone);
  lab.append("access.log", "");
  lab.follow({"access.log"});
  lab.append("access.log", "unended");
  lab.look();
  lab.rename("access.log", "access.log.1");
  lab.look();
  lab.files.fail_read(lab / "access.log", error_of(EIO));
  lab.look_after_quiet_time();
  CHECK(lab.lines().empty());
  lab.files.fail_read(lab / "access.log", {});
  lab.look_after_quiet_time();
  CHECK(lab.lines() == Lines{"unended"});
  CHECK(lab.status().totals.lost_bytes == 0);
}

TEST_CASE("out of descriptors, what is open is followed, and the rest is tried again", "[tail]") {
  TailLab lab(Hints::kNone);
  lab.append("a.log", "");
  lab.append("b.log", "");
  lab.files.limit_open_files(1);
  lab.follow({"*.log"});
  lab.append("a.log", "one\n");
  lab.append("b.log", "two\n");
  lab.look();
  CHECK(lab.lines() == Lines{"one"});
  CHECK(lab.news() == Lines{"open a.log", "unreadable b.log: Too many open files"});
  lab.files.limit_open_files({});
  lab.look();
  CHECK(lab.lines() == Lines{"two"});
  CHECK(lab.news() == Lines{"open b.log", "readable b.log"});
}

TEST_CASE("out of descriptors, a rotated file that is done gives up its own and keeps its place", "[tail]") {
  TailLab lab(Hints::kNone);
  lab.append("access.log", "");
  lab.files.limit_open_files(2);
  lab.follow({"access.log"});
  lab.append("access.log", "one\n");
  lab.look();
  lab.rename("access.log", "access.log.1");
  lab.append("access.log", "two\n");
  lab.look_after_quiet_time();
  lab.rename("access.log", "access.log.2");
  lab.append("access.log", "three\n");
  lab.look();
  CHECK(lab.lines() == Lines{"one", "two", "three"});
  CHECK(lab.status().files_unreadable == 0);

  lab.look_after_quiet_time();
  lab.rename("access.log.1", "access.log");
  lab.append("access.log", "four\n");
  lab.look();
  CHECK(lab.lines() == Lines{"four"});
}

TEST_CASE("without watches, the tail says so and works", "[tail]") {
  TailLab lab(Hints::kNone);
  lab.append("access.log", "");
  lab.follow({"access.log"});
  CHECK_FALSE(lab.tail().watch_error());
  const FollowedSource source{{"/" + std::string(5000, 'x') + "/*.log", lab / "access.log"}, {}, StartAt::kEnd};
  lab.follow_sources({source});
  CHECK(lab.tail().watch_error() == std::errc::filename_too_long);
  lab.append("access.log", "one\n");
  lab.look();
  CHECK(lab.lines() == Lines{"one"});
}

}  // namespace tailmeter
