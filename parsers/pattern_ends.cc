#include "parsers/pattern_ends.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace tailmeter {
namespace {

constexpr std::size_t kDeepest = 16;  // byte of a choice's sides by which they are told apart

// What begins at each of the items [first, last], of which the last one is `end`.
std::vector<PatternSide> sides_behind(const std::vector<PatternItem>& items, std::size_t first, std::size_t last,
                                      const PatternSide& end) {
  std::vector<PatternSide> sides(last + 1, end);
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

// How many bytes of `text` are of the class, up to the first that is not.
std::size_t held_bytes(const ByteSet& bytes, std::string_view text) {
  std::size_t held = 0;
  while (held < text.size() && bytes.test(byte_index(text[held]))) ++held;
  return held;
}

bool holds_all_of(const ByteSet& bytes, const PatternItem& item) {
  return (item.bytes & ~bytes).none() && std::all_of(item.texts.begin(), item.texts.end(), [&](const auto& text) {
           return held_bytes(bytes, text) == text.size();
         });
}

// Which bytes may stand how deep in what items match.
class DeepBytes {
 public:
  DeepBytes(const std::vector<PatternItem>& items, bool is_anchored_at_end)
      : items_(items), is_anchored_at_end_(is_anchored_at_end) {}

  // What begins at the item `index` may have these bytes at `depth`, or may end before.
  const ByteSet& at(std::size_t index, std::size_t depth) {
    const auto [known, is_new] = known_.emplace(std::pair(index, depth), ByteSet());
    if (is_new) known->second = find(index, depth);
    return known->second;
  }

  // What the items from `first` to in front of `stop` have at least.
  [[nodiscard]] std::size_t fewest(std::size_t first, std::size_t stop) const {
    std::size_t bytes = 0;
    for (std::size_t i = first; i < stop; i = items_[i].next) {
      const PatternItem& item = items_[i];
      if (item.kind == PatternItem::Kind::kChoice) {
        bytes += std::min(fewest(i + 1, item.next), item.other < item.next ? fewest(item.other, item.next) : 0);
      } else if (item.kind == PatternItem::Kind::kTexts) {
        const auto is_shorter = [](const auto& left, const auto& right) { return left.size() < right.size(); };
        bytes += std::min_element(item.texts.begin(), item.texts.end(), is_shorter)->size();
      } else {
        bytes += item.least;
      }
    }
    return bytes;
  }

 private:
  ByteSet find(std::size_t index, std::size_t depth) {
    if (index == items_.size()) return is_anchored_at_end_ ? ByteSet() : ByteSet().set();
    const PatternItem& item = items_[index];
    ByteSet bytes;
    switch (item.kind) {
      case PatternItem::Kind::kTexts:
        for (const std::string& text : item.texts) {
          if (depth < text.size()) {
            bytes.set(byte_index(text[depth]));
          } else {
            bytes |= at(item.next, depth - text.size());
          }
        }
        return bytes;
      case PatternItem::Kind::kBytes:
        return depth < item.least ? item.bytes : at(item.next, depth - item.least);
      case PatternItem::Kind::kRun:
        if (depth < item.most) bytes = item.bytes;
        for (std::size_t size = item.least; size <= std::min(item.most, depth); ++size)
          bytes |= at(item.next, depth - size);
        return bytes;
      case PatternItem::Kind::kUnits:
        bytes = item.bytes | item.escaped;
        bytes.set(byte_index(item.escape));
        for (std::size_t size = item.least; size <= depth; ++size) bytes |= at(item.next, depth - size);
        return bytes;
      case PatternItem::Kind::kChoice:
        return at(index + 1, depth) | at(item.other, depth);
    }
    return bytes;
  }

  const std::vector<PatternItem>& items_;
  bool is_anchored_at_end_;
  std::map<std::pair<std::size_t, std::size_t>, ByteSet> known_;
};

// The text at `index` becomes two items.
void split_text(PatternItems& pattern, std::size_t index, std::size_t size) {
  const auto shift = [index](std::size_t& place) { place += place > index ? 1 : 0; };
  for (PatternItem& item : pattern.items) {
    shift(item.other);
    shift(item.next);
  }
  for (PatternGroup& group : pattern.groups) {
    shift(group.begin);
    shift(group.end);
  }
  PatternItem behind = pattern.items[index];
  pattern.items[index].texts.front().resize(size);
  pattern.items[index].next = index + 1;
  behind.texts.front().erase(0, size);
  pattern.items.insert(pattern.items.begin() + static_cast<std::ptrdiff_t>(index) + 1, std::move(behind));
}

}  // namespace

void PatternSide::take_in(const PatternItem& item, bool is_behind) {
  const bool is_units = item.kind == PatternItem::Kind::kUnits;
  bool has_empty = (item.kind == PatternItem::Kind::kRun || is_units) && item.least == 0;
  ByteSet item_edge = item.bytes;
  if (is_units && is_behind) item_edge.set(byte_index(item.escape));
  if (is_units && !is_behind) item_edge |= item.escaped;
  for (const std::string& text : item.texts) {
    if (text.empty()) has_empty = true;
    if (!text.empty()) item_edge.set(byte_index(is_behind ? text.front() : text.back()));
  }
  edge = has_empty ? edge | item_edge : item_edge;
  may_be_empty = may_be_empty && has_empty;
}

void split_at_fences(PatternItems& pattern) {
  std::vector<PatternItem>& items = pattern.items;
  for (std::size_t run = 0; run < items.size(); ++run) {
    if (items[run].kind != PatternItem::Kind::kRun || items[run].is_in_a_choice) continue;
    const ByteSet bytes = items[run].bytes;
    std::size_t i = run + 1;
    while (i < items.size() && items[i].kind != PatternItem::Kind::kChoice && holds_all_of(bytes, items[i])) ++i;
    if (i == items.size() || items[i].texts.size() != 1) continue;
    const std::size_t held = held_bytes(bytes, items[i].texts.front());
    if (held > 0) split_text(pattern, i, held);
  }
}

bool has_known_begin(const PatternItem& item, const PatternSide& in_front) {
  if (item.kind == PatternItem::Kind::kChoice || item.kind == PatternItem::Kind::kUnits) return false;
  if (item.kind == PatternItem::Kind::kRun) {
    return item.most == PatternNode::kNoLimit && (item.bytes & in_front.edge).none();
  }
  return !has_one_in_another(item.texts, [](const auto& text, const auto& other) { return text.ends_with(other); });
}

PatternEnds::PatternEnds(const std::vector<PatternItem>& items, bool is_anchored_at_end)
    : items_(items),
      is_anchored_at_end_(is_anchored_at_end),
      behind_(sides_behind(items, 0, items.size(), PatternSide{.is_anchored = is_anchored_at_end})) {}

bool PatternEnds::are_known(std::size_t index) const {
  const PatternItem& item = items_[index];
  const PatternSide& rest = behind_[item.next];
  switch (item.kind) {
    case PatternItem::Kind::kRun:
      return rest.always_matches() ? !item.is_lazy : (item.bytes & rest.edge).none();
    case PatternItem::Kind::kUnits:
      if (rest.always_matches()) return !item.is_lazy;
      return (item.bytes & rest.edge).none() && !rest.edge.test(byte_index(item.escape));
    case PatternItem::Kind::kChoice: {
      const PatternSide first =
          sides_behind(items_, index + 1, item.next, PatternSide{.is_anchored = false})[index + 1];
      if (first.may_be_empty) return false;
      return rest.always_matches() || (first.edge & behind_[item.other].edge).none() || tells_its_sides_apart(index);
    }
    default:
      return !has_one_in_another(item.texts,
                                 [](const auto& text, const auto& other) { return text.starts_with(other); });
  }
}

std::size_t PatternEnds::fence_of(std::size_t index) const {
  const PatternItem& run = items_[index];
  if (run.kind != PatternItem::Kind::kRun || run.is_in_a_choice) return 0;
  PatternSide in_front{.is_anchored = false};
  if (run.least == 0) in_front.edge.set();
  in_front.take_in(run, false);
  for (std::size_t i = index + 1; i < items_.size(); ++i) {
    const PatternItem& item = items_[i];
    if (item.is_in_a_choice || !has_known_begin(item, in_front) || !holds_all_of(run.bytes, item)) return 0;
    in_front.take_in(item, false);
    const PatternSide& rest = behind_[item.next];
    if (!rest.always_matches() && (rest.edge & run.bytes).none()) return item.next;
  }
  return 0;
}

// True if some byte of the first side, one that it always has, is never at the same place of what may be there instead.
bool PatternEnds::tells_its_sides_apart(std::size_t choice) const {
  DeepBytes deep(items_, is_anchored_at_end_);
  const std::size_t first_bytes = std::min(deep.fewest(choice + 1, items_[choice].next), kDeepest);
  for (std::size_t depth = 1; depth < first_bytes; ++depth) {
    if ((deep.at(choice + 1, depth) & deep.at(items_[choice].other, depth)).none()) return true;
  }
  return false;
}

}  // namespace tailmeter
