// What one segment of a path is, as far as its bytes tell.
//
// Pure functions; any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace tailmeter {

// A segment that is longer is no name that anybody chose.
inline constexpr std::size_t kMaxSegmentBytes = 64;

inline constexpr std::string_view kAnyText = "{text}";
inline constexpr std::string_view kRestOfPath = "...";

// What a segment is called that is one of many, or "" for one that may be a name:
//   {number}   decimal digits
//   {date}     2024-05-01
//   {uuid}     8-4-4-4-12 hexadecimal digits (RFC 9562)
//   {digest}   8 or more hexadecimal digits, letters and figures among them; ALGORITHM:HEX (OCI image specification,
//              "Digests") of 8 or more hexadecimal digits, or however many for sha256, sha512 and the like
//   {version}  two or more numbers with dots between, with or without "v" in front, and what follows a "-", "+", "~" or
//              "_": v1.2.3, 1.2.3-rc.1 (semver.org), 1.36.1-2_amd64.deb; not v2, which is a name
//   {text}     what is longer than kMaxSegmentBytes, or has braces or anything but printable ASCII; and "..."
[[nodiscard]] std::string_view segment_class(std::string_view segment);

}  // namespace tailmeter
