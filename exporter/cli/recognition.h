// Which preset lines are for, so that a log can be counted before a rule file is written.
//
// The formats of all presets are tried. That one takes a line proves little: JSON, logfmt and words take lines of any
// program. So a line tells something only where the rules find in it what they count: see Recognition::telling.
//
// Belongs to the main thread, or later to the loop thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "parsers/carrier.h"

namespace tailmeter {

struct Recognition {
  std::string preset;
  std::string source;             // of the preset, which may have several
  bool is_only_source = false;    // it has not
  std::vector<Carrier> prefixes;  // what is to be taken off these lines; empty: what the preset says
  std::size_t lines = 0;          // without those that go on with the line above and do not match, if any does
  std::size_t matched = 0;
  // Of a format that takes lines of any kind: for how many the metrics that ask nothing of a line have all of their
  // labels; without such metrics, all that matched, if two metrics counted something. Of any other format: all that
  // matched, if something was counted.
  std::size_t telling = 0;
  bool is_open = false;        // the formats that took most of them take lines of any kind
  std::uint64_t updates = 0;   // that have all their labels
  std::uint64_t skipped = 0;   // values and labels that were sought in vain
  std::size_t metrics = 0;     // that its rules have
  std::string nearest_reason;  // of the first line that it does not take, and where that diverges
  std::string nearest_line;
  std::size_t nearest_offset = 0;

  [[nodiscard]] bool has_format() const { return is_most(matched); }
  [[nodiscard]] bool is_sure() const { return is_most(telling); }

 private:
  // Fewer may be noise in a log, or a format that is like another.
  [[nodiscard]] bool is_most(std::size_t count) const { return count > 0 && count * 10 >= lines * 9; }
};

// The preset that is surely theirs, or else the nearest: of several that are, one with a format of its own if it finds
// more than those without, the default one, or the one that finds most. Lines that are of none as they stand are tried
// without what carries them.
[[nodiscard]] Recognition recognize(std::span<const std::string> lines);

// The presets that take any text, and so are recognized by lines that tell of a run alone.
[[nodiscard]] std::vector<std::string> presets_of_any_words();

}  // namespace tailmeter
