#include "parsers/hostile_text.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "parsers/pattern_automaton.h"

namespace tailmeter {
namespace {

using State = PatternAutomaton::State;

constexpr std::size_t kMaxTextBytes = 64 << 10;
constexpr std::size_t kBytesPerState = 10;
constexpr std::size_t kFewStates = 2000;    // are made again soon, however large
constexpr std::size_t kSmallPlaces = 12;    // the states of a pattern of so many places are few
constexpr std::size_t kPatienceBytes = 50;  // that lead to no new state: there are no more that way
constexpr std::size_t kMaxAttempts = 2;     // in the states that all of them may make, and bytes that they may write
constexpr std::size_t kStateOverheadBytes = 100;
constexpr std::size_t kCrowdedBytes = 1000;  // at the end of a crowding text: places are many at each of them, or most
constexpr std::size_t kCrowdingAttempts = 6;
constexpr std::size_t kMaxCrowdingBytes = 8000;  // twice the places that a pattern may have

// The states that texts have led to, and where a byte leads from each: worked out once.
class States {
 public:
  explicit States(PatternAutomaton& automaton)
      : automaton_(automaton), kinds_(automaton.kinds_of_bytes()), seen_places_(automaton.place_count()) {
    (void)number(automaton_.begin());
  }

  struct Step {
    std::size_t state;
    char byte;
    bool is_new;  // no text has led there
  };

  // By a byte that leads to a new state, and better to one in which nothing is found yet; or else by another; or
  // nothing if the text could not go on.
  std::optional<Step> step_from(std::size_t state) {
    std::optional<Step> best;
    bool best_matches = false;
    for (std::size_t i = 0; i < kinds_.size(); ++i) {
      const std::size_t kind = ++turn_ % kinds_.size();
      const std::size_t after = state_after(state, kind);
      if (after == kDead) continue;
      const Step step{after, kinds_[kind], !known_[after].is_visited};
      const bool matches = automaton_.matches(*known_[after].state);
      if (step.is_new && !matches) return step;
      if (!best || std::pair(!step.is_new, matches) <= std::pair(!best->is_new, best_matches)) {
        best = step;
        best_matches = matches;
      }
    }
    return best;
  }

  // By the byte that leads to a place of the pattern where no text has been, or else to the state of most places, and
  // better to a new one; or nothing if the text could not go on.
  std::optional<Step> step_to_most(std::size_t state) {
    std::optional<Step> best;
    const auto worth = [&](const Step& step) {
      return std::tuple(has_unseen_place(step.state), place_count(step.state), step.is_new);
    };
    for (std::size_t i = 0; i < kinds_.size(); ++i) {
      const std::size_t kind = ++turn_ % kinds_.size();
      const std::size_t after = state_after(state, kind);
      if (after == kDead) continue;
      const Step step{after, kinds_[kind], !known_[after].is_visited};
      if (!best || worth(step) > worth(*best)) best = step;
    }
    return best;
  }

  [[nodiscard]] std::size_t place_count(std::size_t state) const { return known_[state].state->size(); }

  // To be called where a step leads. Returns what RE2 needs to remember the state.
  std::size_t visit(std::size_t state) {
    known_[state].is_visited = true;
    for (const PatternAutomaton::Place place : *known_[state].state) seen_places_[place] = true;
    return bytes_of(*known_[state].state);
  }

  [[nodiscard]] bool are_too_many() const {
    return known_.size() > kMaxAttempts * kFewStates && known_bytes_ > kMaxAttempts * kMaxStateBytes;
  }

 private:
  [[nodiscard]] bool has_unseen_place(std::size_t state) const {
    const State& places = *known_[state].state;
    return std::any_of(places.begin(), places.end(), [this](auto place) { return !seen_places_[place]; });
  }

  static constexpr std::size_t kUnknown = PatternNode::kNoLimit;
  static constexpr std::size_t kDead = kUnknown - 1;

  struct Known {
    const State* state;
    std::vector<std::size_t> after;  // by the kind of byte
    bool is_visited = false;
  };
  struct Hash {
    std::size_t operator()(const State& state) const {
      return std::hash<std::string_view>()(
          {reinterpret_cast<const char*>(state.data()), state.size() * sizeof(State::value_type)});
    }
  };

  [[nodiscard]] std::size_t bytes_of(const State& state) const {
    return kStateOverheadBytes + state.size() * sizeof(int) + kinds_.size() * sizeof(void*);
  }

  std::size_t state_after(std::size_t state, std::size_t kind) {
    if (known_[state].after[kind] == kUnknown) {
      const State after = automaton_.after(*known_[state].state, kinds_[kind]);
      const std::size_t found = after.empty() ? kDead : number(after);
      known_[state].after[kind] = found;
    }
    return known_[state].after[kind];
  }

  std::size_t number(const State& state) {
    const auto [place, is_new] = numbers_.emplace(state, numbers_.size());
    if (is_new) {
      known_.push_back({&place->first, std::vector<std::size_t>(kinds_.size(), kUnknown)});
      known_bytes_ += bytes_of(state);
    }
    return place->second;
  }

  PatternAutomaton& automaton_;
  std::vector<char> kinds_;
  std::vector<bool> seen_places_;
  std::unordered_map<State, std::size_t, Hash> numbers_;
  std::vector<Known> known_;
  std::size_t known_bytes_ = 0;
  std::size_t turn_ = 0;
};

// A text that is being written, byte by byte.
class Writer {
 public:
  explicit Writer(States& states) : states_(states) { path_.push_back({.state_bytes = states.visit(0)}); }

  std::optional<std::string> write() {
    for (std::size_t turns = 0; turns < kMaxAttempts * kMaxTextBytes && !states_.are_too_many(); ++turns) {
      auto step = states_.step_from(path_.back().state);
      const bool is_stuck = !step || text_.size() - path_.back().newest >= kPatienceBytes;
      if (is_stuck || text_.size() == kMaxTextBytes) step = step_after_retreat();
      if (!step) return std::nullopt;
      take(*step);
      const At& at = path_.back();
      const bool has_room = at.state_bytes <= kMaxStateBytes || at.state_count < kFewStates;
      if (!has_room && text_.size() <= kBytesPerState * at.state_count) return text_;
    }
    return std::nullopt;
  }

 private:
  // What the text up to some byte has led to; of the states, those that were new to it.
  struct At {
    std::size_t state = 0;
    std::size_t state_bytes = 0;
    std::size_t state_count = 1;
    std::size_t newest = 0;  // the byte that led to the last of them
  };

  void take(const States::Step& step) {
    At at = path_.back();
    at.state = step.state;
    text_ += step.byte;
    if (step.is_new) {
      at.state_bytes += states_.visit(step.state);
      ++at.state_count;
      at.newest = text_.size();
    }
    path_.push_back(at);
  }

  // A text may run into what leads nowhere, such as the last byte of a whole match: it is cut back to where another
  // byte leads to a new state.
  std::optional<States::Step> step_after_retreat() {
    while (!text_.empty()) {
      text_.pop_back();
      path_.pop_back();
      const auto step = states_.step_from(path_.back().state);
      if (step && step->is_new) return step;
    }
    return std::nullopt;
  }

  States& states_;
  std::string text_;
  std::vector<At> path_;  // one more than the text has bytes
};

// Goes on to where places are too many, in the mean of kCrowdedBytes; or until nothing is new.
std::optional<std::string> write_crowding_text(States& states) {
  std::string text;
  std::vector<std::size_t> places;  // at each byte
  std::size_t recent_places = 0;    // of the last kCrowdedBytes
  std::size_t newest = 0;           // the byte that led to a new state
  std::size_t state = 0;
  while (text.size() < newest + kCrowdedBytes && text.size() < kMaxCrowdingBytes) {
    const auto step = states.step_to_most(state);
    if (!step) break;
    state = step->state;
    text += step->byte;
    (void)states.visit(state);
    if (step->is_new) newest = text.size();
    places.push_back(states.place_count(state));
    recent_places += places.back();
    if (places.size() > kCrowdedBytes) recent_places -= places[places.size() - 1 - kCrowdedBytes];
    if (recent_places > kMaxPlacesAtOnce * kCrowdedBytes) return text;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_hostile_text(const PatternTree& tree, PatternUse use) {
  const SearchWay way = search_way(tree, use);
  PatternAutomaton automaton(tree, way);
  if (automaton.is_too_large() || automaton.place_count() <= kSmallPlaces) return std::nullopt;
  States states(automaton);
  std::optional<std::string> text = Writer(states).write();
  if (text && way.is_backward) std::reverse(text->begin(), text->end());
  return text;
}

std::optional<std::string> find_crowding_text(const PatternTree& tree) {
  // Nothing is given up for a match: one at a `$` within the pattern, which is taken to hold, would hide what is
  // behind.
  PatternAutomaton automaton(tree, {.is_backward = false, .begins_anywhere = false, .is_longest = true});
  if (automaton.is_too_large() || automaton.place_count() <= kMaxPlacesAtOnce) return std::nullopt;
  States states(automaton);
  std::optional<std::string> text;
  // Where one came to an end soon, the next goes where it has not been.
  for (std::size_t attempt = 0; attempt < kCrowdingAttempts && !text && !states.are_too_many(); ++attempt) {
    text = write_crowding_text(states);
  }
  return text;
}

}  // namespace tailmeter
