#include "exporter/unmatched_reporter.h"

#include <algorithm>

#include "exporter/log.h"
#include "parsers/clean_text.h"

namespace tailmeter {

bool UnmatchedReporter::wants(SourceIndex source) {
  Told& told = told_[source];
  source_ = source;
  ++told.lines;
  return told.reasons.size() < kMaxReasons && (told.lines <= kLinesLookedInto || told.lines % kThenOneIn == 0);
}

void UnmatchedReporter::report(const Mismatch& mismatch, std::string_view line) {
  Told& told = told_[source_];
  if (!told.reasons.emplace(mismatch.reason).second) return;
  log(LogLevel::kWarn, "a line is unmatched; others for this reason are only counted",
      {{"source", rules_.sources()[source_].rule.name.value},
       {"reason", clean_text(mismatch.reason, UnmatchedReporter::kMaxExcerptBytes)},
       {"byte", std::to_string(mismatch.offset)},
       {"line", excerpt_of(line, mismatch.offset)}});
  if (told.reasons.size() == kMaxReasons) {
    log(LogLevel::kWarn, "lines are unmatched for many reasons; no others are told until the rules are loaded anew",
        {{"source", rules_.sources()[source_].rule.name.value}});
  }
}

std::string excerpt_of(std::string_view line, std::size_t offset) {
  constexpr std::size_t kInFront = UnmatchedReporter::kMaxExcerptBytes / 2;
  const std::size_t begin = offset > kInFront ? std::min(offset - kInFront, line.size()) : 0;
  return (begin > 0 ? "..." : "") + clean_text(line.substr(begin), UnmatchedReporter::kMaxExcerptBytes);
}

}  // namespace tailmeter
