#include "exporter/web/standing.h"

#include <vector>

#include <catch2/catch.hpp>

namespace tailmeter {
namespace {

using Worth = Standing::Worth;

constexpr PeerGroup kScraper{PeerGroup::Kind::kIpv4, 1};
constexpr PeerGroup kCrowd{PeerGroup::Kind::kIpv4, 2};
constexpr PeerGroup kOther{PeerGroup::Kind::kIpv6, 1};

Standing connection(Worth worth, PeerGroup group, int since) {
  return {worth, group, TimePoint(std::chrono::seconds(since))};
}

TEST_CASE("the connection that is worth least makes room, of those who have most, and the oldest", "[web]") {
  struct Case {
    const char* what;
    std::vector<Standing> connections;
    std::optional<std::size_t> victim;
  };
  const Case cases[] = {
      {"nobody is there", {}, std::nullopt},
      {"all are being answered", {connection(Worth::kAsking, kCrowd, 1), connection(Worth::kAsking, kCrowd, 2)}, {}},
      {"a slow client goes before a scraper between two scrapes, however long that waits",
       {connection(Worth::kProven, kScraper, 1), connection(Worth::kUnproven, kCrowd, 9)},
       1},
      {"and before one that takes nothing of its answer",
       {connection(Worth::kStalled, kCrowd, 1), connection(Worth::kUnproven, kCrowd, 9)},
       1},
      {"one that was refused goes first",
       {connection(Worth::kUnproven, kCrowd, 1), connection(Worth::kRefused, kScraper, 9)},
       1},
      {"one that takes nothing goes before one that had a good answer",
       {connection(Worth::kProven, kScraper, 1), connection(Worth::kStalled, kScraper, 9)},
       1},
      {"a scraper between two scrapes goes if there is nothing else",
       {connection(Worth::kReceiving, kCrowd, 1), connection(Worth::kProven, kScraper, 9),
        connection(Worth::kAsking, kCrowd, 1)},
       1},
      {"of those who have most, and there the one that waits longest",
       {connection(Worth::kUnproven, kScraper, 1), connection(Worth::kUnproven, kCrowd, 5),
        connection(Worth::kUnproven, kCrowd, 3), connection(Worth::kUnproven, kOther, 2)},
       2},
      {"a newcomer is not taken for one of many because of what its neighbours had answered",
       {connection(Worth::kUnproven, kScraper, 9), connection(Worth::kProven, kScraper, 1),
        connection(Worth::kProven, kScraper, 2), connection(Worth::kUnproven, kCrowd, 8),
        connection(Worth::kUnproven, kCrowd, 7)},
       4},
      {"a good client that sends its next request is worth more than one between two",
       {connection(Worth::kBegun, kScraper, 1), connection(Worth::kProven, kScraper, 9)},
       1},
      {"one that takes its answer is worth more than one that has only been given it",
       {connection(Worth::kReceiving, kScraper, 1), connection(Worth::kBegun, kScraper, 9)},
       1},
      {"where all have as many, the one that waits longest",
       {connection(Worth::kUnproven, kScraper, 3), connection(Worth::kUnproven, kOther, 2),
        connection(Worth::kUnproven, kCrowd, 4)},
       1},
  };
  for (const Case& test : cases) {
    CAPTURE(test.what);
    CHECK(choose_victim(test.connections) == test.victim);
  }
}

TEST_CASE("answered connections are kept for an address up to a number, those that had most answers first", "[web]") {
  std::vector<Standing> connections = {connection(Worth::kUnproven, kCrowd, 50)};
  for (int i = 0; i < 17; ++i) {
    connections.push_back(connection(Worth::kProven, kCrowd, 10 + i));
    connections.back().good_bytes = 2;
  }
  CHECK(choose_victim(connections) == 1);
  connections[9].good_bytes = 1;
  CHECK(choose_victim(connections) == 9);
  connections[9].group = kScraper;
  CHECK(choose_victim(connections) == 0);
}

}  // namespace
}  // namespace tailmeter
