// One error at a time, at every place, and a disk that is full.
#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "test/state/fake_disk.h"
#include "test/state/records.h"

namespace tailmeter {
namespace {

const std::string kPath = "/state/tailmeter.state";
const std::string kNewPath = "/state/tailmeter.state.new";
constexpr std::uint32_t kPowerCuts = 8;  // tried on copies of the disk

constexpr std::uint64_t kSyncCall = 4;  // of a commit in place: a look at the name, one at the size, a write, a sync

using Records = std::set<std::string>;

std::vector<std::string> script() {
  std::vector<std::string> records;
  for (const auto size_bytes :
       std::initializer_list<std::size_t>{100, 2000, 4048, 10, 3000, 9000, 12, 600, 40'000, 7}) {
    records.push_back(make_record(static_cast<std::uint32_t>(records.size()), size_bytes));
  }
  return records;
}

// What the disk may give to the next run, after a kill and after a power cut.
Records findable(const FakeDisk& disk) {
  Records found;
  for (std::uint32_t seed = 0; seed <= kPowerCuts; ++seed) {
    FakeDisk copy = disk;
    copy.restart_after_kill();
    if (seed > 0) copy.restart_after_power_cut(seed);
    found.insert(look(copy, "/state").record);
  }
  return found;
}

bool is_part_of(const Records& part, const Records& whole) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

}  // namespace

TEST_CASE("an error at any call leaves the last record, and the next try succeeds", "[state]") {
  const std::error_code failure = std::make_error_code(GENERATE(std::errc::io_error, std::errc::no_space_on_device));
  CAPTURE(failure.message());
  int errors_seen = 0;
  std::uint64_t failing_call = 1;
  for (bool has_failed = true; has_failed; ++failing_call) {
    CAPTURE(failing_call);
    FakeDisk disk(static_cast<std::uint32_t>(failing_call));
    disk.fail_call(failing_call, failure);
    SlotFile file(disk, kSmallSlotBytes);
    SlotContents contents;
    int errors = 0;
    if (const std::error_code error = file.open("/state", contents)) {
      ++errors;
      CHECK(error == failure);
      REQUIRE_FALSE(file.open("/state", contents));
    }
    std::string last;
    for (const std::string& record : script()) {
      const std::uint64_t sequence = file.layout().sequence;
      if (const std::error_code error = file.commit(record)) {
        ++errors;
        CHECK(error == failure);
        CHECK_FALSE(disk.exists(kNewPath));
        CHECK(is_part_of(findable(disk), {last, record}));
        REQUIRE_FALSE(file.commit(record));
      }
      CHECK(file.layout().sequence > sequence);
      CHECK(findable(disk) == Records{record});
      last = record;
    }
    CHECK(errors <= 1);
    errors_seen += errors;
    has_failed = disk.calls() >= failing_call;
  }
  // All failed but the removal at open of what was not there, and the note after each of the ten commits.
  CHECK(static_cast<std::uint64_t>(errors_seen) == failing_call - 3 - script().size());
  CHECK(errors_seen > 20);
}

TEST_CASE("an error when the file is opened again leaves the record, and the next try gets it", "[state]") {
  FakeDisk before;
  {
    SlotFile file(before, kSmallSlotBytes);
    SlotContents contents;
    REQUIRE_FALSE(file.open("/state", contents));
    REQUIRE_FALSE(file.commit("one"));
    REQUIRE_FALSE(file.commit("two"));
  }
  int errors = 0;
  std::uint64_t failing_call = 1;
  for (bool has_failed = true; has_failed; ++failing_call) {
    CAPTURE(failing_call);
    FakeDisk disk = before;
    disk.fail_call(failing_call, std::make_error_code(std::errc::io_error));
    const std::uint64_t calls = disk.calls();
    SlotFile file(disk, kSmallSlotBytes);
    SlotContents contents;
    if (file.open("/state", contents)) {
      ++errors;
      CHECK(findable(disk) == Records{"two"});
      REQUIRE_FALSE(file.open("/state", contents));
    }
    CHECK(contents.record == "two");
    has_failed = disk.calls() - calls >= failing_call;
  }
  CHECK(errors > 8);
}

TEST_CASE("a record that a killed run had not synced is durable before the slot of the other is used", "[state]") {
  FakeDisk disk;
  SlotContents contents;
  {
    SlotFile file(disk, kSmallSlotBytes);
    REQUIRE_FALSE(file.open("/state", contents));
    REQUIRE_FALSE(file.commit(make_record(1, 3000)));
    disk.stop_at_call(kSyncCall);
    REQUIRE(file.commit(make_record(2, 3000)));
  }
  disk.restart_after_kill();
  SlotFile file(disk, kSmallSlotBytes);
  REQUIRE_FALSE(file.open("/state", contents));
  REQUIRE(contents.record == make_record(2, 3000));
  disk.stop_at_call(kSyncCall);
  REQUIRE(file.commit(make_record(3, 3000)));
  for (std::uint32_t seed = 0; seed < 50; ++seed) {
    CAPTURE(seed);
    FakeDisk copy = disk;
    copy.restart_after_power_cut(seed);
    CHECK(Records{make_record(2, 3000), make_record(3, 3000)}.contains(look(copy, "/state").record));
  }
}

TEST_CASE("a full disk stops no commit that fits, and growth works once there is room", "[state]") {
  FakeDisk disk;
  SlotFile file(disk, kSmallSlotBytes);
  SlotContents contents;
  REQUIRE_FALSE(file.open("/state", contents));
  REQUIRE_FALSE(file.commit("small"));
  const std::string large = make_record(1, 10'000);
  const std::uint64_t used_bytes = disk.used_bytes();
  // Slots of 32 KiB; with less than all of the room it must fail, wherever it ends.
  const std::uint64_t needed_bytes = 4096 + 2 * 32'768;
  for (std::uint64_t free_bytes = 0; free_bytes < needed_bytes; free_bytes += 1000) {
    CAPTURE(free_bytes);
    disk.limit_capacity(used_bytes + free_bytes);
    const std::string fitting = make_record(static_cast<std::uint32_t>(free_bytes), kFittingRecordBytes);
    REQUIRE_FALSE(file.commit(fitting));
    REQUIRE(file.commit(large) == std::errc::no_space_on_device);
    CHECK(findable(disk) == Records{fitting});
    CHECK(disk.used_bytes() == used_bytes);  // what was begun is gone
    REQUIRE_FALSE(file.commit("small"));
  }
  disk.limit_capacity(used_bytes + needed_bytes);
  REQUIRE_FALSE(file.commit(large));
  CHECK(findable(disk) == Records{large});
  CHECK(file.layout().slot_bytes == 32'768);
  CHECK(disk.used_bytes() == needed_bytes);
  disk.limit_capacity(0);
  REQUIRE_FALSE(file.commit(make_record(2, 30'000)));
}

TEST_CASE("a first commit on a full disk is an error until there is room", "[state]") {
  FakeDisk disk;
  disk.limit_capacity(10'000);
  SlotFile file(disk, kSmallSlotBytes);
  SlotContents contents;
  REQUIRE_FALSE(file.open("/state", contents));
  CHECK(file.commit("one") == std::errc::no_space_on_device);
  CHECK(findable(disk) == Records{""});
  disk.lift_capacity();
  CHECK_FALSE(file.commit("one"));
  CHECK(findable(disk) == Records{"one"});
}

}  // namespace tailmeter
