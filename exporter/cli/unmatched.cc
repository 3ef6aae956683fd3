#include "exporter/cli/unmatched.h"

#include <algorithm>

#include "parsers/clean_text.h"

namespace tailmeter {

void UnmatchedReasons::add(const Mismatch& mismatch, std::string_view line) {
  Reason& reason = reasons_[mismatch.reason];
  if (++reason.lines > 1) return;
  reason.text = clean_text(mismatch.reason, kMaxReasonBytes);
  reason.offset = mismatch.offset;
  // What a client wrote into the line must not reach the terminal as it is.
  reason.example = clean_text(line, kMaxExampleBytes);
}

std::vector<UnmatchedReasons::Reason> UnmatchedReasons::most_frequent(std::size_t count) const {
  std::vector<Reason> reasons;
  for (const auto& [text, reason] : reasons_) reasons.push_back(reason);
  std::stable_sort(reasons.begin(), reasons.end(),
                   [](const Reason& left, const Reason& right) { return left.lines > right.lines; });
  if (reasons.size() > count) reasons.resize(count);
  return reasons;
}

}  // namespace tailmeter
