// Random lives of a file: commits, errors, kills and power cuts, each decided by the seed.
#include <random>
#include <set>

#include <catch2/catch.hpp>

#include "test/state/fake_disk.h"
#include "test/state/records.h"
#include "test/support/effort.h"

namespace tailmeter {
namespace {

constexpr std::uint32_t kSeeds = effort(20'000);
constexpr int kLivesPerSeed = 5;
constexpr int kCommitsPerLife = 8;
constexpr std::uint32_t kCallsMax = 25;  // an undisturbed life makes about so many

class World {
 public:
  explicit World(std::uint32_t seed) : random_(seed), disk_(seed + 1) {}

  // Nothing if all went well.
  [[nodiscard]] std::string run() {
    for (int life = 0; life < kLivesPerSeed && fault_.empty(); ++life) {
      if (below(2) == 0) disk_.fail_call(1 + below(kCallsMax), std::make_error_code(std::errc::io_error));
      if (below(4) != 0) disk_.stop_at_call(1 + below(kCallsMax));
      live();
      restart();
    }
    if (!fault_.empty()) return fault_;
    // In a world without faults it opens, and goes on.
    const std::uint64_t errors = errors_;
    live();
    if (fault_.empty() && errors_ != errors) fault_ = "an error that nothing explains";
    return fault_;
  }

 private:
  [[nodiscard]] std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }

  void live() {
    SlotFile file(disk_, kSmallSlotBytes);
    SlotContents contents;
    if (file.open("/state", contents)) {
      ++errors_;
      return;
    }
    judge(contents);
    for (int i = 0; i < kCommitsPerLife && fault_.empty() && !disk_.has_stopped(); ++i) commit(file);
  }

  void commit(SlotFile& file) {
    // Mostly records that fit, from the smallest on; sometimes one that does not.
    const std::uint32_t end = below(8) == 0 ? 12'000 : 4'000;
    const std::string record = make_record(++record_number_, 1 + below(1 + below(end)));
    const std::uint64_t sequence = file.layout().sequence;
    if (file.commit(record)) {
      ++errors_;
      possible_.insert(record);
    } else {
      possible_ = {record};
      if (file.layout().sequence <= sequence) fault_ = "a sequence number that does not rise";
    }
  }

  void judge(const SlotContents& contents) {
    if (!possible_.contains(contents.record)) {
      fault_ = contents.record.empty() ? "a committed record is gone" : "an old or mixed record came back";
    }
    const bool is_right = contents.record.empty() ? contents.finding == StateFinding::kNew
                                                  : contents.finding == StateFinding::kRight ||
                                                        contents.finding == StateFinding::kOneSlotDamaged;
    if (!is_right) fault_ = name_of(contents.finding) + ", and nobody damaged it";
    // What a run has seen may not be taken back later.
    possible_ = {contents.record};
  }

  void restart() {
    if (below(3) == 0) {
      disk_.restart_after_kill();
    } else {
      disk_.restart_after_power_cut(static_cast<std::uint32_t>(random_()));
    }
  }

  std::mt19937 random_;
  FakeDisk disk_;
  std::set<std::string> possible_{""};  // what may be found; the empty one stands for none
  std::uint32_t record_number_ = 0;
  std::uint64_t errors_ = 0;
  std::string fault_;
};

}  // namespace

TEST_CASE("after any crash the record is the last one committed or, whole, one that was being committed", "[state]") {
  int faults = 0;
  for (std::uint32_t seed = 0; seed < kSeeds && faults < 5; ++seed) {
    const std::string fault = World(seed).run();
    if (fault.empty()) continue;
    ++faults;
    CAPTURE(seed);
    CHECK(fault == "");
  }
}

}  // namespace tailmeter
