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

  // Adds the item, which is no choice, that the side was for; then it is for the next one.
  void take_in(const PatternItem& item, bool is_behind) {
    bool has_empty = item.kind == PatternItem::Kind::kRun && item.least == 0;
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

// What begins at each of the items [first, last], of which the last one is `end`.
std::vector<Side> sides_behind(const std::vector<PatternItem>& items, std::size_t first, std::size_t last,
                               const Side& end) {
  std::vector<Side> sides(last + 1, end);
  for (std::size_t i = last; i-- > first;) {
    const PatternItem& item = items[i];
    if (item.kind == PatternItem::Kind::kChoice) {
      sides[i] = sides[i + 1];
      sides[i].edge |= sides[item.other].edge;
      sides[i].may_be_empty = sides[i].may_be_empty || sides[item.other].may_be_empty;
    } else {
      sides[i] = sides[item.next];
      sides[i].take_in(item, true);
    }
  }
  return sides;
}

template <typename Contains>
bool has_one_in_another(const std::vector<std::string>& texts, Contains contains) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (std::size_t k = 0; k < texts.size(); ++k) {
      if (i != k && contains(texts[i], texts[k])) return true;
    }
  }
  return false;
}

// `behind[i]` is what begins at items[i].
bool has_known_end(const std::vector<PatternItem>& items, std::size_t index, const std::vector<Side>& behind) {
  const PatternItem& item = items[index];
  const Side& rest = behind[item.next];
  switch (item.kind) {
    case PatternItem::Kind::kRun:
      return rest.always_matches() ? !item.is_lazy : (item.bytes & rest.edge).none();
    case PatternItem::Kind::kChoice: {
      const Side first = sides_behind(items, index + 1, item.next, Side{.is_anchored = false})[index + 1];
      if (first.may_be_empty) return false;
      return rest.always_matches() || (first.edge & behind[item.other].edge).none();
    }
    default:
      return !has_one_in_another(item.texts,
                                 [](const auto& text, const auto& other) { return text.starts_with(other); });
  }
}

bool has_known_begin(const PatternItem& item, const Side& in_front) {
  if (item.kind == PatternItem::Kind::kChoice) return false;
  if (item.kind == PatternItem::Kind::kRun) {
    return item.most == PatternNode::kNoLimit && (item.bytes & in_front.edge).none();
  }
  return !has_one_in_another(item.texts, [](const auto& text, const auto& other) { return text.ends_with(other); });
}

bool is_any_run(const PatternItem& item) {
  return item.kind == PatternItem::Kind::kRun && !item.is_in_a_choice && item.most == PatternNode::kNoLimit &&
         item.bytes == dot_bytes();
}

// The first or the last `byte` in [begin, end), or null.
const char* find(const char* begin, const char* end, char byte, bool is_first) {
  if (begin >= end) return nullptr;
  const auto size = static_cast<std::size_t>(end - begin);
  return static_cast<const char*>(is_first ? std::memchr(begin, byte, size) : memrchr(begin, byte, size));
}

}  // namespace

LoweredPattern::Step::Step(const PatternItem& item)
    : kind(item.kind),
      is_one_text(item.texts.size() == 1),
      is_lazy(item.is_lazy),
      least(item.least),
      most(item.most),
      other(item.other),
      next(item.next),
      scan(item.bytes) {
  for (const std::string& text : item.texts) texts.emplace_back(text);
}

LoweredPattern::LoweredPattern(const PatternItems& items)
    : steps_(items.items.begin(), items.items.end()),
      groups_(items.groups),
      is_anchored_at_end_(items.is_anchored_at_end),
      gap_(steps_.size()) {}

std::optional<LoweredPattern> LoweredPattern::from(const PatternTree& tree, PatternUse use) {
  std::optional<PatternItems> row = pattern_items(tree);
  if (!row || row->items.size() > kMaxSteps) return std::nullopt;
  if (use == PatternUse::kWhole) row->is_anchored_at_begin = row->is_anchored_at_end = true;
  bool needs_one_line = false;
  if (!row->is_anchored_at_begin) {
    if (row->items.empty() || !is_any_run(row->items.front()) || row->items.front().least > 1) return std::nullopt;
    needs_one_line = true;  // (6)
  }
  if (row->is_anchored_at_end && !row->items.empty() && is_any_run(row->items.back()) && !row->items.back().is_lazy) {
    row->is_anchored_at_end = false;
    needs_one_line = true;  // (7)
  }
  LoweredPattern pattern(*row);
  if (!pattern.settle(*row)) return std::nullopt;
  pattern.needs_one_line_ = needs_one_line;
  return pattern;
}

bool LoweredPattern::settle(const PatternItems& pattern) {
  const std::vector<PatternItem>& items = pattern.items;
  const std::size_t size = items.size();
  const std::vector<Side> behind = sides_behind(items, 0, size, Side{.is_anchored = pattern.is_anchored_at_end});
  const auto ends_are_known = [&](std::size_t first) {
    for (std::size_t i = first; i < size; ++i) {
      if (!has_known_end(items, i, behind)) return false;
    }
    return true;
  };
  gap_ = 0;
  while (gap_ < size && has_known_end(items, gap_, behind)) ++gap_;
  if (gap_ == size) return true;
  if (items[gap_].kind != PatternItem::Kind::kRun || items[gap_].is_in_a_choice) return false;

  goes_back_ = pattern.is_anchored_at_end;
  Side in_front{.is_anchored = true};
  for (std::size_t i = 0; i <= gap_; ++i) {
    if (items[i].kind == PatternItem::Kind::kChoice || items[i].is_in_a_choice) {
      in_front.edge.set();
    } else {
      in_front.take_in(items[i], false);
    }
  }
  for (std::size_t i = gap_ + 1; i < size && goes_back_; ++i) {
    goes_back_ = has_known_begin(items[i], in_front);
    if (goes_back_) in_front.take_in(items[i], false);
  }
  if (goes_back_) return true;

  const ByteSet& next = behind[gap_ + 1].edge;
  if (behind[gap_ + 1].may_be_empty || next.count() != 1 || !ends_are_known(gap_ + 1)) return false;
  for (std::size_t i = gap_ + 1; i < size; ++i) {
    const bool is_run = items[i].kind == PatternItem::Kind::kRun && !behind[items[i].next].always_matches();
    if (is_run && (items[i].bytes & next).any()) return false;
  }
  behind_gap_ = first_byte(next);
  return true;
}

bool LoweredPattern::search(std::string_view text, std::span<std::string_view> groups) const {
  if (text.data() == nullptr) text = "";  // a place that is null is one that does not match
  Search search;
  search.text = {text.data(), text.data() + text.size()};
  if (!match_from(0, search.text.begin, search)) return false;
  const std::size_t wanted = std::min(groups.size(), groups_.size());
  for (std::size_t i = 0; i < wanted; ++i) {
    const char* const begin = search.places[groups_[i].begin];
    const char* const end = search.places[groups_[i].end];
    groups[i] = begin == nullptr ? std::string_view() : std::string_view(begin, static_cast<std::size_t>(end - begin));
  }
  std::fill(groups.begin() + static_cast<std::ptrdiff_t>(wanted), groups.end(), std::string_view());
  return true;
}

const char* LoweredPattern::walk(std::size_t first, std::size_t stop, const char* place, Search& search) const {
  for (std::size_t i = first; i != stop;) {
    const Step& step = steps_.data()[i];
    search.places[i] = place;
    if (step.kind == PatternItem::Kind::kChoice) [[unlikely]] {
      place = choose(i, place, search);
      continue;
    }
    place = step.end_of(place, search);
    if (place == nullptr) return nullptr;
    i = step.next;
  }
  return place;
}

// Goes on to the step that follows the choice, or to its other side.
const char* LoweredPattern::choose(std::size_t& step, const char* place, Search& search) const {
  const std::size_t first = step + 1;
  const std::size_t other = steps_[step].other;
  const std::size_t next = steps_[step].next;
  const auto clear = [&search](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) search.places[i] = nullptr;
  };
  const char* const end = walk(first, next, place, search);
  if (end == nullptr) {
    clear(first, other);
    step = other;
    return place;
  }
  clear(other, next);
  step = next;
  return end;
}

bool LoweredPattern::match_from(std::size_t first, const char* place, Search& search) const {
  const bool has_gap_ahead = gap_ >= first && gap_ < steps_.size();
  const std::size_t stop = has_gap_ahead ? gap_ : steps_.size();
  const char* const end = walk(first, stop, place, search);
  if (end == nullptr) return false;
  search.places[stop] = end;
  if (has_gap_ahead) return goes_back_ ? match_back(search) : match_gap(search);
  return !is_anchored_at_end_ || end == search.text.end;
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
  const auto size = static_cast<std::size_t>(place - gap_begin);
  return size >= gap.least && size <= gap.most && gap.scan.end_of_run(search.text, gap_begin, place) == place;
}

bool LoweredPattern::match_gap(Search& search) const {
  const Step& gap = steps_[gap_];
  const char* const begin = search.places[gap_];
  if (static_cast<std::size_t>(search.text.end - begin) < gap.least) return false;
  const char* first = begin + gap.least;
  const char* last = gap.end_of_run(begin, search);  // the end of the longest gap; a byte b may be there
  last = last == search.text.end ? last : last + 1;
  while (const char* const gap_end = find(first, last, behind_gap_, gap.is_lazy)) {
    if (match_from(gap_ + 1, gap_end, search)) return true;
    if (gap.is_lazy) {
      first = gap_end + 1;
    } else {
      last = gap_end;
    }
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
  const char* const end = end_of_run(place, search);
  return static_cast<std::size_t>(end - place) < least ? nullptr : end;
}

inline const char* LoweredPattern::Step::end_of_run(const char* place, const Search& search) const {
  const char* const end = search.text.end;
  const bool is_limited = static_cast<std::size_t>(end - place) > most;
  return scan.end_of_run(search.text, place, is_limited ? place + most : end);
}

const char* LoweredPattern::Step::end_of_others(const char* place, const Search& search) const {
  if (kind == PatternItem::Kind::kTexts) {
    for (const Literal& text : texts) {
      if (text.is_at(place, search.text.end)) return place + text.size();
    }
    return nullptr;
  }
  if (static_cast<std::size_t>(search.text.end - place) < least) return nullptr;
  const char* const end = place + least;
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
      if (room < least) return nullptr;
      const char* const begin = place - least;
      return scan.end_of_run(search.text, begin, place) == place ? begin : nullptr;
    }
    case PatternItem::Kind::kRun: {
      const char* const begin = scan.begin_of_run(search.text, floor, place);
      return static_cast<std::size_t>(place - begin) < least ? nullptr : begin;
    }
    case PatternItem::Kind::kChoice:
      break;
  }
  return nullptr;
}

}  // namespace tailmeter
