#include "exporter/state/slot_file.h"

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "test/state/fake_disk.h"
#include "test/state/records.h"

namespace tailmeter {
namespace {

const std::string kPath = "/state/tailmeter.state";
const std::string kNewPath = "/state/tailmeter.state.new";

// The documented bytes, written down a second time.
std::string number(std::uint64_t value, std::size_t size_bytes) {
  std::string bytes;
  for (; size_bytes > 0; --size_bytes, value >>= 8) bytes += static_cast<char>(value & 0xff);
  return bytes;
}

std::string hash(const std::string& bytes) {
  const XXH128_hash_t value = XXH3_128bits(bytes.data(), bytes.size());
  return number(value.low64, 8) + number(value.high64, 8);
}

std::string padded(const std::string& bytes, std::size_t size_bytes) {
  return bytes + std::string(size_bytes - bytes.size(), '\0');
}

std::string header(std::uint64_t version, std::uint64_t slot_bytes) {
  const std::string bytes = padded("tailmtr\n" + number(version, 4) + number(0, 4) + number(slot_bytes, 8), 4080);
  return bytes + hash(bytes);
}

std::string slot(std::uint64_t sequence, const std::string& record, const std::string& identity) {
  const std::string bytes = number(sequence, 8) + number(record.size(), 8) + hash(identity) + record;
  return padded(hash(bytes) + bytes, kSmallSlotBytes);
}

std::string identity_of(FakeDisk& disk) {
  DiskFile file;
  REQUIRE_FALSE(disk.open_to_look(kPath, file));
  std::string bytes;
  REQUIRE_FALSE(disk.identity(file, bytes));
  return bytes;
}

void commit_all(FakeDisk& disk, const std::vector<std::string>& records) {
  SlotFile file(disk, kSmallSlotBytes);
  SlotContents contents;
  REQUIRE_FALSE(file.open("/state", contents));
  for (const std::string& record : records) REQUIRE_FALSE(file.commit(record));
}

}  // namespace

TEST_CASE("the bytes of the file are those of its description", "[state]") {
  FakeDisk disk;
  commit_all(disk, {"one", "two", "three"});
  const std::string identity = identity_of(disk);
  // The third went over the first.
  CHECK(disk.content(kPath) == header(1, kSmallSlotBytes) + slot(3, "three", identity) + slot(2, "two", identity));
  CHECK(name_of(look(disk, "/state").finding) == "right");
}

TEST_CASE("a record comes back after the file is opened again", "[state]") {
  FakeDisk disk;
  const std::size_t size_bytes = GENERATE(as<std::size_t>{}, 0, 1, 511, kFittingRecordBytes, kFittingRecordBytes + 1,
                                          kDefaultSlotBytes, 3 * kDefaultSlotBytes);
  CAPTURE(size_bytes);
  const std::string record = make_record(1, size_bytes);
  commit_all(disk, {"earlier", record});
  SlotFile file(disk, kSmallSlotBytes);
  SlotContents contents;
  REQUIRE_FALSE(file.open("/state", contents));
  CHECK(name_of(contents.finding) == "right");
  CHECK(contents.record == record);
  CHECK(file.layout().sequence == 2);
  CHECK(file.layout().file_bytes == disk.content(kPath).size());
}

TEST_CASE("records go to the two slots in turns, with rising numbers, over reopenings too", "[state]") {
  FakeDisk disk;
  std::vector<std::pair<std::uint64_t, int>> places;
  for (int run = 0; run < 2; ++run) {
    SlotFile file(disk, kSmallSlotBytes);
    SlotContents contents;
    REQUIRE_FALSE(file.open("/state", contents));
    for (int i = 0; i < 3; ++i) {
      REQUIRE_FALSE(file.commit("record"));
      places.emplace_back(file.layout().sequence, file.layout().newest_slot);
    }
  }
  CHECK(places == std::vector<std::pair<std::uint64_t, int>>{{1, 0}, {2, 1}, {3, 0}, {4, 1}, {5, 0}, {6, 1}});
}

TEST_CASE("a new file has its room from the start, and one that grows has room for twice the record", "[state]") {
  FakeDisk disk;
  SlotFile file(disk);
  SlotContents contents;
  REQUIRE_FALSE(file.open("/state", contents));
  CHECK(name_of(contents.finding) == "new");
  REQUIRE_FALSE(file.commit("small"));
  CHECK(disk.content(kPath).size() == 4096 + 2 * (1 << 20));
  CHECK(file.layout().slot_bytes == 1 << 20);
  REQUIRE_FALSE(file.commit(make_record(1, (1 << 20) - kSlotHeadBytes)));
  CHECK(file.layout().slot_bytes == 1 << 20);
  REQUIRE_FALSE(file.commit(make_record(1, (1 << 20) - kSlotHeadBytes + 1)));
  CHECK(file.layout().slot_bytes == 4 << 20);
  CHECK(disk.content(kPath).size() == 4096 + 2 * (4 << 20));
  CHECK_FALSE(disk.exists(kNewPath));
}

TEST_CASE("a record over the limit is refused, and the one before stays", "[state]") {
  FakeDisk disk;
  SlotFile file(disk, kSmallSlotBytes);
  SlotContents contents;
  REQUIRE_FALSE(file.open("/state", contents));
  REQUIRE_FALSE(file.commit("before"));
  const std::uint64_t changes = disk.changes();
  const char byte = 'x';  // the rest is not looked at
  CHECK(file.commit(std::string_view(&byte, kMaxRecordBytes + 1)) == std::errc::file_too_large);
  CHECK(disk.changes() == changes);
  CHECK(look(disk, "/state").record == "before");
}

TEST_CASE("a file that is removed, moved or replaced while it is in use is made anew by the next commit", "[state]") {
  FakeDisk disk;
  SlotFile file(disk, kSmallSlotBytes);
  SlotContents contents;
  REQUIRE_FALSE(file.open("/state", contents));
  REQUIRE_FALSE(file.commit("one"));
  const std::string how = GENERATE(as<std::string>{}, "removed", "moved", "replaced by a copy", "replaced, disk full");
  CAPTURE(how);
  if (how == "removed") disk.unlink(kPath);
  if (how == "moved") disk.move(kPath, "/state/elsewhere");
  if (how.starts_with("replaced")) disk.copy(kPath, kPath);
  if (how == "replaced, disk full") {
    disk.limit_capacity(0);
    CHECK(file.commit("two") == std::errc::no_space_on_device);
    disk.lift_capacity();
  }
  REQUIRE_FALSE(file.commit("two"));
  CHECK(file.layout().sequence > 1);
  REQUIRE_FALSE(file.commit("three"));
  SlotFile second(disk, kSmallSlotBytes);
  CHECK(second.open("/state", contents) == DiskError::kLocked);
  disk.restart_after_power_cut(1);
  const SlotContents seen = look(disk, "/state");
  CHECK(name_of(seen.finding) == "right");
  CHECK(seen.record == "three");
}

TEST_CASE("a name that another program took is left to it, and taken back when that has ended", "[state]") {
  FakeDisk disk;
  SlotFile file(disk, kSmallSlotBytes);
  SlotContents contents;
  REQUIRE_FALSE(file.open("/state", contents));
  REQUIRE_FALSE(file.commit("one"));
  disk.unlink(kPath);
  {
    SlotFile other(disk, kSmallSlotBytes);
    REQUIRE_FALSE(other.open("/state", contents));
    REQUIRE_FALSE(other.commit("of the other"));
    CHECK(file.commit("two") == DiskError::kLocked);
    CHECK(look(disk, "/state").record == "of the other");
  }
  REQUIRE_FALSE(file.commit("three"));
  CHECK(look(disk, "/state").record == "three");
}

TEST_CASE("an older state that is written into the file itself is foreign", "[state]") {
  FakeDisk disk;
  commit_all(disk, {"one"});
  const std::size_t written_since = GENERATE(as<std::size_t>{}, 0, 1, 2, 3, 4);
  CAPTURE(written_since);
  const std::string older = disk.content(kPath);
  commit_all(disk, std::vector<std::string>(written_since, "later"));
  disk.set_content(kPath, older);
  const std::string expected = written_since == 0 ? "right" : "foreign";
  CHECK(name_of(look(disk, "/state").finding) == expected);
  SlotFile file(disk, kSmallSlotBytes);
  SlotContents contents;
  REQUIRE_FALSE(file.open("/state", contents));
  CHECK(contents.record == (written_since == 0 ? "one" : ""));
  REQUIRE_FALSE(file.commit("next"));
  CHECK(name_of(look(disk, "/state").finding) == "right");
  CHECK(look(disk, "/state").record == "next");
}

TEST_CASE("a look changes nothing, needs no lock and makes no file", "[state]") {
  FakeDisk disk;
  CHECK(name_of(look(disk, "/state").finding) == "new");
  CHECK(disk.changes() == 0);
  CHECK_FALSE(disk.exists(kPath));
  SlotFile file(disk, kSmallSlotBytes);
  SlotContents contents;
  REQUIRE_FALSE(file.open("/state", contents));
  REQUIRE_FALSE(file.commit("one"));
  REQUIRE_FALSE(file.commit("two"));
  disk.set_content(kNewPath, "left over");
  const std::uint64_t changes = disk.changes();
  const SlotContents seen = look(disk, "/state");
  CHECK(seen.record == "two");
  CHECK(seen.layout.sequence == 2);
  CHECK(seen.layout.newest_slot == 1);
  CHECK(seen.layout.slot_bytes == kSmallSlotBytes);
  CHECK(seen.layout.file_bytes == 4096 + 2 * kSmallSlotBytes);
  CHECK(disk.changes() == changes);
  CHECK(disk.content(kNewPath) == "left over");
}

TEST_CASE("a file that is not ours to read stays as it is until the first commit makes it anew", "[state]") {
  FakeDisk disk;
  std::string finding;
  std::string bytes;
  const std::string name = GENERATE("noise", "short noise", "no record", "other version", "copy", "no slot size",
                                    "odd slot size", "vast slots");
  CAPTURE(name);
  commit_all(disk, {"one", "two"});
  const std::string right = disk.content(kPath);
  const std::string slots = right.substr(4096);
  if (name == "copy") {
    disk.copy(kPath, kPath);
    finding = "foreign";
  } else if (name == "other version") {
    disk.set_content(kPath, header(2, kSmallSlotBytes) + slots);
    finding = "other version";
  } else {
    finding = "damaged";
    if (name == "noise") disk.set_content(kPath, make_record(1, right.size()));
    if (name == "short noise") disk.set_content(kPath, "noise");
    const std::string identity = identity_of(disk);
    if (name == "no record") {
      disk.set_content(kPath, header(1, kSmallSlotBytes) + slot(0, "", identity) + slot(0, "", identity));
    }
    if (name == "no slot size") disk.set_content(kPath, header(1, 0) + slots);
    if (name == "odd slot size") disk.set_content(kPath, header(1, kSmallSlotBytes - 1) + slots);
    if (name == "vast slots") disk.set_content(kPath, header(1, std::uint64_t{1} << 63) + slots);
  }
  bytes = disk.content(kPath);

  SlotFile file(disk, kSmallSlotBytes);
  SlotContents contents;
  REQUIRE_FALSE(file.open("/state", contents));
  CHECK(name_of(contents.finding) == finding);
  CHECK(contents.record.empty());
  CHECK(contents.layout.sequence == 0);
  CHECK(disk.content(kPath) == bytes);
  REQUIRE_FALSE(file.commit("anew"));
  CHECK(name_of(look(disk, "/state").finding) == "right");
  CHECK(look(disk, "/state").record == "anew");
}

TEST_CASE("a file that was only renamed is not foreign", "[state]") {
  FakeDisk disk;
  commit_all(disk, {"one"});
  disk.move(kPath, "/elsewhere/tailmeter.state");
  CHECK(name_of(look(disk, "/elsewhere").finding) == "right");
}

TEST_CASE("a second one does not get the file, before and after it has grown", "[state]") {
  FakeDisk disk;
  SlotFile first(disk, kSmallSlotBytes);
  SlotFile second(disk, kSmallSlotBytes);
  SlotContents contents;
  REQUIRE_FALSE(first.open("/state", contents));
  CHECK(second.open("/state", contents) == DiskError::kLocked);
  for (const auto size_bytes : std::initializer_list<std::size_t>{10, 100, 10'000, 100'000}) {
    CAPTURE(size_bytes);
    REQUIRE_FALSE(first.commit(make_record(1, size_bytes)));
    CHECK(second.open("/state", contents) == DiskError::kLocked);
  }
}

TEST_CASE("what a crash left beside the file is removed when it is opened", "[state]") {
  FakeDisk disk;
  commit_all(disk, {"one"});
  disk.set_content(kNewPath, "left over");
  commit_all(disk, {});
  CHECK_FALSE(disk.exists(kNewPath));
  CHECK(look(disk, "/state").record == "one");
}

}  // namespace tailmeter
