#include "exporter/tail/real_file_system.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test/support/temporary_directory.h"

namespace tailmeter {
namespace {

struct Lab {
  TemporaryDirectory directory;
  RealFileSystem files;

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(directory / name, std::ios::app) << text;
  }

  [[nodiscard]] FileIdentity identity(const std::string& name) {
    FileStatus status;
    REQUIRE_FALSE(files.status(directory / name, status));
    return status.identity;
  }

  void watch(const std::vector<std::string>& names) {
    std::vector<std::string> directories;
    for (const std::string& name : names) directories.push_back(directory / name);
    REQUIRE_FALSE(files.watch(directories));
  }

  // "names logs/access.log", in order, without repetition.
  [[nodiscard]] std::vector<std::string> hints() {
    std::vector<Hint> hints;
    files.take_hints(hints);
    std::vector<std::string> texts;
    for (const Hint& hint : hints) {
      std::string text = hint.kind == Hint::Kind::kNames ? "names " : "write ";
      text += hint.directory.empty() ? "anywhere" : hint.directory.substr(directory.path().string().size() + 1);
      if (!hint.name.empty()) (text += '/') += hint.name;
      if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
    }
    return texts;
  }

  [[nodiscard]] bool has_woken() const {
    pollfd fd{files.hint_fd(), POLLIN, 0};
    return ::poll(&fd, 1, 0) == 1;
  }
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a file keeps its identity under every name, and a new file never gets an old one", "[tail]") {
  Lab lab;
  lab.write("log", "one\n");
  const FileIdentity first = lab.identity("log");
  OpenFile file;
  REQUIRE_FALSE(lab.files.open(lab.directory / "log", file));
  CHECK(file.identity() == first);
  std::filesystem::rename(lab.directory / "log", lab.directory / "log.1");
  std::filesystem::create_hard_link(lab.directory / "log.1", lab.directory / "hard");
  std::filesystem::create_symlink("log.1", lab.directory / "soft");
  CHECK(lab.identity("log.1") == first);
  CHECK(lab.identity("hard") == first);
  CHECK(lab.identity("soft") == first);
  file.close();

  std::set<FileIdentity> seen;
  for (int i = 0; i < 50; ++i) {  // many file systems reuse the inode number each time
    lab.write("new", "x");
    CHECK(seen.insert(lab.identity("new")).second);
    std::filesystem::remove(lab.directory / "new");
  }
}

TEST_CASE("only a regular file is opened, and nothing is waited for", "[tail]") {
  Lab lab;
  REQUIRE(mkfifo((lab.directory / "fifo").c_str(), 0600) == 0);
  std::filesystem::create_directory(lab.directory / "directory");
  std::filesystem::create_symlink("/dev/null", lab.directory / "device");
  std::filesystem::create_symlink("nowhere", lab.directory / "dangling");
  OpenFile file;
  for (const char* name : {"fifo", "directory", "device"}) {
    CAPTURE(name);
    const std::error_code error = lab.files.open(lab.directory / name, file);
    CHECK(error == FileError::kNotRegular);
    CHECK(error.message() == "not a regular file");
    CHECK_FALSE(is_absent(error));
  }
  for (const char* name : {"missing", "dangling", "missing/log"}) {
    CAPTURE(name);
    CHECK(is_absent(lab.files.open(lab.directory / name, file)));
  }
  CHECK_FALSE(file.is_open());
}

TEST_CASE("an open file tells its size and its links", "[tail]") {
  Lab lab;
  lab.write("log", "12345");
  OpenFile file;
  REQUIRE_FALSE(lab.files.open(lab.directory / "log", file));
  FileStatus status;
  REQUIRE_FALSE(lab.files.status(file, status));
  CHECK(status.size_bytes == 5);
  CHECK(status.link_count == 1);
  std::filesystem::remove(lab.directory / "log");
  REQUIRE_FALSE(lab.files.status(file, status));
  CHECK(status.link_count == 0);
  std::string room(9, '-');
  std::size_t bytes_read = 0;
  REQUIRE_FALSE(lab.files.read(file, 2, room, bytes_read));
  CHECK(room.substr(0, bytes_read) == "345");
}

TEST_CASE("a descriptor is closed with its file, and not with one that it was moved from", "[tail]") {
  Lab lab;
  lab.write("log", "x");
  OpenFile first;
  REQUIRE_FALSE(lab.files.open(lab.directory / "log", first));
  const int number = first.number();
  {
    OpenFile second(std::move(first));
    CHECK(second.is_open());
    CHECK(fcntl(number, F_GETFD) == FD_CLOEXEC);
  }
  CHECK(fcntl(number, F_GETFD) == -1);
}

TEST_CASE("with as many files open as there may be, the next is refused until one is closed", "[tail]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "log";
  std::ofstream(path) << "x";
  RealFileSystem files(3);
  std::vector<OpenFile> open(3);
  for (OpenFile& file : open) REQUIRE_FALSE(files.open(path, file));
  OpenFile another;
  CHECK(files.open(path, another) == std::errc::too_many_files_open);
  std::vector<DirectoryEntry> entries;
  CHECK_FALSE(files.list(directory.path().string(), entries));
  open[1].close();
  CHECK(files.open(directory / "missing", another) == std::errc::no_such_file_or_directory);  // takes none
  CHECK_FALSE(files.open(path, another));
  CHECK(files.open(path, open[1]) == std::errc::too_many_files_open);
}

TEST_CASE("a watched directory hints at names and writes", "[tail]") {
  Lab lab;
  std::filesystem::create_directory(lab.directory / "logs");
  lab.watch({"logs"});
  CHECK_FALSE(lab.has_woken());

  lab.write("logs/a", "");
  CHECK(lab.has_woken());
  CHECK(lab.hints() == Texts{"names logs/a"});
  CHECK_FALSE(lab.has_woken());
  lab.write("logs/a", "text");
  CHECK(lab.hints() == Texts{"write logs/a"});
  std::filesystem::resize_file(lab.directory / "logs/a", 0);
  CHECK(lab.hints() == Texts{"write logs/a"});
  std::filesystem::rename(lab.directory / "logs/a", lab.directory / "logs/b");
  CHECK(lab.hints() == Texts{"names logs/a", "names logs/b"});
  std::filesystem::permissions(lab.directory / "logs/b", std::filesystem::perms::owner_all);
  CHECK(lab.hints() == Texts{"names logs/b"});
  std::filesystem::remove(lab.directory / "logs/b");
  CHECK(lab.hints() == Texts{"names logs/b"});
  std::filesystem::remove(lab.directory / "logs");
  CHECK(lab.hints() == Texts{"names logs"});
}

TEST_CASE("hints of writes are queued, but wake only who wants them", "[tail]") {
  Lab lab;
  std::filesystem::create_directory(lab.directory / "logs");
  lab.write("logs/a", "");
  lab.watch({"logs"});
  lab.files.wake_on_writes(false);
  lab.write("logs/a", "one");
  CHECK_FALSE(lab.has_woken());
  lab.write("logs/b", "");
  CHECK(lab.has_woken());
  CHECK(lab.hints() == Texts{"names logs/b", "write logs/a"});
  lab.write("logs/a", "two");
  CHECK_FALSE(lab.has_woken());
  lab.files.wake_on_writes(true);
  CHECK(lab.has_woken());
}

TEST_CASE("a directory that was replaced under its name is watched again, and its old self no longer", "[tail]") {
  Lab lab;
  std::filesystem::create_directories(lab.directory / "logs");
  lab.watch({"logs"});
  std::filesystem::rename(lab.directory / "logs", lab.directory / "logs.1");
  std::filesystem::create_directory(lab.directory / "logs");
  CHECK(lab.hints() == Texts{"names logs"});
  lab.watch({"logs"});
  CHECK(lab.hints().empty());
  lab.write("logs.1/a", "old");
  CHECK_FALSE(lab.has_woken());
  lab.write("logs/a", "new");
  CHECK(lab.hints() == Texts{"names logs/a", "write logs/a"});
  lab.watch({});
  lab.write("logs/a", "more");
  CHECK(lab.hints().empty());
}

TEST_CASE("one directory under two paths hints under both", "[tail]") {
  Lab lab;
  std::filesystem::create_directory(lab.directory / "logs");
  std::filesystem::create_directory_symlink("logs", lab.directory / "alias");
  lab.watch({"logs", "alias"});
  lab.write("logs/a", "");
  CHECK(lab.hints() == Texts{"names logs/a", "names alias/a"});
}

TEST_CASE("watching a directory that does not exist is no error, and one that may not be is", "[tail]") {
  Lab lab;
  CHECK_FALSE(lab.files.watch(std::vector<std::string>{lab.directory / "missing"}));
  CHECK(lab.files.watch(std::vector<std::string>{std::string(5000, 'x')}) == std::errc::filename_too_long);
}

TEST_CASE("a flood of names says that hints were dropped", "[tail]") {
  Lab lab;
  std::ifstream limit_file("/proc/sys/fs/inotify/max_queued_events");
  int limit = 0;
  limit_file >> limit;
  if (limit <= 0 || limit > 100'000) {
    WARN("skipped: the queue cannot be filled here");
    return;
  }
  std::filesystem::create_directory(lab.directory / "logs");
  lab.watch({"logs"});
  lab.write("logs/a", "");
  for (int i = 0; i <= limit / 2; ++i) {
    std::filesystem::rename(lab.directory / "logs/a", lab.directory / "logs/b");
    std::filesystem::rename(lab.directory / "logs/b", lab.directory / "logs/a");
  }
  const Texts hints = lab.hints();
  CHECK(std::find(hints.begin(), hints.end(), "names anywhere") != hints.end());
}

}  // namespace tailmeter
