#include "exporter/web/unsent_pages.h"

#include <catch2/catch.hpp>

namespace tailmeter {
namespace {

using Worth = Standing::Worth;
using Given = std::vector<const std::string*>;

constexpr PeerGroup kOne{PeerGroup::Kind::kIpv4, 1};
constexpr PeerGroup kTwo{PeerGroup::Kind::kIpv4, 2};
constexpr PeerGroup kThree{PeerGroup::Kind::kIpv4, 3};

PageTaker taker(const std::string& page, Worth worth, int since, PeerGroup group = kOne) {
  return {&page, {.worth = worth, .group = group, .waits_since = TimePoint(std::chrono::seconds(since))}};
}

TEST_CASE("the page goes that is worth least, and no more pages than have to", "[web]") {
  const std::string large(400, 'a'), other(300, 'b'), third(300, 'c'), small(10, 'd'), newest(10, 'e');
  struct Case {
    const char* what;
    std::size_t bytes, pages;  // that may be kept
    std::vector<PageTaker> takers;
    Given given_up;
  };
  const Case cases[] = {
      {"so many bytes may be kept",
       1010,
       0,
       {taker(large, Worth::kStalled, 1), taker(other, Worth::kStalled, 2), taker(third, Worth::kStalled, 3),
        taker(newest, Worth::kBegun, 4)},
       {}},
      {"the one that waits longest",
       1009,
       0,
       {taker(large, Worth::kStalled, 2), taker(other, Worth::kStalled, 1), taker(third, Worth::kStalled, 3),
        taker(newest, Worth::kBegun, 4)},
       {&other}},
      {"a page that many take is one",
       710,
       0,
       {taker(large, Worth::kStalled, 1), taker(large, Worth::kStalled, 1), taker(other, Worth::kStalled, 2),
        taker(newest, Worth::kBegun, 4)},
       {}},
      {"pages as large as the largest, however small the newest is",
       0,
       2,
       {taker(large, Worth::kReceiving, 1), taker(other, Worth::kStalled, 2), taker(newest, Worth::kBegun, 4)},
       {}},
      {"who takes steadily outlives who has begun, if it were only now",
       0,
       2,
       {taker(large, Worth::kReceiving, 1), taker(other, Worth::kBegun, 3), taker(third, Worth::kBegun, 2),
        taker(newest, Worth::kBegun, 4)},
       {&third}},
      {"of clients alike, of those who have most",
       700,
       0,
       {taker(large, Worth::kStalled, 1, kTwo), taker(other, Worth::kStalled, 3), taker(small, Worth::kStalled, 2),
        taker(newest, Worth::kBegun, 4)},
       {&small, &large}},
      {"a page is worth what the best of its clients is",
       709,
       0,
       {taker(large, Worth::kStalled, 1), taker(large, Worth::kReceiving, 3, kTwo), taker(other, Worth::kBegun, 2),
        taker(newest, Worth::kBegun, 4)},
       {&other}},
      {"never the newest",
       1,
       0,
       {taker(large, Worth::kReceiving, 2), taker(newest, Worth::kStalled, 1),
        taker(small, Worth::kReceiving, 3, kThree)},
       {&large, &small}},
  };
  for (const Case& test : cases) {
    CAPTURE(test.what);
    HttpLimits limits;
    limits.unsent_bytes = test.bytes;
    limits.unsent_pages = test.pages;
    CHECK(pages_to_give_up(test.takers, &newest, limits) == test.given_up);
  }
}

}  // namespace
}  // namespace tailmeter
