// A pattern as the automaton that RE2 takes a text through: which states there are, in which order of preference.
//
// Made to look for slow texts (see hostile_text.h), not to search. What depends on the bytes around a place, `\b` and
// `^` or `$` within the pattern, is taken to hold: there are more states then, if any.
#pragma once

#include <cstddef>
#include <vector>

#include "parsers/byte_set.h"
#include "parsers/pattern_tree.h"
#include "parsers/pattern_use.h"

namespace tailmeter {

// How RE2 goes through a text to find whether it matches, and where a match ends.
struct SearchWay {
  bool is_backward;
  bool begins_anywhere;
  bool is_longest;  // no state is given up for a match; or else what is less preferred than the match is
};

// A whole match, and one with `^` and `$`, goes forward to the text's end, one with `$` alone backward to its begin,
// and any other forward as far as a match.
[[nodiscard]] SearchWay search_way(const PatternTree& tree, PatternUse use);

class PatternAutomaton {
 public:
  using Place = std::size_t;         // in the pattern, its repeats written out
  using State = std::vector<Place>;  // in the order of preference, if there is one

  PatternAutomaton(const PatternTree& tree, SearchWay way);

  // The pattern has more than kMaxPlaces; then nothing else may be asked.
  [[nodiscard]] bool is_too_large() const { return is_too_large_; }
  [[nodiscard]] std::size_t place_count() const { return steps_.size(); }

  // One byte of each set of bytes between which the pattern makes no difference.
  [[nodiscard]] std::vector<char> kinds_of_bytes() const;

  [[nodiscard]] State begin();
  [[nodiscard]] State after(const State& state, char byte);  // empty: what follows is no matter any more

  // A match is found, and a longer one would be no matter.
  [[nodiscard]] bool matches(const State& state) const;

 private:
  static constexpr std::size_t kMaxPlaces = 4000;

  struct Step {
    enum class Kind { kBytes, kSplit, kMatch };
    Kind kind;
    ByteSet bytes{};
    Place next = 0;
    Place other = 0;  // of a split: the one that is less preferred
  };

  Place push(Step step);
  Place write(const PatternNode& node, Place next);
  Place write_repeat(const PatternNode& node, Place next);
  Place split(Place first, Place second, bool is_lazy);

  void start_state();
  void add(Place begin);
  State finished();

  SearchWay way_;
  std::vector<Step> steps_;
  Place begin_ = 0;
  bool is_too_large_ = false;
  // Of the state that is being made:
  std::vector<std::size_t> marks_;  // mark_ of the state that the place was last seen in
  std::size_t mark_ = 0;
  std::vector<Place> stack_;
  State state_;
};

}  // namespace tailmeter
