#include "parsers/lowered_pattern.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tailmeter {
namespace {

bool has_prefixes(const std::vector<std::string>& texts) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (std::size_t k = 0; k < texts.size(); ++k) {
      if (i != k && texts[i].starts_with(texts[k])) return true;
    }
  }
  return false;
}

// The last `byte` in [begin, end), or null.
const char* find_last(const char* begin, const char* end, char byte) {
  return begin == end ? nullptr : static_cast<const char*>(memrchr(begin, byte, static_cast<std::size_t>(end - begin)));
}

bool is_at(std::string_view text, const char* place, const char* end) {
  if (text.empty()) return true;
  // Most places are not it, and their first byte says so.
  return static_cast<std::size_t>(end - place) >= text.size() && *place == text.front() &&
         std::memcmp(place, text.data(), text.size()) == 0;
}

}  // namespace

struct LoweredPattern::Rest {
  ByteSet first{};    // F
  bool may_be_empty;  // if is_anchored, only at the end of the text
  bool is_anchored;   // by `$`
  ByteSet passed{};   // by runs of kind (2)
  bool has_gap = false;
  bool has_ambiguous = false;

  [[nodiscard]] bool put_texts_in_front(Step& step) {
    const std::vector<std::string>& texts = step.item.texts;
    if (has_prefixes(texts)) {
      if (std::exchange(has_ambiguous, true)) return false;
      step.way = Step::Way::kAmbiguousTexts;
    }
    const bool has_empty = std::find(texts.begin(), texts.end(), "") != texts.end();
    if (!has_empty) first.reset();
    may_be_empty = may_be_empty && has_empty;
    for (const std::string& text : texts) {
      if (!text.empty()) first.set(byte_index(text.front()));
    }
    return true;
  }

  void put_bytes_in_front(Step& step) {
    step.way = Step::Way::kBytes;
    first = step.item.bytes;
    may_be_empty = false;
  }

  [[nodiscard]] bool put_run_in_front(Step& step) {
    const ByteSet& bytes = step.item.bytes;
    step.way = Step::Way::kRun;
    if (!may_be_empty || is_anchored) {  // else it is of kind (1)
      if ((bytes & first).none()) {
        passed |= bytes;
      } else {
        const bool is_gap = !may_be_empty && first.count() == 1 && (passed & first).none();
        if (!is_gap || std::exchange(has_gap, true)) return false;
        step.way = Step::Way::kGap;
        step.next = first_byte(first);
      }
    }
    const bool has_empty = step.item.count == 0;
    if (!has_empty) first.reset();
    may_be_empty = may_be_empty && has_empty;
    first |= bytes;
    return true;
  }
};

const char* LoweredPattern::Step::behind_text(const char* place, const char* end) const {
  for (const std::string& text : item.texts) {
    if (is_at(text, place, end)) return place + text.size();
  }
  return nullptr;
}

const char* LoweredPattern::Step::end_of_run(const char* begin, const char* end) const {
  if (only_other) {
    const std::string_view rest(begin, static_cast<std::size_t>(end - begin));
    return begin + std::min(rest.find(*only_other), rest.size());
  }
  return std::find_if_not(begin, end, [this](char byte) { return item.bytes[byte_index(byte)]; });
}

LoweredPattern::LoweredPattern(PatternItems&& items)
    : groups_(std::move(items.groups)), is_anchored_at_end_(items.is_anchored_at_end) {
  for (PatternItem& item : items.items) {
    Step& step = steps_.emplace_back(Step{.item = std::move(item)});
    const ByteSet others = ~step.item.bytes;
    if (others.count() == 1) step.only_other = first_byte(others);
  }
}

std::optional<LoweredPattern> LoweredPattern::from(std::string_view text) {
  std::optional<PatternItems> items = read_pattern_items(text);
  if (!items || items->items.size() > kMaxSteps) return std::nullopt;
  LoweredPattern pattern(std::move(*items));
  if (!pattern.settle()) return std::nullopt;
  return pattern;
}

bool LoweredPattern::settle() {
  Rest rest{.may_be_empty = true, .is_anchored = is_anchored_at_end_};
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
    switch (step->item.kind) {
      case PatternItem::Kind::kTexts:
        if (!rest.put_texts_in_front(*step)) return false;
        break;
      case PatternItem::Kind::kBytes:
        rest.put_bytes_in_front(*step);
        break;
      case PatternItem::Kind::kRun:
        if (!rest.put_run_in_front(*step)) return false;
        break;
    }
  }
  return true;
}

bool LoweredPattern::search(std::string_view text, std::span<std::string_view> groups) const {
  Search search;
  search.end = text.data() + text.size();
  if (!match_from(0, text.data(), search)) return false;
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
    const Step& step = steps_[i];
    search.places[i] = place;
    switch (step.way) {
      case Step::Way::kTexts:
        place = step.behind_text(place, search.end);
        if (place == nullptr) return false;
        break;
      case Step::Way::kAmbiguousTexts:
        return match_ambiguous(i, place, search);
      case Step::Way::kBytes: {
        if (static_cast<std::size_t>(search.end - place) < step.item.count) return false;
        const char* const bytes_end = place + step.item.count;
        if (step.end_of_run(place, bytes_end) != bytes_end) return false;
        place = bytes_end;
        break;
      }
      case Step::Way::kRun: {
        const char* const run_end = step.end_of_run(place, search.end);
        if (static_cast<std::size_t>(run_end - place) < step.item.count) return false;
        place = run_end;
        break;
      }
      case Step::Way::kGap:
        return match_gap(i, place, search);
    }
  }
  search.places[steps_.size()] = place;
  return !is_anchored_at_end_ || place == search.end;
}

bool LoweredPattern::match_ambiguous(std::size_t index, const char* place, Search& search) const {
  for (const std::string& text : steps_[index].item.texts) {
    if (is_at(text, place, search.end) && match_from(index + 1, place + text.size(), search)) return true;
  }
  return false;
}

bool LoweredPattern::match_gap(std::size_t index, const char* place, Search& search) const {
  const Step& gap = steps_[index];
  const char* reach = gap.end_of_run(place, search.end);
  if (static_cast<std::size_t>(reach - place) < gap.item.count) return false;
  while (const char* const gap_end = find_last(place + gap.item.count, reach, gap.next)) {
    if (match_from(index + 1, gap_end, search)) return true;
    reach = gap_end;
  }
  return false;
}

}  // namespace tailmeter
