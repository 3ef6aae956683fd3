// The simulated files' limits and faults, and what a kernel's reader who is root does not meet.
#include "test/simulation/simulated_files.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace tailmeter {
namespace {

using Call = SimulatedFiles::Call;
using WriteAt = SimulatedFiles::WriteAt;
using Texts = std::vector<std::string>;

const std::error_code kIoError = std::make_error_code(std::errc::io_error);

std::string read(SimulatedFiles& files, const OpenFile& file, std::uint64_t offset_bytes = 0) {
  std::string room(100, '-');
  std::size_t bytes_read = 0;
  if (const std::error_code error = files.read(file, offset_bytes, room, bytes_read)) return error.message();
  return room.substr(0, bytes_read);
}

Texts take_hints(SimulatedFiles& files) {
  std::vector<Hint> hints;
  files.take_hints(hints);
  Texts texts;
  for (const Hint& hint : hints) {
    texts.push_back((hint.kind == Hint::Kind::kNames ? "names " : "write ") + hint.directory + "/" + hint.name);
  }
  return texts;
}

std::error_code watch(SimulatedFiles& files, const Texts& directories) {
  return files.watch(directories);
}

}  // namespace

TEST_CASE("an inode's number is used again at once, its identity never", "[simulation]") {
  SimulatedFiles files(1);
  std::set<FileIdentity> seen;
  std::set<std::string> numbers;
  for (int i = 0; i < 50; ++i) {
    const FileIdentity identity = files.create("log");
    CHECK(seen.insert(identity).second);
    numbers.insert(identity.bytes.substr(0, 5));
    files.remove("log");
  }
  CHECK(numbers.size() == 1);

  const FileIdentity removed = files.create("log");
  const int writer = files.open_to_write("log", WriteAt::kEnd);
  files.remove("log");
  CHECK(files.create("new").bytes.substr(0, 5) != removed.bytes.substr(0, 5));  // it is still open
  files.close_writer(writer);
  CHECK(files.create("newer").bytes.substr(0, 5) == removed.bytes.substr(0, 5));
}

TEST_CASE("a file that may not be read has a status, and a directory shows nothing of what is in it", "[simulation]") {
  SimulatedFiles files(1);
  files.make_directory("logs");
  files.set_content("logs/log", "text");
  OpenFile file;
  FileStatus status;
  std::string real_path;
  std::vector<DirectoryEntry> entries;
  files.set_readable("logs/log", false);
  CHECK(files.open("/logs/log", file) == std::errc::permission_denied);
  REQUIRE_FALSE(files.status("/logs/log", status));
  CHECK(status.size_bytes == 4);
  files.set_readable("logs/log", true);
  REQUIRE_FALSE(files.open("/logs/log", file));

  files.set_readable("logs", false);
  CHECK(read(files, file) == "text");
  CHECK_FALSE(files.status("/logs", status));
  CHECK(files.status("/logs/log", status) == std::errc::permission_denied);
  CHECK(files.status("/logs/none", status) == std::errc::permission_denied);
  CHECK(files.resolve("/logs/log", real_path) == std::errc::permission_denied);
  CHECK(files.list("/logs", entries) == std::errc::permission_denied);
  CHECK(watch(files, {"/logs"}) == std::errc::permission_denied);
  files.set_readable("logs", true);
  CHECK_FALSE(watch(files, {"/logs"}));
}

TEST_CASE("a list has any order, and the same seed the same", "[simulation]") {
  std::set<Texts> orders;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const auto list = [&] {
      SimulatedFiles files(seed);
      for (const char* name : {"a", "b", "c"}) files.create(name);
      std::vector<DirectoryEntry> entries;
      REQUIRE_FALSE(files.list("/", entries));
      return Texts{entries[0].name, entries[1].name, entries[2].name};
    };
    const Texts order = list();
    CHECK(order == list());
    orders.insert(order);
  }
  CHECK(orders.size() == 6);
}

TEST_CASE("a call that is to fail fails once, and no call of another kind", "[simulation]") {
  SimulatedFiles files(1);
  files.set_content("log", "text");
  OpenFile file;
  FileStatus status;
  std::string text;
  std::vector<DirectoryEntry> entries;
  const std::map<Call, std::function<std::error_code()>> calls = {
      {Call::kOpen, [&] { return files.open("/log", file); }},
      {Call::kRead, [&] { return read(files, file) == "text" ? std::error_code() : kIoError; }},
      {Call::kStatus, [&] { return files.status("/log", status); }},
      {Call::kResolve, [&] { return files.resolve("/log", text); }},
      {Call::kList, [&] { return files.list("/", entries); }},
      {Call::kWatch, [&] { return watch(files, {"/"}); }}};
  for (const auto& [failing, unused] : calls) {
    CAPTURE(static_cast<int>(failing));
    files.fail_call(failing, 2, kIoError);
    for (int round = 1; round <= 3; ++round) {
      for (const auto& [kind, call] : calls)
        CHECK(call() == (round == 2 && kind == failing ? kIoError : std::error_code()));
    }
  }
}

TEST_CASE("a watch that fails leaves one directory unwatched", "[simulation]") {
  std::set<Texts> seen;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SimulatedFiles files(seed);
    files.make_directory("a");
    files.make_directory("b");
    files.fail_call(Call::kWatch, 1, std::make_error_code(std::errc::not_enough_memory));
    CHECK(watch(files, {"/a", "/b"}) == std::errc::not_enough_memory);
    files.create("a/log");
    files.create("b/log");
    seen.insert(take_hints(files));
  }
  CHECK(seen == std::set<Texts>{{"names /a/log"}, {"names /b/log"}});
}

TEST_CASE("a read stops before bytes that the disk does not give, and fails from there", "[simulation]") {
  SimulatedFiles files(1);
  files.set_content("log", "0123456789");
  OpenFile file;
  REQUIRE_FALSE(files.open("/log", file));
  files.spoil("log", 4, 7);
  CHECK(read(files, file) == "0123");
  CHECK(read(files, file, 4) == kIoError.message());
  CHECK(read(files, file, 6) == kIoError.message());
  CHECK(read(files, file, 7) == "789");
  CHECK(read(files, file, 10).empty());
  std::string room(4, '-');
  std::size_t bytes_read = 0;
  REQUIRE_FALSE(files.read(file, 0, room, bytes_read));
  CHECK(bytes_read == 4);
  files.truncate("log", 5);
  CHECK(read(files, file, 4) == kIoError.message());
  files.truncate("log", 4);
  CHECK(read(files, file) == "0123");
  CHECK(read(files, file, 4).empty());
  files.set_content("log", "0123456789");
  files.heal("log");
  CHECK(read(files, file) == "0123456789");
}

TEST_CASE("no more files are open than may be, and a list needs one", "[simulation]") {
  SimulatedFiles files(1);
  files.create("log");
  files.limit_open_files(2);
  std::vector<DirectoryEntry> entries;
  OpenFile first;
  OpenFile second;
  OpenFile third;
  REQUIRE_FALSE(files.open("/log", first));
  CHECK_FALSE(files.list("/", entries));
  REQUIRE_FALSE(files.open("/log", second));
  CHECK(files.open_files() == 2);
  CHECK(files.open("/log", third) == std::errc::too_many_files_open);
  CHECK(files.open("/none", third) == std::errc::too_many_files_open);
  CHECK(files.list("/", entries) == std::errc::too_many_files_open);
  first.close();
  CHECK(files.open_files() == 1);
  CHECK_FALSE(files.open("/log", third));
}

TEST_CASE("a full queue of hints ends with the hint that some were dropped, each queue for itself", "[simulation]") {
  SimulatedFiles files(1);
  files.hints().limit_queue(2);
  REQUIRE_FALSE(watch(files, {"/"}));
  files.create("a");
  files.create("b");
  CHECK(take_hints(files) == Texts{"names //a", "names //b"});
  for (const char* name : {"a", "b", "a", "b", "a"}) files.set_readable(name, true);
  files.set_content("a", "text");
  CHECK(take_hints(files) == Texts{"names //a", "names //b", "names /", "write //a"});
  files.remove("a");
  CHECK(take_hints(files) == Texts{"names //a"});
}

TEST_CASE("hints wake as they do when somebody waits for them", "[simulation]") {
  SimulatedFiles files(1);
  files.create("a");
  REQUIRE_FALSE(watch(files, {"/"}));
  CHECK_FALSE(files.is_hinting());
  files.set_content("a", "text");
  CHECK(files.is_hinting());
  files.wake_on_writes(false);
  CHECK_FALSE(files.is_hinting());
  files.create("b");
  CHECK(files.is_hinting());
  CHECK(take_hints(files) == Texts{"names //b", "write //a"});
  CHECK_FALSE(files.is_hinting());
}

TEST_CASE("hints can be dropped, or watches refused but for those that there are", "[simulation]") {
  SimulatedFiles files(1);
  files.make_directory("a");
  files.make_directory("b");
  files.hints().drop_all(true);
  CHECK_FALSE(watch(files, {"/a"}));
  files.create("a/1");
  CHECK_FALSE(files.is_hinting());
  files.hints().drop_all(false);
  files.hints().refuse_watches(true);
  CHECK(watch(files, {"/a", "/b"}) == std::errc::no_space_on_device);
  files.create("a/2");
  files.create("b/2");
  CHECK(take_hints(files) == Texts{"names /a/2"});
}

TEST_CASE("a queued hint outlives another watch of its directory, and no watch of others", "[simulation]") {
  SimulatedFiles files(1);
  files.make_directory("a");
  files.make_directory("b");
  REQUIRE_FALSE(watch(files, {"/a", "/b"}));
  files.create("a/log");
  files.create("b/log");
  REQUIRE_FALSE(watch(files, {"/b"}));
  CHECK(take_hints(files) == Texts{"names /b/log"});
}

TEST_CASE("a reader that is killed leaves no descriptor and no watch, and the writers go on", "[simulation]") {
  SimulatedFiles files(1);
  const int writer = files.open_to_write("log", WriteAt::kEnd);
  files.write(writer, "one ");
  OpenFile file;
  REQUIRE_FALSE(files.open("/log", file));
  REQUIRE_FALSE(watch(files, {"/"}));
  files.wake_on_writes(false);
  files.write(writer, "two ");
  files.kill_reader();
  CHECK(files.open_files() == 0);
  CHECK(take_hints(files).empty());
  CHECK(read(files, file) == std::make_error_code(std::errc::bad_file_descriptor).message());
  file.close();
  CHECK(files.open_files() == 0);

  REQUIRE_FALSE(files.open("/log", file));
  REQUIRE_FALSE(watch(files, {"/"}));
  files.write(writer, "three");
  CHECK(files.is_hinting());
  CHECK(read(files, file) == "one two three");
}

TEST_CASE("what is unmounted is there for who holds it, comes back as it was, and no hint tells", "[simulation]") {
  SimulatedFiles files(1);
  files.make_directory("/log");
  files.set_content("/log/a.log", "one");
  const FileIdentity identity = files.identity("/log/a.log");
  OpenFile file;
  REQUIRE_FALSE(files.open("/log/a.log", file));
  REQUIRE_FALSE(watch(files, {"/", "/log"}));
  CHECK_FALSE(files.unmount("/none"));
  REQUIRE(files.unmount("/log"));
  CHECK(files.names("/log").empty());
  CHECK(read(files, file) == "one");
  files.mount();
  CHECK(take_hints(files).empty());
  files.power_cut(1);  // unmounting wrote all of it
  CHECK(files.names("/log") == Texts{"a.log"});
  CHECK(files.content("/log/a.log") == "one");
  CHECK(files.identity("/log/a.log") == identity);
}

TEST_CASE("a copy is a new file with the bytes of the old", "[simulation]") {
  SimulatedFiles files(1);
  files.set_content("log", "text");
  const FileIdentity replaced = files.create("log.1");
  CHECK(files.copy("log", "log.1"));
  CHECK(files.content("log.1") == "text");
  CHECK(files.identity("log.1") != replaced);
  CHECK(files.identity("log.1") != files.identity("log"));
  CHECK_FALSE(files.copy("none", "log.2"));
  CHECK_FALSE(files.copy("log", "log"));
}

TEST_CASE("links lead on until there are too many of them", "[simulation]") {
  SimulatedFiles files(1);
  files.make_directory("logs");
  files.set_content("logs/log", "text");
  files.symlink("logs", "/alias");
  files.symlink("../alias/./log", "logs/link");
  std::string real_path;
  REQUIRE_FALSE(files.resolve("/alias/link", real_path));
  CHECK(real_path == "/logs/log");
  files.symlink("loop", "loop");
  CHECK(files.resolve("/loop", real_path) == std::errc::too_many_symbolic_link_levels);
}

}  // namespace tailmeter
