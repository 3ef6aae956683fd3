// What gzip(1) and zstd(1) make of a text.
#pragma once

#include <string>
#include <string_view>

namespace tailmeter {

[[nodiscard]] std::string gzip(std::string_view text);
[[nodiscard]] std::string zstd(std::string_view text);

}  // namespace tailmeter
