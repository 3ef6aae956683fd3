// How much a test does of what it could do without end.
#pragma once

namespace tailmeter {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kIsSanitized = true;
#else
inline constexpr bool kIsSanitized = false;
#endif
#else
inline constexpr bool kIsSanitized = false;
#endif

// `count` lines, patterns or bytes; of those a fiftieth under a sanitizer, where each takes some twenty times as long
// and an error shows in few.
template <typename Count>
constexpr Count effort(Count count) {
  return kIsSanitized ? count / 50 : count;
}

}  // namespace tailmeter
