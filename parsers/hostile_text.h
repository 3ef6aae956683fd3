// Whether some text would make a search with a pattern slow.
//
// RE2 takes a text through an automaton whose states it makes as they are needed: nanoseconds a byte. Where a text
// leads to ever new states, and more of them than RE2 has memory for, it falls back to simulating the pattern:
// microseconds a byte, and the lines are written by clients. So it is with `[a-z][a-z0-9-]{0,62}x`, which may begin
// anywhere: which of the last 63 bytes were letters is a state of its own.
//
// Whether there is such a text is found out by writing it: the states are made here as RE2 makes them (see
// pattern_automaton.h), and from each that byte is taken which leads to a new one; a text that comes to an end, or to
// states that are known, is cut back to where there is another way. A pattern is safe if no text so written, of the
// longest line's size, needs more memory for states than RE2 has, at one new state in ten bytes at least (RE2's own
// condition for falling back). Depends on the pattern alone, not on the machine or its speed.
//
// To find groups, RE2 simulates the part that matches anyway, unless the pattern is so plain that one place is left at
// each byte: some 20 nanoseconds a byte for each place of the pattern that is possible there. These are few in most
// patterns, and 200 in `(?:.*,){100}(.*)` behind a hundred commas. So for patterns with groups a second text is
// written: at each byte the one that leaves most places. What begins a match of such places can be gone on with to one.
//
// Both are searches, and bounded ones: a pattern that is refused is slow, but one that is accepted is only likely to be
// fast.
#pragma once

#include <optional>
#include <string>

#include "parsers/pattern_tree.h"
#include "parsers/pattern_use.h"

namespace tailmeter {

// RE2's estimate of what its states may take, at 8 MiB for a pattern: a third each for the program, the automaton and
// the one that goes backwards.
inline constexpr std::size_t kMaxStateBytes = 2 << 20;

// Places of a pattern that are possible at one byte: more of them make half a megabyte a second, or less.
inline constexpr std::size_t kMaxPlacesAtOnce = 100;

// A text that makes it slow to find out whether the pattern matches, or nothing if none was found.
[[nodiscard]] std::optional<std::string> find_hostile_text(const PatternTree& tree, PatternUse use);

// A text that makes it slow to find the groups of a match.
[[nodiscard]] std::optional<std::string> find_crowding_text(const PatternTree& tree);

}  // namespace tailmeter
