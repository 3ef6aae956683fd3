// What some programs, on Windows above all, write in front of UTF-8: it says nothing.
#pragma once

#include <string_view>

namespace tailmeter {

inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace tailmeter
