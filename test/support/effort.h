// How much a test does of what it could do without end.
#pragma once

namespace tailmeter {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TAILMETER_IS_SANITIZED true
#endif
#endif
#ifndef TAILMETER_IS_SANITIZED
#define TAILMETER_IS_SANITIZED false
#endif

// `count` lines, patterns or bytes; of those a twentieth under a sanitizer, where each takes some twenty times as long
// and an error shows in few.
template <typename Count>
constexpr Count effort(Count count) {
  return TAILMETER_IS_SANITIZED ? count / 20 : count;
}

}  // namespace tailmeter
