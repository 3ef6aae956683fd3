#include "rules/sketch/space_saving.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

namespace tailmeter {

SpaceSaving::SpaceSaving(std::size_t capacity, std::uint64_t hash_key)
    : capacity_(capacity), slots_(0, Hash{hash_key}) {
  assert(capacity > 0 && capacity < std::numeric_limits<Slot>::max());
  held_.reserve(capacity);
  lightest_first_.reserve(capacity);
  slots_.reserve(capacity);
}

void SpaceSaving::add(std::string_view key, Decimal weight) {
  assert(!weight.is_negative());
  if (weight == Decimal()) return;
  if (const auto found = slots_.find(key); found != slots_.end()) {
    Held& held = held_[found->second];
    held.count += weight;
    sink(held.place);
  } else if (!is_full()) {
    append(key, weight, Decimal());
  } else {
    const Decimal error = largest_unseen();
    replace_lightest(key, error + weight, error);
  }
}

std::vector<SpaceSaving::Entry> SpaceSaving::entries() const {
  std::vector<Entry> entries;
  entries.reserve(held_.size());
  for (const Held& held : held_) entries.push_back({held.key, held.count, held.error});
  std::sort(entries.begin(), entries.end(), [](const Entry& left, const Entry& right) {
    return left.count != right.count ? left.count > right.count : left.key < right.key;
  });
  return entries;
}

Decimal SpaceSaving::largest_unseen() const {
  return is_full() ? held_[lightest_first_.front()].count : Decimal();
}

void SpaceSaving::restore(std::string_view key, Decimal count, Decimal error) {
  assert(find(key) == nullptr);
  if (!is_full()) {
    append(key, count, error);
    return;
  }
  const Held& lightest = held_[lightest_first_.front()];
  if (std::pair(lightest.count, std::string_view(lightest.key)) < std::pair(count, key)) {
    replace_lightest(key, count, error);
  }
}

void SpaceSaving::merge(const SpaceSaving& other) {
  assert(capacity_ == other.capacity_);
  const Decimal unseen_here = largest_unseen();
  const Decimal unseen_there = other.largest_unseen();
  std::vector<Held> united = held_;
  for (Held& held : united) {
    const Held* const same = other.find(held.key);
    held.count += same != nullptr ? same->count : unseen_there;
    held.error += same != nullptr ? same->error : unseen_there;
  }
  for (const Held& held : other.held_) {
    if (find(held.key) == nullptr) united.push_back({held.key, held.count + unseen_here, held.error + unseen_here});
  }
  slots_.clear();
  held_.clear();
  lightest_first_.clear();
  for (const Held& held : united) restore(held.key, held.count, held.error);
}

const SpaceSaving::Held* SpaceSaving::find(std::string_view key) const {
  const auto found = slots_.find(key);
  return found == slots_.end() ? nullptr : &held_[found->second];
}

// No two are equal: which is the lightest must not depend on how the heap came to be.
bool SpaceSaving::is_lighter(Slot left, Slot right) const {
  const Held& a = held_[left];
  const Held& b = held_[right];
  return a.count != b.count ? a.count < b.count : a.key < b.key;
}

void SpaceSaving::append(std::string_view key, Decimal count, Decimal error) {
  const auto slot = static_cast<Slot>(held_.size());
  held_.push_back({std::string(key), count, error});
  slots_.emplace(held_.back().key, slot);
  lightest_first_.push_back(slot);
  rise(slot);
}

void SpaceSaving::replace_lightest(std::string_view key, Decimal count, Decimal error) {
  const Slot slot = lightest_first_.front();
  Held& held = held_[slot];
  slots_.erase(held.key);
  held.key.assign(key);
  held.count = count;
  held.error = error;
  slots_.emplace(held.key, slot);
  sink(held.place);
}

void SpaceSaving::put(Slot slot, std::size_t place) {
  lightest_first_[place] = slot;
  held_[slot].place = place;
}

void SpaceSaving::sink(std::size_t place) {
  const Slot slot = lightest_first_[place];
  for (;;) {
    std::size_t child = 2 * place + 1;
    if (child >= lightest_first_.size()) break;
    if (child + 1 < lightest_first_.size() && is_lighter(lightest_first_[child + 1], lightest_first_[child])) ++child;
    if (!is_lighter(lightest_first_[child], slot)) break;
    put(lightest_first_[child], place);
    place = child;
  }
  put(slot, place);
}

void SpaceSaving::rise(std::size_t place) {
  const Slot slot = lightest_first_[place];
  while (place > 0) {
    const std::size_t parent = (place - 1) / 2;
    if (!is_lighter(slot, lightest_first_[parent])) break;
    put(lightest_first_[parent], place);
    place = parent;
  }
  put(slot, place);
}

}  // namespace tailmeter
