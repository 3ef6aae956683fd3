#include <map>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <malloc.h>

#include "rules/sketch/space_saving.h"
#include "test/rules/sketch_streams.h"

namespace tailmeter {
namespace {

struct Weighted {
  std::string key;
  Decimal weight;
};
using Stream = std::vector<Weighted>;
using Exact = std::map<std::string, Decimal, std::less<>>;

enum StreamKind {
  kEqualWeights,
  kRandomWeights,
  kLargeWeights,
  kDistinctThenOneHeavy,
  kRoundRobinOfOneTooMany,
  kAscendingWeights,
  kStreamKinds
};

Stream stream_of(Random& random, StreamKind kind, std::size_t capacity) {
  static const Zipf kZipf(500, 1.2);
  Stream stream(1 + random.below(1000));
  for (std::size_t i = 0; i < stream.size(); ++i) {
    Weighted& item = stream[i];
    item = {"key-" + std::to_string(kZipf.next(random)), Decimal::from_integer(1)};
    if (kind == kRandomWeights) item.weight = Decimal::from_nanos(static_cast<Int128>(random.below(1'000'000)));
    if (kind == kLargeWeights) item.weight = Decimal::from_nanos(static_cast<Int128>(random.bits()) << 40);
    if (kind == kDistinctThenOneHeavy) item.key = i < stream.size() * 3 / 4 ? std::to_string(i) : "heavy";
    if (kind == kRoundRobinOfOneTooMany) item.key = std::to_string(i % (capacity + 1));
    if (kind == kAscendingWeights) {
      item = {std::to_string(random.below(2 * capacity)), Decimal::from_integer(static_cast<std::int64_t>(i))};
    }
  }
  return stream;
}

Stream stream_of(Random& random, std::size_t capacity) {
  return stream_of(random, static_cast<StreamKind>(random.below(kStreamKinds)), capacity);
}

void add_all(SpaceSaving& sketch, const Stream& stream) {
  for (const Weighted& item : stream) sketch.add(item.key, item.weight);
}

Exact weights_of(std::initializer_list<const Stream*> streams) {
  Exact exact;
  for (const Stream* const stream : streams) {
    for (const Weighted& item : *stream) exact[item.key] += item.weight;
  }
  return exact;
}

std::string text_of(const SpaceSaving& sketch) {
  std::string text;
  for (const auto& [key, count, error] : sketch.entries()) {
    text.append(key).append(" ") += to_string(count) + " - " + to_string(error) + "\n";
  }
  return text;
}

// Everything that the header promises of a sketch that has seen what `exact` says; empty if it is kept.
std::string broken_promise(const SpaceSaving& sketch, Exact exact) {
  Int128 total = 0;
  for (const auto& [key, weight] : exact) total += weight.nanos();
  const auto capacity = static_cast<Int128>(sketch.capacity());
  if (sketch.entries().size() > sketch.capacity()) return "more entries than the capacity";
  for (const auto& [key, count, error] : sketch.entries()) {
    const auto found = exact.find(key);
    if (found == exact.end()) return "an entry never seen or twice: " + std::string(key);
    const Decimal weight = found->second;
    if (count < weight) return "a count below the weight: " + found->first;
    if (count.nanos() - error.nanos() > weight.nanos()) return "an error that is too small: " + found->first;
    if ((count.nanos() - weight.nanos()) * capacity > total) return "a count too far from the weight: " + found->first;
    if (error.nanos() * capacity > total) return "an error that is too large: " + found->first;
    exact.erase(found);
  }
  for (const auto& [key, weight] : exact) {
    if (weight > sketch.largest_unseen()) return "no entry for " + key;
  }
  return sketch.largest_unseen().nanos() * capacity > total ? "a heavy key may be unseen" : "";
}

TEST_CASE("each weight is between count - error and count, and no error is over the total by capacity", "[sketch]") {
  for (int run = 0; run < kRuns; ++run) {
    Random random(run);
    const std::size_t capacity = 1 + random.below(50);
    const auto kind = static_cast<StreamKind>(run % kStreamKinds);
    const Stream stream = stream_of(random, kind, capacity);
    SpaceSaving sketch(capacity, random.bits());
    add_all(sketch, stream);
    CAPTURE(run, kind, capacity);
    REQUIRE(broken_promise(sketch, weights_of({&stream})) == "");
  }
}

TEST_CASE("the counts of all entries are the total weight", "[sketch]") {
  for (int run = 0; run < kRuns / 10; ++run) {
    Random random(run);
    const std::size_t capacity = 1 + random.below(50);
    const Stream stream = stream_of(random, capacity);
    SpaceSaving sketch(capacity, random.bits());
    add_all(sketch, stream);
    Decimal total;
    for (const Weighted& item : stream) total += item.weight;
    Decimal sum;
    for (const auto& entry : sketch.entries()) sum += entry.count;
    REQUIRE(to_string(sum) == to_string(total));
  }
}

TEST_CASE("as long as there is room, weights are exact", "[sketch]") {
  SpaceSaving sketch(3, 7);
  sketch.add("b", Decimal::from_nanos(500'000'000));
  sketch.add("a", Decimal::from_integer(2));
  sketch.add("b", Decimal::from_integer(4));
  sketch.add("nothing", Decimal());
  sketch.add("c", Decimal::from_integer(2));
  CHECK(text_of(sketch) == "b 4.5 - 0\na 2 - 0\nc 2 - 0\n");
}

TEST_CASE("a key too many takes the place of the lightest, and its count for an error", "[sketch]") {
  SpaceSaving sketch(2, 7);
  sketch.add("a", Decimal::from_integer(5));
  sketch.add("b", Decimal::from_integer(3));
  CHECK(to_string(sketch.largest_unseen()) == "3");
  sketch.add("c", Decimal());
  CHECK(text_of(sketch) == "a 5 - 0\nb 3 - 0\n");
  sketch.add("c", Decimal::from_integer(1));
  CHECK(text_of(sketch) == "a 5 - 0\nc 4 - 3\n");
  sketch.add("c", Decimal::from_integer(1));
  sketch.add("d", Decimal::from_integer(2));  // of a and c, which weigh the same, a comes first
  CHECK(text_of(sketch) == "d 7 - 5\nc 5 - 3\n");
}

TEST_CASE("a sketch that is restored goes on as the one that was saved", "[sketch]") {
  for (int run = 0; run < kRuns; ++run) {
    Random random(run);
    const std::size_t capacity = 1 + random.below(30);
    const Stream stream = stream_of(random, capacity);
    SpaceSaving lasting(capacity, random.bits());
    SpaceSaving restored(capacity, random.bits());
    const std::size_t cut = random.below(stream.size());
    for (std::size_t i = 0; i < stream.size(); ++i) {
      if (i == cut || random.below(300) == 0) {
        std::vector<SpaceSaving::Entry> saved = lasting.entries();
        random.shuffle(saved);
        restored = SpaceSaving(capacity, random.bits());
        for (const auto& [key, count, error] : saved) restored.restore(key, count, error);
      }
      lasting.add(stream[i].key, stream[i].weight);
      if (i >= cut) restored.add(stream[i].key, stream[i].weight);
    }
    CAPTURE(run, capacity, cut);
    REQUIRE(text_of(restored) == text_of(lasting));
  }
}

TEST_CASE("a sketch that is restored with less room keeps the heaviest, and its promises", "[sketch]") {
  for (int run = 0; run < kRuns / 4; ++run) {
    Random random(run);
    const std::size_t capacity = 2 + random.below(30);
    const Stream first = stream_of(random, capacity);
    const Stream second = stream_of(random, capacity);
    SpaceSaving sketch(capacity, random.bits());
    add_all(sketch, first);
    SpaceSaving smaller(1 + random.below(capacity), random.bits());
    std::vector<SpaceSaving::Entry> saved = sketch.entries();
    random.shuffle(saved);
    for (const auto& [key, count, error] : saved) smaller.restore(key, count, error);
    CAPTURE(run, capacity, smaller.capacity());
    REQUIRE(broken_promise(smaller, weights_of({&first})) == "");
    REQUIRE(to_string(smaller.entries().front().count) == to_string(sketch.entries().front().count));
    add_all(smaller, second);
    REQUIRE(broken_promise(smaller, weights_of({&first, &second})) == "");
  }
}

TEST_CASE("what is merged keeps its promises of both streams together, and of what comes then", "[sketch]") {
  for (int run = 0; run < kRuns; ++run) {
    Random random(run);
    const std::size_t capacity = 1 + random.below(40);
    const Stream streams[] = {stream_of(random, capacity), stream_of(random, capacity), stream_of(random, capacity)};
    SpaceSaving left(capacity, random.bits());
    SpaceSaving right(capacity, random.bits());
    SpaceSaving right_too(capacity, random.bits());
    add_all(left, streams[0]);
    add_all(right, streams[1]);
    add_all(right_too, streams[1]);
    right_too.merge(left);
    left.merge(right);
    CAPTURE(run, capacity);
    REQUIRE(broken_promise(left, weights_of({&streams[0], &streams[1]})) == "");
    REQUIRE(text_of(right_too) == text_of(left));
    add_all(left, streams[2]);
    REQUIRE(broken_promise(left, weights_of({&streams[0], &streams[1], &streams[2]})) == "");
    right.merge(left);
    REQUIRE(broken_promise(right, weights_of({&streams[0], &streams[1], &streams[1], &streams[2]})) == "");
  }
}

TEST_CASE("a merged key that one side has not seen may have had there what was unseen", "[sketch]") {
  SpaceSaving left(2, 1);
  left.add("a", Decimal::from_integer(5));
  left.add("b", Decimal::from_integer(3));
  SpaceSaving right(2, 2);
  right.add("b", Decimal::from_integer(4));
  right.add("c", Decimal::from_integer(1));
  left.merge(right);
  CHECK(text_of(left) == "b 7 - 0\na 6 - 1\n");
}

TEST_CASE("a hundred thousand different keys take no more memory than the first thousand", "[sketch]") {
  const auto key_of = [](int number) { return std::string(100, 'k') + std::to_string(1'000'000 + number); };
  SpaceSaving sketch(100, 7);
  for (int i = 0; i < 1000; ++i) sketch.add(key_of(i), Decimal::from_integer(1 + i % 3));
  const auto rooms = [&] {
    std::set<const char*> begins;
    for (const auto& entry : sketch.entries()) begins.insert(entry.key.data());
    return begins;
  };
  const std::set<const char*> rooms_before = rooms();
  const std::size_t before_bytes = mallinfo2().uordblks;
  for (int i = 1000; i < effort(100'000); ++i) sketch.add(key_of(i), Decimal::from_integer(1 + i % 3));
  CHECK(mallinfo2().uordblks <= before_bytes);
  CHECK(sketch.entries().size() == 100);
  CHECK(rooms() == rooms_before);  // a key that goes leaves its room to the one that comes
}

}  // namespace
}  // namespace tailmeter
