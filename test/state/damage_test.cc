// Nothing in a damaged file ends the program, gets a wrong record, or room beyond the file's size.
#include <algorithm>

#include <catch2/catch.hpp>

#include "test/state/fake_disk.h"
#include "test/state/records.h"
#include "test/support/effort.h"

namespace tailmeter {
namespace {

const std::string kPath = "/state/tailmeter.state";
constexpr std::size_t kStep = kIsSanitized ? 7 : 1;

class MeasuringDisk : public FakeDisk {
 public:
  std::size_t largest_read_bytes = 0;

  [[nodiscard]] std::error_code read(const DiskFile& file, std::uint64_t offset_bytes, std::span<char> room,
                                     std::size_t& bytes_read) override {
    largest_read_bytes = std::max(largest_read_bytes, room.size());
    return FakeDisk::read(file, offset_bytes, room, bytes_read);
  }
};

// "older" in slot 0, "newest" in slot 1, of different sizes.
constexpr std::size_t kOlderBegin = kSlotFileHeaderBytes;
constexpr std::size_t kOlderEnd = kOlderBegin + kSlotHeadBytes + 1500;
constexpr std::size_t kNewestBegin = kOlderBegin + kSmallSlotBytes;
constexpr std::size_t kNewestEnd = kNewestBegin + kSlotHeadBytes + 900;

struct Lab {
  MeasuringDisk disk;
  const std::string older = make_record(1, 1500);
  const std::string newest = make_record(2, 900);
  std::string bytes;

  Lab() {
    SlotFile file(disk, kSmallSlotBytes);
    SlotContents contents;
    REQUIRE_FALSE(file.open("/state", contents));
    REQUIRE_FALSE(file.commit(older));
    REQUIRE_FALSE(file.commit(newest));
    bytes = disk.content(kPath);
  }

  [[nodiscard]] std::string described(const SlotContents& contents) const {
    const std::string which = contents.record == older    ? "older"
                              : contents.record == newest ? "newest"
                              : contents.record.empty()   ? "no record"
                                                          : "A RECORD OF NOBODY";
    return name_of(contents.finding) + ", " + which;
  }

  // What a look says. Opening has to come to the same, and the next commit to repair it.
  [[nodiscard]] std::string found(const std::string& damaged) const {
    MeasuringDisk trial = disk;
    trial.set_content(kPath, damaged);
    SlotContents contents;
    if (look_at_state(trial, "/state", contents)) return "an error at a look";
    const std::string seen = described(contents);
    SlotFile file(trial, kSmallSlotBytes);
    if (file.open("/state", contents)) return "an error at open";
    if (described(contents) != seen) return "open says " + described(contents) + ", a look says " + seen;
    if (trial.largest_read_bytes > std::max(kSlotFileHeaderBytes, damaged.size())) return "too much room";
    if (file.commit("next") || look_at_state(trial, "/state", contents) || contents.record != "next") {
      return "no commit after " + seen;
    }
    return seen;
  }
};

}  // namespace

TEST_CASE("whichever byte is wrong, a record that was committed comes back or the damage is told", "[state]") {
  const Lab lab;
  REQUIRE(lab.found(lab.bytes) == "right, newest");
  const auto flip = static_cast<char>(GENERATE(0x01, 0x80, 0xff));
  CAPTURE(static_cast<int>(flip));
  for (std::size_t at = 0; at < lab.bytes.size(); at += kStep) {
    std::string damaged = lab.bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ flip);
    std::string expected = "right, newest";  // nothing was written there
    if (at < kOlderBegin) expected = "damaged, no record";
    if (at >= kOlderBegin && at < kOlderEnd) expected = "one slot damaged, newest";
    if (at >= kNewestBegin && at < kNewestEnd) expected = "one slot damaged, older";
    const std::string found = lab.found(damaged);
    if (found == expected) continue;
    CAPTURE(at);
    CHECK(found == expected);
  }
}

TEST_CASE("wherever the file is cut off, a record that was committed comes back or the damage is told", "[state]") {
  const Lab lab;
  for (std::size_t size_bytes = 0; size_bytes < lab.bytes.size(); size_bytes += kStep) {
    std::string expected = "right, newest";
    if (size_bytes < kNewestEnd) expected = "one slot damaged, older";
    if (size_bytes < kOlderEnd) expected = "damaged, no record";
    if (size_bytes == 0) expected = "new, no record";  // what a crash in the first open leaves
    const std::string found = lab.found(lab.bytes.substr(0, size_bytes));
    if (found == expected) continue;
    CAPTURE(size_bytes);
    CHECK(found == expected);
  }
}

TEST_CASE("the room that a file cut off has lost is there again after the next commit", "[state]") {
  Lab lab;
  lab.disk.set_content(kPath, lab.bytes.substr(0, kNewestEnd));
  SlotFile file(lab.disk, kSmallSlotBytes);
  SlotContents contents;
  REQUIRE_FALSE(file.open("/state", contents));
  REQUIRE_FALSE(file.commit("next"));
  CHECK(lab.disk.content(kPath).size() == lab.bytes.size());
  CHECK(file.layout().sequence == 3);
}

TEST_CASE("a file that somebody cuts off while it is in use is made anew by the next commit", "[state]") {
  const std::size_t left_bytes = GENERATE(as<std::size_t>{}, 0, 100, kNewestBegin, kNewestEnd);
  CAPTURE(left_bytes);
  Lab lab;
  SlotFile file(lab.disk, kSmallSlotBytes);
  SlotContents contents;
  REQUIRE_FALSE(file.open("/state", contents));
  REQUIRE_FALSE(file.commit("third"));
  lab.disk.set_content(kPath, lab.disk.content(kPath).substr(0, left_bytes));
  REQUIRE_FALSE(file.commit("fourth"));
  REQUIRE_FALSE(look_at_state(lab.disk, "/state", contents));
  CHECK(name_of(contents.finding) == "right");
  CHECK(contents.record == "fourth");
  CHECK(lab.disk.content(kPath).size() == lab.bytes.size());
}

TEST_CASE("slots of zeros, of noise and of another file's bytes are damage", "[state]") {
  const Lab lab;
  const std::string header = lab.bytes.substr(0, kOlderBegin);
  const std::string older = lab.bytes.substr(kOlderBegin, kSmallSlotBytes);
  const std::string newest = lab.bytes.substr(kNewestBegin);
  const std::string zeros(kSmallSlotBytes, '\0');
  const std::string ones(kSmallSlotBytes, '\xff');
  const std::string noise = make_record(3, kSmallSlotBytes);
  CHECK(lab.found(header + older + zeros) == "one slot damaged, older");
  CHECK(lab.found(header + ones + newest) == "one slot damaged, newest");
  CHECK(lab.found(header + noise + zeros) == "damaged, no record");
  CHECK(lab.found(header + zeros + zeros) == "damaged, no record");
  CHECK(lab.found(header + newest + older) == "right, newest");
  CHECK(lab.found(std::string(lab.bytes.size(), '\0')) == "damaged, no record");
}

TEST_CASE("a slot whose bytes are a mixture of two commits is none of them", "[state]") {
  const Lab lab;
  // As if a crash had kept some of the sectors of "newest" over an earlier record of the same size.
  FakeDisk other;
  SlotFile file(other, kSmallSlotBytes);
  SlotContents contents;
  REQUIRE_FALSE(file.open("/state", contents));
  for (std::uint32_t i = 0; i < 2; ++i) REQUIRE_FALSE(file.commit(make_record(10 + i, 900)));
  const std::string earlier = other.content(kPath);
  for (int kept = 1; kept < 3; ++kept) {  // of two sectors; with both it is "newest" again
    CAPTURE(kept);
    std::string torn = lab.bytes;
    for (std::size_t sector = 0; sector < 2; ++sector) {
      if (((kept >> sector) & 1) != 0) continue;
      torn.replace(kNewestBegin + 512 * sector, 512, earlier, kNewestBegin + 512 * sector, 512);
    }
    CHECK(lab.found(torn) == "one slot damaged, older");
  }
}

}  // namespace tailmeter
