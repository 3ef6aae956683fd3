// Tells the operator why lines do not match while the program runs: the first line of each reason, source by source.
//
// What came by a socket or a pipe is nowhere else, so nobody could ask dry-run about it later. What a line holds goes
// through clean_text(), and the log quotes it: it cannot pretend to be a line of the log. How much is told is limited:
// lines can be made up by clients. Belongs to the loop thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/lines/line_sink.h"
#include "parsers/parser.h"
#include "rules/program/rule_set.h"

namespace tailmeter {

class UnmatchedReporter {
 public:
  static constexpr std::size_t kMaxReasons = 16;  // told of a source, until its rules are loaded anew
  // Of a source's unmatched lines the first ones are looked into, and of those that come then one in so many: to find
  // out why a line does not match takes longer than to count it.
  static constexpr std::uint64_t kLinesLookedInto = 1'000;
  static constexpr std::uint64_t kThenOneIn = 100;
  static constexpr std::size_t kMaxExcerptBytes = 200;

  // `rules` outlives it.
  explicit UnmatchedReporter(const RuleSet& rules) : rules_(rules), told_(rules.sources().size()) {}

  // To be asked for each unmatched line; if true, report() gets this line next.
  [[nodiscard]] bool wants(SourceIndex source);
  void report(const Mismatch& mismatch, std::string_view line);

 private:
  struct Told {
    std::uint64_t lines = 0;
    std::set<std::string, std::less<>> reasons{};
  };

  const RuleSet& rules_;
  std::vector<Told> told_;  // by source
  SourceIndex source_ = 0;  // of the line that was wanted last
};

// The part of `line` that shows what is at `offset`, cleaned.
[[nodiscard]] std::string excerpt_of(std::string_view line, std::size_t offset);

}  // namespace tailmeter
