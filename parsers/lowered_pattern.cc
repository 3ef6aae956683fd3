#include "parsers/lowered_pattern.h"

#include <algorithm>
#include <cstring>

namespace tailmeter {
namespace {

// What follows an item, or, read backwards, what is in front of it.
struct Side {
  ByteSet edge{};  // the bytes next to the item: what the rest may begin with, or what is in front may end with
  bool may_be_empty = true;
  bool is_anchored;  // by `$` or `^`

  // Adds the item that the side was for; then it is for the next one.
  void take_in(const PatternItem& item, bool is_behind) {
    bool has_empty = item.kind == PatternItem::Kind::kRun && item.count == 0;
    ByteSet item_edge = item.bytes;
    for (const std::string& text : item.texts) {
      if (text.empty()) has_empty = true;
      if (!text.empty()) item_edge.set(byte_index(is_behind ? text.front() : text.back()));
    }
    edge = has_empty ? edge | item_edge : item_edge;
    may_be_empty = may_be_empty && has_empty;
  }

  [[nodiscard]] bool always_matches() const { return may_be_empty && !is_anchored; }
};

template <typename Contains>
bool has_one_in_another(const std::vector<std::string>& texts, Contains contains) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (std::size_t k = 0; k < texts.size(); ++k) {
      if (i != k && contains(texts[i], texts[k])) return true;
    }
  }
  return false;
}

bool has_known_end(const PatternItem& item, const Side& behind) {
  if (item.kind == PatternItem::Kind::kRun) return behind.always_matches() || (item.bytes & behind.edge).none();
  return !has_one_in_another(item.texts, [](const auto& text, const auto& other) { return text.starts_with(other); });
}

bool has_known_begin(const PatternItem& item, const Side& in_front) {
  if (item.kind == PatternItem::Kind::kRun) return (item.bytes & in_front.edge).none();
  return !has_one_in_another(item.texts, [](const auto& text, const auto& other) { return text.ends_with(other); });
}

// The last `byte` in [begin, end), or null.
const char* find_last(const char* begin, const char* end, char byte) {
  return begin >= end ? nullptr : static_cast<const char*>(memrchr(begin, byte, static_cast<std::size_t>(end - begin)));
}

}  // namespace

LoweredPattern::Step::Step(const PatternItem& item)
    : kind(item.kind), is_one_text(item.texts.size() == 1), count(item.count), scan(item.bytes) {
  for (const std::string& text : item.texts) texts.emplace_back(text);
}

LoweredPattern::LoweredPattern(const PatternItems& items)
    : steps_(items.items.begin(), items.items.end()),
      groups_(items.groups),
      is_anchored_at_end_(items.is_anchored_at_end),
      gap_(steps_.size()) {}

std::optional<LoweredPattern> LoweredPattern::from(std::string_view text) {
  const std::optional<PatternItems> items = read_pattern_items(text);
  if (!items || items->items.size() > kMaxSteps) return std::nullopt;
  LoweredPattern pattern(*items);
  if (!pattern.settle(*items)) return std::nullopt;
  return pattern;
}

bool LoweredPattern::settle(const PatternItems& pattern) {
  const std::vector<PatternItem>& items = pattern.items;
  const std::size_t size = items.size();
  std::vector<Side> behind(size + 1, Side{.is_anchored = pattern.is_anchored_at_end});
  for (std::size_t i = size; i-- > 0;) {
    behind[i] = behind[i + 1];
    behind[i].take_in(items[i], true);
  }
  const auto ends_are_known = [&](std::size_t first) {
    for (std::size_t i = first; i < size; ++i) {
      if (!has_known_end(items[i], behind[i + 1])) return false;
    }
    return true;
  };
  gap_ = 0;
  while (gap_ < size && has_known_end(items[gap_], behind[gap_ + 1])) ++gap_;
  if (gap_ == size) return true;
  if (items[gap_].kind != PatternItem::Kind::kRun) return false;

  Side in_front{.is_anchored = true};
  for (std::size_t i = 0; i <= gap_; ++i) in_front.take_in(items[i], false);
  goes_back_ = pattern.is_anchored_at_end;
  for (std::size_t i = gap_ + 1; i < size && goes_back_; ++i) {
    goes_back_ = has_known_begin(items[i], in_front);
    in_front.take_in(items[i], false);
  }
  if (goes_back_) return true;

  const ByteSet& next = behind[gap_ + 1].edge;
  if (behind[gap_ + 1].may_be_empty || next.count() != 1 || !ends_are_known(gap_ + 1)) return false;
  for (std::size_t i = gap_ + 1; i < size; ++i) {
    const bool is_run = items[i].kind == PatternItem::Kind::kRun && !behind[i + 1].always_matches();
    if (is_run && (items[i].bytes & next).any()) return false;
  }
  behind_gap_ = first_byte(next);
  return true;
}

bool LoweredPattern::search(std::string_view text, std::span<std::string_view> groups) const {
  Search search;
  search.text = {text.data(), text.data() + text.size()};
  if (!match_from(0, search.text.begin, search)) return false;
  const std::size_t wanted = std::min(groups.size(), groups_.size());
  for (std::size_t i = 0; i < wanted; ++i) {
    const char* const begin = search.places[groups_[i].begin];
    groups[i] = {begin, static_cast<std::size_t>(search.places[groups_[i].end] - begin)};
  }
  std::fill(groups.begin() + static_cast<std::ptrdiff_t>(wanted), groups.end(), std::string_view());
  return true;
}

bool LoweredPattern::match_from(std::size_t first, const char* place, Search& search) const {
  for (std::size_t i = first; i < steps_.size(); ++i) {
    search.places[i] = place;
    if (i == gap_) return goes_back_ ? match_back(search) : match_gap(search);
    place = steps_.data()[i].end_of(place, search);
    if (place == nullptr) return false;
  }
  search.places[steps_.size()] = place;
  return !is_anchored_at_end_ || place == search.text.end;
}

bool LoweredPattern::match_back(Search& search) const {
  const char* const gap_begin = search.places[gap_];
  const char* place = search.text.end;
  search.places[steps_.size()] = place;
  for (std::size_t i = steps_.size(); i-- > gap_ + 1;) {
    place = steps_.data()[i].begin_of(gap_begin, place, search);
    if (place == nullptr) return false;
    search.places[i] = place;
  }
  const Step& gap = steps_[gap_];
  return static_cast<std::size_t>(place - gap_begin) >= gap.count &&
         gap.scan.end_of_run(search.text, gap_begin, place) == place;
}

bool LoweredPattern::match_gap(Search& search) const {
  const Step& gap = steps_[gap_];
  const char* const shortest_end = search.places[gap_] + gap.count;
  const char* reach = gap.scan.end_of_run(search.text, search.places[gap_], search.text.end);
  while (const char* const gap_end = find_last(shortest_end, reach, behind_gap_)) {
    if (match_from(gap_ + 1, gap_end, search)) return true;
    reach = gap_end;
  }
  return false;
}

// Most steps are single texts and runs: what they need is worth to be where it is used.
inline const char* LoweredPattern::Step::end_of(const char* place, const Search& search) const {
  if (is_one_text) {
    const Literal& text = *texts.data();
    return text.is_at(place, search.text.end) ? place + text.size() : nullptr;
  }
  if (kind != PatternItem::Kind::kRun) return end_of_others(place, search);
  const char* const end = scan.end_of_run(search.text, place, search.text.end);
  return static_cast<std::size_t>(end - place) < count ? nullptr : end;
}

const char* LoweredPattern::Step::end_of_others(const char* place, const Search& search) const {
  if (kind == PatternItem::Kind::kTexts) {
    for (const Literal& text : texts) {
      if (text.is_at(place, search.text.end)) return place + text.size();
    }
    return nullptr;
  }
  if (static_cast<std::size_t>(search.text.end - place) < count) return nullptr;
  const char* const end = place + count;
  return scan.end_of_run(search.text, place, end) == end ? end : nullptr;
}

inline const char* LoweredPattern::Step::begin_of(const char* floor, const char* place, const Search& search) const {
  const auto room = static_cast<std::size_t>(place - floor);
  switch (kind) {
    case PatternItem::Kind::kTexts:
      for (const Literal& text : texts) {
        if (text.size() <= room && text.is_at(place - text.size(), search.text.end)) return place - text.size();
      }
      return nullptr;
    case PatternItem::Kind::kBytes: {
      if (room < count) return nullptr;
      const char* const begin = place - count;
      return scan.end_of_run(search.text, begin, place) == place ? begin : nullptr;
    }
    case PatternItem::Kind::kRun: {
      const char* const begin = scan.begin_of_run(search.text, floor, place);
      return static_cast<std::size_t>(place - begin) < count ? nullptr : begin;
    }
  }
  return nullptr;
}

}  // namespace tailmeter
