#include "exporter/state/real_disk.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include <catch2/catch.hpp>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/state/records.h"
#include "test/support/temporary_directory.h"

namespace tailmeter {
namespace {

struct Lab {
  TemporaryDirectory directory;
  RealDisk disk;
  std::string path = directory.path().string();
  std::string file_path = directory / kStateFileName;
};

// Tells in one byte what came of opening the file in this process.
enum class Answer : char { kOpen = 'o', kLocked = 'l', kOther = '?' };

Answer try_open(const std::string& path, SlotFile& file) {
  SlotContents contents;
  const std::error_code error = file.open(path, contents);
  return !error ? Answer::kOpen : error == DiskError::kLocked ? Answer::kLocked : Answer::kOther;
}

// A process that opens the file, answers, commits, and stays until it is killed.
class Child {
 public:
  explicit Child(const std::string& path) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    pid_ = fork();
    if (pid_ == 0) {
      RealDisk disk;
      SlotFile file(disk, kSmallSlotBytes);
      Answer answer = try_open(path, file);
      if (answer == Answer::kOpen && file.commit("of the child")) answer = Answer::kOther;
      if (::write(ends[1], &answer, 1) != 1) _exit(1);
      for (;;) pause();
    }
    REQUIRE(pid_ > 0);
    REQUIRE(::read(ends[0], &answer_, 1) == 1);
    ::close(ends[0]);
    ::close(ends[1]);
  }
  ~Child() { kill(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] Answer answer() const { return answer_; }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
  Answer answer_ = Answer::kOther;
};

}  // namespace

TEST_CASE("records come back from a real disk, over growth too, in a file for its owner only", "[state]") {
  Lab lab;
  for (const auto size_bytes : std::initializer_list<std::size_t>{0, 5000, 1'048'528, 1'048'529, 5'000'000, 3}) {
    CAPTURE(size_bytes);
    const std::string record = make_record(1, size_bytes);
    {
      SlotFile file(lab.disk);
      SlotContents contents;
      REQUIRE_FALSE(file.open(lab.path, contents));
      REQUIRE_FALSE(file.commit("another"));
      REQUIRE_FALSE(file.commit(record));
      CHECK(file.layout().file_bytes == std::filesystem::file_size(lab.file_path));
    }
    const SlotContents seen = look(lab.disk, lab.path);
    CHECK(name_of(seen.finding) == "right");
    CHECK(seen.record == record);
  }
  struct stat status;
  REQUIRE(stat(lab.file_path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
  CHECK(static_cast<std::uint64_t>(status.st_blocks) * 512 >= std::filesystem::file_size(lab.file_path));
  CHECK_FALSE(std::filesystem::exists(lab.directory / kNewStateFileName));
}

TEST_CASE("a directory that is not there, a link and what is no file are errors, and no file is made", "[state]") {
  Lab lab;
  SlotFile file(lab.disk);
  SlotContents contents;
  CHECK(file.open(lab.directory / "none", contents) == std::errc::no_such_file_or_directory);
  CHECK_FALSE(std::filesystem::exists(lab.directory / "none"));

  std::filesystem::create_symlink("elsewhere", lab.file_path);
  CHECK(file.open(lab.path, contents) == std::errc::too_many_symbolic_link_levels);
  CHECK(look_at_state(lab.disk, lab.path, contents) == std::errc::too_many_symbolic_link_levels);
  CHECK_FALSE(std::filesystem::exists(lab.directory / "elsewhere"));
  std::filesystem::remove(lab.file_path);

  REQUIRE(mkfifo(lab.file_path.c_str(), 0600) == 0);
  CHECK(file.open(lab.path, contents) == DiskError::kNotRegular);
  CHECK(look_at_state(lab.disk, lab.path, contents) == DiskError::kNotRegular);
  std::filesystem::remove(lab.file_path);

  CHECK(name_of(look(lab.disk, lab.path).finding) == "new");
  CHECK(std::filesystem::is_empty(lab.path));
}

TEST_CASE("a copied file is foreign, also under the name and with the inode number of the old", "[state]") {
  Lab lab;
  {
    SlotFile file(lab.disk, kSmallSlotBytes);
    SlotContents contents;
    REQUIRE_FALSE(file.open(lab.path, contents));
    REQUIRE_FALSE(file.commit("one"));
  }
  const std::string aside = lab.directory / "aside";
  std::filesystem::rename(lab.file_path, aside);
  std::filesystem::rename(aside, lab.file_path);
  CHECK(name_of(look(lab.disk, lab.path).finding) == "right");
  std::filesystem::copy_file(lab.file_path, aside);
  for (int i = 0; i < 20; ++i) {  // ext4 gives the freed number to the next file
    std::filesystem::remove(lab.file_path);
    std::filesystem::copy_file(aside, lab.file_path);
    CHECK(name_of(look(lab.disk, lab.path).finding) == "foreign");
  }
}

TEST_CASE("a second handle of the same process does not get the file, and gets it after the first", "[state]") {
  Lab lab;
  SlotFile second(lab.disk, kSmallSlotBytes);
  {
    SlotFile first(lab.disk, kSmallSlotBytes);
    REQUIRE(try_open(lab.path, first) == Answer::kOpen);
    for (const auto size_bytes : std::initializer_list<std::size_t>{10, 10'000, 100'000}) {  // made, grown, grown again
      CHECK(try_open(lab.path, second) == Answer::kLocked);
      REQUIRE_FALSE(first.commit(make_record(1, size_bytes)));
    }
    CHECK(try_open(lab.path, second) == Answer::kLocked);
    CHECK(look(lab.disk, lab.path).record.size() == 100'000);
  }
  CHECK(try_open(lab.path, second) == Answer::kOpen);
}

TEST_CASE("another process does not get the file until the first is killed", "[state]") {
  Lab lab;
  Child child(lab.path);
  REQUIRE(child.answer() == Answer::kOpen);
  CHECK(Child(lab.path).answer() == Answer::kLocked);
  SlotFile file(lab.disk, kSmallSlotBytes);
  CHECK(try_open(lab.path, file) == Answer::kLocked);
  child.kill();
  SlotContents contents;
  REQUIRE_FALSE(file.open(lab.path, contents));
  CHECK(contents.record == "of the child");
}

// Each round ends with the file's removal and begins with a file made by rename, so that whoever waits for the lock
// often has a file open that has just lost its name.
TEST_CASE("never do two have the file, although it changes under its name", "[state]") {
  Lab lab;
  std::atomic<int> holders = 0;
  std::atomic<int> rounds = 0;
  std::atomic<int> collisions = 0;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
  const auto compete = [&] {
    RealDisk disk;
    while (std::chrono::steady_clock::now() < deadline) {
      SlotFile file(disk, kSmallSlotBytes);
      if (try_open(lab.path, file) != Answer::kOpen) continue;
      if (++holders != 1) ++collisions;
      if (file.commit("mine")) ++collisions;
      --holders;
      std::filesystem::remove(lab.file_path);
      ++rounds;
    }
  };
  std::thread other(compete);
  compete();
  other.join();
  CHECK(collisions == 0);
  CHECK(rounds > 10);
}

TEST_CASE("growth that the system refuses leaves the file in use, and no other", "[state]") {
  Lab lab;
  SlotFile file(lab.disk, kSmallSlotBytes);
  REQUIRE(try_open(lab.path, file) == Answer::kOpen);
  REQUIRE_FALSE(file.commit("small"));
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit old_limit;
  REQUIRE(getrlimit(RLIMIT_FSIZE, &old_limit) == 0);
  const rlimit limit{100'000, old_limit.rlim_max};
  REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  const std::error_code refused = file.commit(make_record(1, 50'000));
  const std::error_code fitting = file.commit("fits");
  REQUIRE(setrlimit(RLIMIT_FSIZE, &old_limit) == 0);
  std::signal(SIGXFSZ, old_handler);
  CHECK(refused == std::errc::file_too_large);
  CHECK_FALSE(fitting);
  CHECK_FALSE(std::filesystem::exists(lab.directory / kNewStateFileName));
  CHECK(look(lab.disk, lab.path).record == "fits");
  CHECK_FALSE(file.commit(make_record(1, 50'000)));
  CHECK(look(lab.disk, lab.path).record == make_record(1, 50'000));
}

}  // namespace tailmeter
