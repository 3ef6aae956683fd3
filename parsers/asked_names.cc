#include "parsers/asked_names.h"

#include <cassert>
#include <utility>

namespace tailmeter {

void NameTable::add(std::string_view name, std::uint32_t number) {
  assert(number != kNone);
  if (++size_ * 4 > slots_.size()) {
    std::vector<Slot> smaller = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
    size_ = 1;
    for (const Slot& slot : smaller) {
      if (slot.number != kNone) add(slot.name, slot.number);
    }
  }
  std::size_t place = first_place(name);
  while (slots_[place & (slots_.size() - 1)].number != kNone) ++place;
  slots_[place & (slots_.size() - 1)] = {std::string(name), number};
}

void AskedNames::ask(std::string_view name) {
  if (table_.find(name) != NameTable::kNone) return;
  assert(names_.size() < kNoField);
  table_.add(name, static_cast<std::uint32_t>(names_.size()));
  names_.emplace_back(name);
}

void AskedNames::select(const std::vector<bool>& used) {
  table_ = {};
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (used[i]) table_.add(names_[i], static_cast<std::uint32_t>(i));
  }
}

}  // namespace tailmeter
