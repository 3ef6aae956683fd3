#include "parsers/pattern_automaton.h"

#include <algorithm>
#include <map>
#include <unordered_set>
#include <utility>

namespace tailmeter {

SearchWay search_way(const PatternTree& tree, PatternUse use) {
  const auto& parts = tree.root.parts;
  const bool is_row = tree.root.kind == PatternNode::Kind::kSequence && !parts.empty();
  const bool has_begin = is_row && parts.front().kind == PatternNode::Kind::kTextBegin;
  const bool has_end = is_row && parts.back().kind == PatternNode::Kind::kTextEnd;
  if (use == PatternUse::kWhole || (has_begin && has_end)) {
    return {.is_backward = false, .begins_anywhere = false, .is_longest = true};
  }
  if (has_end) return {.is_backward = true, .begins_anywhere = false, .is_longest = true};
  return {.is_backward = false, .begins_anywhere = !has_begin, .is_longest = false};
}

PatternAutomaton::PatternAutomaton(const PatternTree& tree, SearchWay way) : way_(way) {
  const Place match = push({.kind = Step::Kind::kMatch});
  begin_ = write(tree.root, match);
  if (way.begins_anywhere) {  // a byte more in front, with less preference
    const Place loop = push({.kind = Step::Kind::kSplit, .next = begin_});
    begin_ = loop;
    const Place skip = push({.kind = Step::Kind::kBytes, .bytes = ~ByteSet(), .next = loop});
    steps_[loop].other = skip;
  }
  marks_.resize(steps_.size());
}

PatternAutomaton::Place PatternAutomaton::push(Step step) {
  if (steps_.size() == kMaxPlaces) {
    is_too_large_ = true;
    return 0;
  }
  steps_.push_back(step);
  return steps_.size() - 1;
}

// Writes what matches `node` and then goes on to `next`; returns where it begins.
PatternAutomaton::Place PatternAutomaton::write(const PatternNode& node, Place next) {
  if (is_too_large_) return next;
  switch (node.kind) {
    case PatternNode::Kind::kBytes:
      return push({.kind = Step::Kind::kBytes, .bytes = node.bytes, .next = next});
    case PatternNode::Kind::kSequence:
    case PatternNode::Kind::kGroup: {
      const std::size_t count = node.parts.size();
      for (std::size_t i = 0; i < count; ++i) next = write(node.parts[way_.is_backward ? i : count - 1 - i], next);
      return next;
    }
    case PatternNode::Kind::kAlternatives: {
      Place begin = write(node.parts.back(), next);
      for (std::size_t i = node.parts.size() - 1; i-- > 0;) begin = split(write(node.parts[i], next), begin, false);
      return begin;
    }
    case PatternNode::Kind::kRepeat:
      return write_repeat(node, next);
    default:
      return next;
  }
}

PatternAutomaton::Place PatternAutomaton::write_repeat(const PatternNode& node, Place next) {
  Place begin = next;
  if (node.most == PatternNode::kNoLimit) {
    const Place loop = split(next, next, node.is_lazy);
    const Place inside = write(node.parts[0], loop);
    (node.is_lazy ? steps_[loop].other : steps_[loop].next) = inside;
    begin = loop;
  } else {
    for (std::size_t i = node.least; i < node.most && !is_too_large_; ++i) {
      begin = split(write(node.parts[0], begin), next, node.is_lazy);
    }
  }
  for (std::size_t i = 0; i < node.least && !is_too_large_; ++i) begin = write(node.parts[0], begin);
  return begin;
}

PatternAutomaton::Place PatternAutomaton::split(Place first, Place second, bool is_lazy) {
  return push({.kind = Step::Kind::kSplit, .next = is_lazy ? second : first, .other = is_lazy ? first : second});
}

std::vector<char> PatternAutomaton::kinds_of_bytes() const {
  constexpr std::size_t kByteSetSize = ByteSet().size();
  std::unordered_set<ByteSet> sets;  // a repeat that is written out has the same many times
  for (const Step& step : steps_) sets.insert(step.bytes);
  std::vector<std::size_t> kinds(kByteSetSize);
  for (const ByteSet& bytes : sets) {
    std::map<std::pair<std::size_t, bool>, std::size_t> finer;
    for (std::size_t byte = 0; byte < kByteSetSize; ++byte) {
      kinds[byte] = finer.emplace(std::pair(kinds[byte], bytes[byte]), finer.size()).first->second;
    }
  }
  std::map<std::size_t, char> bytes;
  for (std::size_t byte = 0; byte < kByteSetSize; ++byte) bytes.emplace(kinds[byte], static_cast<char>(byte));
  std::vector<char> result;
  for (const auto& [kind, byte] : bytes) result.push_back(byte);
  return result;
}

PatternAutomaton::State PatternAutomaton::begin() {
  start_state();
  add(begin_);
  return finished();
}

PatternAutomaton::State PatternAutomaton::after(const State& state, char byte) {
  start_state();
  for (const Place place : state) {
    if (steps_[place].bytes[byte_index(byte)]) add(steps_[place].next);
  }
  return finished();
}

bool PatternAutomaton::matches(const State& state) const {
  return !way_.is_longest && !state.empty() && steps_[state.back()].kind == Step::Kind::kMatch;
}

void PatternAutomaton::start_state() {
  ++mark_;
  state_.clear();
}

void PatternAutomaton::add(Place begin) {
  stack_.push_back(begin);
  while (!stack_.empty()) {
    const Place place = stack_.back();
    stack_.pop_back();
    if (std::exchange(marks_[place], mark_) == mark_) continue;
    const Step& step = steps_[place];
    if (step.kind != Step::Kind::kSplit) {
      state_.push_back(place);
      continue;
    }
    stack_.push_back(step.other);
    stack_.push_back(step.next);
  }
}

// What is less preferred than a match is given up; for the longest match, the order is no matter.
PatternAutomaton::State PatternAutomaton::finished() {
  if (way_.is_longest) {
    std::sort(state_.begin(), state_.end());
    return state_;
  }
  const auto match = std::find_if(state_.begin(), state_.end(),
                                  [this](Place place) { return steps_[place].kind == Step::Kind::kMatch; });
  if (match != state_.end()) state_.erase(match + 1, state_.end());
  return state_;
}

}  // namespace tailmeter
