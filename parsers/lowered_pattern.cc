#include "parsers/lowered_pattern.h"

#include <algorithm>
#include <cstring>

#include "parsers/pattern_ends.h"

namespace tailmeter {
namespace {

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
      way(item.kind == PatternItem::Kind::kChoice ? Way::kChoice : Way::kPlain),
      is_one_text(item.texts.size() == 1),
      is_lazy(item.is_lazy),
      least(item.least),
      most(item.most),
      escape(item.escape),
      escaped(item.escaped),
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
  if (row) split_at_fences(*row);
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
  const PatternEnds ends(items, pattern.is_anchored_at_end);
  // The first item from `first` on whose end is not known.
  const auto known_until = [&](std::size_t first) {
    while (first < size) {
      const std::size_t fence = ends.are_known(first) ? first + 1 : ends.fence_of(first);
      if (fence == 0) break;
      if (fence > first + 1) steps_[first].way = Step::Way::kFenced;
      steps_[first].fence = fence;
      first = fence;
    }
    return first;
  };
  gap_ = known_until(0);
  if (gap_ == size) return true;
  if (items[gap_].kind != PatternItem::Kind::kRun || items[gap_].is_in_a_choice) return false;

  goes_back_ = pattern.is_anchored_at_end;
  PatternSide in_front{.is_anchored = true};
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

  const PatternSide& rest = ends.behind(gap_ + 1);
  if (rest.may_be_empty || rest.edge.count() != 1 || known_until(gap_ + 1) < size) return false;
  for (std::size_t i = gap_ + 1; i < size; ++i) {
    const bool is_units = items[i].kind == PatternItem::Kind::kUnits;
    const bool is_run = items[i].kind == PatternItem::Kind::kRun || is_units;
    if (!is_run || ends.behind(items[i].next).always_matches()) continue;
    ByteSet passed = items[i].bytes | items[i].escaped;
    if (is_units) passed.set(byte_index(items[i].escape));
    if ((passed & rest.edge).any()) return false;
  }
  behind_gap_ = first_byte(rest.edge);
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
    if (step.way != Step::Way::kPlain) [[unlikely]] {
      place = step.way == Step::Way::kChoice ? choose(i, place, search) : pass_fenced(i, place, search);
      if (place == nullptr) return nullptr;
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

// Goes back over the steps between `run` and `stop`, which begins at `place`, and returns where they begin, or null if
// that leaves the run, which begins at its place, not what it may be.
const char* LoweredPattern::walk_back(std::size_t run, std::size_t stop, const char* place, Search& search) const {
  const char* const floor = search.places[run];
  for (std::size_t i = stop; i-- > run + 1;) {
    place = steps_.data()[i].begin_of(floor, place, search);
    if (place == nullptr) return nullptr;
    search.places[i] = place;
  }
  const auto size = static_cast<std::size_t>(place - floor);
  return size >= steps_[run].least && size <= steps_[run].most ? place : nullptr;
}

// Goes on to the fence, behind all bytes of the run's class.
const char* LoweredPattern::pass_fenced(std::size_t& step, const char* place, Search& search) const {
  const Step& run = steps_[step];
  const char* const end = run.scan.end_of_run(search.text, place, search.text.end);
  if (walk_back(step, run.fence, end, search) == nullptr) return nullptr;
  step = run.fence;
  return end;
}

bool LoweredPattern::match_back(Search& search) const {
  search.places[steps_.size()] = search.text.end;
  const char* const gap_end = walk_back(gap_, steps_.size(), search.text.end, search);
  return gap_end != nullptr && steps_[gap_].scan.end_of_run(search.text, search.places[gap_], gap_end) == gap_end;
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
  if (kind == PatternItem::Kind::kUnits) return end_of_units(place, search);
  if (static_cast<std::size_t>(search.text.end - place) < least) return nullptr;
  const char* const end = place + least;
  return scan.end_of_run(search.text, place, end) == end ? end : nullptr;
}

const char* LoweredPattern::Step::end_of_units(const char* place, const Search& search) const {
  const char* const begin = place;
  for (;;) {
    place = scan.end_of_run(search.text, place, search.text.end);
    if (search.text.end - place < 2 || *place != escape || !escaped.test(byte_index(place[1]))) break;
    place += 2;
  }
  return least > 0 && place == begin ? nullptr : place;
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
    default:
      return nullptr;
  }
}

}  // namespace tailmeter
