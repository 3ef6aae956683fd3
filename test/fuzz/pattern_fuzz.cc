// Up to the first line feed a pattern, then a text: whichever way the pattern goes, it gives RE2's answer and groups.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/pattern.h"
#include "test/parsers/re2_alone.h"

namespace {

using namespace tailmeter;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Whether such a pattern is slow takes seconds to find out with a sanitizer.
bool has_long_repeat(std::string_view pattern) {
  for (std::size_t i = 2; i < pattern.size(); ++i) {
    const char before = pattern[i - 2];
    if ((before == '{' || before == ',') && is_digit(pattern[i - 1]) && is_digit(pattern[i])) return true;
  }
  return false;
}

void compare_search(const Pattern& search, const Pattern& right, std::string_view text) {
  // One more than there are, to see that it is cleared.
  std::vector<std::string_view> groups(search.group_names().size() + 1, "stale");
  std::vector<std::string_view> right_groups(groups.size());
  const bool is_found = right.search(text, right_groups);
  assert(search.search(text, groups) == is_found);
  assert(search.search(text, {}) == is_found);
  for (std::size_t i = 0; is_found && i < groups.size(); ++i) {
    assert(groups[i] == right_groups[i]);
    assert(text.empty() || groups[i].data() == right_groups[i].data());
  }
}

void compare(const std::string& pattern, std::string_view text) {
  const Pattern right(for_re2_alone(pattern));
  assert(right.engine() == "RE2");
  compare_search(Pattern(pattern), right, text);
  assert(Pattern(pattern, PatternUse::kWhole).matches(text) == right.matches(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  constexpr std::size_t kMaxPatternBytes = 80;
  constexpr std::size_t kMaxTextBytes = 400;
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const std::size_t end = input.find('\n');
  if (end > kMaxPatternBytes || size - end > kMaxTextBytes) return 0;
  const std::string pattern(input.substr(0, end));
  if (has_long_repeat(pattern)) return 0;
  const std::vector<char> exactly(bytes + end + 1,
                                  bytes + size);  // so that the sanitizer sees who reads beyond the end
  const std::string_view text(exactly.data(), exactly.size());
  try {
    compare(pattern, text);
  } catch (const PatternError&) {  // it is refused
  }
  return 0;
}
