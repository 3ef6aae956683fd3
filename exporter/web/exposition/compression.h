// Bodies compressed for the way: gzip (RFC 1952) by libdeflate and zstd (RFC 8878), both at level 1. Text of metrics
// becomes a tenth of its size at that level already, and higher ones cost two to five times as much.
//
// Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

namespace tailmeter {

[[nodiscard]] std::string compress_gzip(std::string_view bytes);
[[nodiscard]] std::string compress_zstd(std::string_view bytes);

}  // namespace tailmeter
