#include "exporter/record.h"

#include <catch2/catch.hpp>

#include "rules/series/family.h"

namespace tailmeter {
namespace {

Record example() {
  const FileIdentity file{std::string("\x01\0\xff", 3)};
  SavedSource source{.name = "web", .files = {}};
  source.files.patterns = {"/var/log/*.log"};
  source.files.names = {{.path = "/var/log/a.log",
                         .identity = file,
                         .real_path = "/srv/a.log",
                         .start_bytes = 1,
                         .is_present = true,
                         .is_unsettled = true,
                         .settled_rotated = {{{"x"}, {1ULL << 41, ~0ULL, 512, {3, ~0ULL}, true}}, {{"y"}, {}}},
                         .settled_beginnings = {{1 << 14, {1, ~0ULL}, {1 << 13, 256, {2, 3}}}},
                         .unread_rotated = {{"z"}},
                         .left_rotated = {{"l"}},
                         .undecided = {{"u"}}}};
  source.files.generations = {{.identity = file,
                               .inode = ~0ULL,
                               .path = "/var/log/a.log",
                               .offset_bytes = 1ULL << 40,
                               .oversize_bytes = 3,
                               .oversize_open = 2,
                               .known_bytes = (1ULL << 40) + 9,
                               .beginning = {600, "head", {{513, 1, {4, 5}}, {}}},
                               .window = std::string("win\0dow\n", 8),
                               .pending = "p",
                               .is_skipping_nuls = true,
                               .is_done = true,
                               .may_be_rolled_back = true,
                               .may_go_on = true,
                               .rungs = {{1ULL << 40, 256, {~0ULL, 1}}, {}}}};
  source.files.finished = {source.files.generations.front(), {}};
  source.files.below = {"/var/log/old"};
  source.files.own_logs = {"/var/log/site/a.log"};
  source.files.left = {"/srv/logs"};
  source.files.totals = {1, 2, 3, 4, 5, 6, 7};
  source.counts = {1, 2, 3, 4, 5, ~0ULL};
  source.last_line_ms = 1'795'286'971'000;
  source.rotations = {7, 8, 9};
  source.lost_bytes = {10, 11, 12};
  source.dropped_datagrams = 13;
  SavedFamily family{.description = "d", .statistics = {1, 2, 3, 4, 5, 6}};
  family.jobs = {{"web,sync", {{"library/nginx", {1, ~0ULL}}, {}}}, {}};
  family.paths = {{"path", {{}, {}, {0, "users", true}, {2, "{text}", false}}}, {}};
  family.series.add("a=\"b\"", 1'795'286'971'000, std::vector<std::uint64_t>{~0ULL, 0, 1});
  family.series.add("", -1, {});
  return {.machine_id = "m", .boot_id = "b", .written_ms = 5, .sources = {source, {}}, .families = {family, {}}};
}

}  // namespace

TEST_CASE("a record is read as it was written", "[record]") {
  CHECK(decode_record(encode_record(example())) == example());
  CHECK(decode_record(encode_record({})) == Record{});
}

TEST_CASE("what is not a whole record is none", "[record]") {
  const std::string bytes = encode_record(example());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    if (decode_record(std::string_view(bytes).substr(0, size))) FAIL(size << " bytes of it are one");
  }
  CHECK_FALSE(decode_record(bytes + '\0'));
  std::string other_version = bytes;
  ++other_version[0];
  CHECK_FALSE(decode_record(other_version));
}

TEST_CASE("no bytes make the reader of records fail", "[record]") {
  const std::string bytes = encode_record(example());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const int changed : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(changed);
      static_cast<void>(decode_record(damaged));
    }
  }
}

TEST_CASE("a family's values are those of an earlier one after a restart", "[record]") {
  const FamilyDescription description{
      "size_bytes", "", SeriesKind::kHistogram, {"image"}, {Decimal::from_integer(1), Decimal::from_integer(10)}, 1};
  Family before(description);
  const std::vector<std::string> first = {"a"};
  const std::vector<std::string> second = {"b"};
  before.observe(before.find_or_add(first), Decimal::from_integer(5));
  before.observe(before.find_or_add(second), Decimal::from_nanos(-1));  // in the overflow series
  const SavedFamily saved = save_family(before.snapshot());

  Family after(description);
  saved.series.for_each([&](std::string_view labels, std::int64_t created_ms, std::span<const std::uint64_t> cells) {
    after.restore(labels, created_ms, cells);
  });
  CHECK(save_family(after.snapshot()) == saved);
  CHECK(after.find_or_add(first) != after.find_or_add(second));
  CHECK(after.is_overflow(after.find_or_add(second)));
  CHECK(after.series_count() == 2);
}

TEST_CASE("families are described alike only if their values mean the same", "[record]") {
  const FamilyDescription description{"a_total", "help", SeriesKind::kCounter, {"x", "y"}, {}, 1};
  const auto changed = [&](auto change) {
    FamilyDescription other = description;
    change(other);
    return description_key(other);
  };
  const std::string key = description_key(description);
  CHECK(changed([](auto& other) { other.help = "another"; }) == key);
  CHECK(changed([](auto& other) { other.max_series = 2; }) == key);
  CHECK(changed([](auto& other) { other.name = "b_total"; }) != key);
  CHECK(changed([](auto& other) { other.kind = SeriesKind::kGauge; }) != key);
  CHECK(changed([](auto& other) { other.label_names = {"xy"}; }) != key);
  CHECK(changed([](auto& other) { other.label_names = {"y", "x"}; }) != key);
  CHECK(changed([](auto& other) { other.bounds = {Decimal()}; }) != key);
}

}  // namespace tailmeter
