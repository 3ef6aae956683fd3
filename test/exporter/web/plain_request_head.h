// What a request's head says, read in the plainest way, to compare with request_head.h: lines, words, and one rule
// after the other.
#pragma once

#include <string>
#include <string_view>

namespace tailmeter {

// Everything that is in the head with which `bytes` begin, as one text; "" if that is no head to be taken.
[[nodiscard]] std::string plain_request_head(std::string_view bytes);

}  // namespace tailmeter
