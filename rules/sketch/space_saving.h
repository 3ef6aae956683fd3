// The heaviest keys of a stream, in bounded memory (Space-Saving: Metwally, Agrawal and El Abbadi, 2005).
//
// Of at most `capacity` keys the weights are kept. A key too many takes the place of the lightest, and that one's count
// for the error of its own: so of each key here, count - error <= its weight <= count, and error is at most all weight
// divided by the capacity. Of a key that is not here, so is its weight. Whatever weighs more than that is here.
//
// An update takes O(log capacity), and no memory once the keys have been as long as they get: a key that goes leaves
// its room to the one that comes. What happens depends on keys, counts and errors alone, not on the order in which they
// came: from restored entries it goes on as it would have gone on.
//
// Belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "parsers/decimal.h"
#include "rules/sketch/stable_hash.h"

namespace tailmeter {

class SpaceSaving {
 public:
  struct Entry {
    std::string_view key;
    Decimal count;
    Decimal error;
  };

  // `hash_key` is best drawn anew by each process: it keeps the writers of log lines from aiming at the look-up. It
  // changes no result.
  SpaceSaving(std::size_t capacity, std::uint64_t hash_key);
  SpaceSaving(SpaceSaving&&) = default;
  SpaceSaving& operator=(SpaceSaving&&) = default;

  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::size_t size() const { return held_.size(); }

  // Adds `weight`, which is not negative, to a key. No weight makes no entry.
  void add(std::string_view key, Decimal weight);

  // The heaviest first, of equals the first by key. Keys are valid until the next change.
  [[nodiscard]] std::vector<Entry> entries() const;

  // The most that a key without an entry can weigh.
  [[nodiscard]] Decimal largest_unseen() const;

  // Adds an entry of an earlier run, whose key has none here: all of a sketch of this capacity, or of a larger one,
  // of which the heaviest stay.
  void restore(std::string_view key, Decimal count, Decimal error);

  // Adds what another of the same capacity has seen (Agarwal and others, "Mergeable summaries", 2012). What is said
  // above of errors and weights is then true of both streams together.
  void merge(const SpaceSaving& other);

 private:
  using Slot = std::uint32_t;  // in held_
  struct Held {
    std::string key;
    Decimal count;
    Decimal error;
    std::size_t place = 0;  // in lightest_first_
  };
  struct Hash {
    using is_avalanching = void;  // tells Boost not to mix again
    std::size_t operator()(std::string_view bytes) const { return stable_hash(bytes, key); }
    std::uint64_t key;
  };

  [[nodiscard]] bool is_full() const { return held_.size() == capacity_; }
  [[nodiscard]] const Held* find(std::string_view key) const;
  [[nodiscard]] bool is_lighter(Slot left, Slot right) const;
  void append(std::string_view key, Decimal count, Decimal error);
  void replace_lightest(std::string_view key, Decimal count, Decimal error);
  void put(Slot slot, std::size_t place);
  void sink(std::size_t place);
  void rise(std::size_t place);

  std::size_t capacity_;
  std::vector<Held> held_;            // has room for all from the start: look-ups are by the keys' own bytes
  std::vector<Slot> lightest_first_;  // a heap
  boost::unordered_flat_map<std::string_view, Slot, Hash> slots_;
};

}  // namespace tailmeter
