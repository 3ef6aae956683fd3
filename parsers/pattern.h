// A regular expression: RE2 on bytes (Latin-1), linear in the text whatever the pattern.
//
// The only place that knows RE2. What RE2 says about a line or a value is by definition right; every faster way,
// through a format, with a pattern that is simple enough (see lowered_pattern.h), or from where a match may begin (see
// pattern_start.h), is tested against it.
//
// RE2's own fast way to find groups, its "one-pass" automaton, is for four groups at most. Patterns of more are not cut
// into pieces for it. Two that were cut took a third of the time, where lowered they take a tenth; and of 32 patterns
// for access and sync logs none that is not lowered could be cut: they leave two ways on one byte, or begin anywhere.
//
// Immutable once made; any thread may call its const functions.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/pattern_use.h"

namespace tailmeter {

// The pattern's text is wrong. what() says how, in the user's terms, and ends with a way out where there is one.
class PatternError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Pattern {
 public:
  static constexpr std::size_t kMaxGroups = 100;

  // Throws PatternError, also for patterns whose automata would be too large, or slow for some text. Only a pattern for
  // kSearch may search(); one for kWhole is faster where all of a value is to match.
  explicit Pattern(std::string_view text, PatternUse use = PatternUse::kSearch);
  ~Pattern();
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;

  [[nodiscard]] const std::string& text() const;

  // The names of the groups in the order of their opening brackets; "" for a group without a name.
  [[nodiscard]] const std::vector<std::string>& group_names() const;

  // True if the whole of `value` matches, as in Prometheus relabelling.
  [[nodiscard]] bool matches(std::string_view value) const;

  // True if some part of `text` matches. groups[i] becomes the i-th group (from 0), with a null data() if the group
  // took no part. At most groups.size() groups are filled: fewer groups cost less time. What they hold after false is
  // unspecified.
  [[nodiscard]] bool search(std::string_view text, std::span<std::string_view> groups) const;

  // True if it does without RE2.
  [[nodiscard]] bool is_lowered() const;

  // How it is done, in the words of `tailmeter check --patterns`.
  [[nodiscard]] std::string engine() const;

  // Throws PatternError if `replacement` names a group that the pattern does not have.
  void check_replacement(std::string_view replacement) const;

  // Sets `out` to `replacement`, in which $name, ${name}, $1, ${1} stand for groups, ${0} for all of `value` and $$ for
  // a dollar sign. Returns false, with `out` untouched, if not all of `value` matches. `replacement` has passed
  // check_replacement(); `value` is not part of `out`.
  [[nodiscard]] bool replace(std::string_view value, std::string_view replacement, std::string& out) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

// `text` as a pattern that matches exactly these bytes.
[[nodiscard]] std::string quote_pattern(std::string_view text);

}  // namespace tailmeter
