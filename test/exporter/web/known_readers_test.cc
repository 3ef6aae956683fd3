#include "exporter/web/known_readers.h"

#include <catch2/catch.hpp>

namespace tailmeter {
namespace {

PeerGroup group(std::uint64_t network) {
  return {PeerGroup::Kind::kIpv4, network};
}

TEST_CASE("so many clients are known to read, and the one that read longest ago makes room", "[web]") {
  KnownReaders readers;
  const TimePoint begin;
  for (std::uint64_t i = 0; i < KnownReaders::kGroupsMax; ++i) readers.note(group(i), begin + std::chrono::seconds(i));
  readers.note(group(0), begin + std::chrono::hours(1));
  readers.note(group(1000), begin + std::chrono::hours(2));
  CHECK(readers.contains(group(0)));
  CHECK_FALSE(readers.contains(group(1)));
  CHECK(readers.contains(group(2)));
  CHECK(readers.contains(group(1000)));
}

}  // namespace
}  // namespace tailmeter
