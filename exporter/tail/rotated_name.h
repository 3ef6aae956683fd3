// What a log's name becomes when it is rotated.
//
// Known are "access.log.1" (logrotate, newsyslog and most libraries), "access.log-20261121" with anything of digits
// behind it (dateext, dateformat), "access.log.2026-11-21.7" (rotatelogs, Java), "access.log-1795283371" (dateformat
// -%s), and these dates before an extension, as in "access-20261121.log". "worker.1.log" is not: it is as often a log
// of its own. ".gz" or ".zst" may follow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tailmeter {

struct RotatedName {
  std::string base;          // the name before rotation
  std::uint32_t number = 0;  // of ".N", where the highest is the oldest
  std::string date;          // else a text that rises with the date
  bool is_compressed = false;

  // False also where the names cannot be compared.
  [[nodiscard]] bool is_older_than(const RotatedName& other) const;
};

// Works on names and on whole paths. Nothing if it is not a rotated name.
[[nodiscard]] std::optional<RotatedName> parse_rotated_name(std::string_view name);

// Of any compression, also of those that we cannot read.
[[nodiscard]] bool is_compressed_name(std::string_view name);

}  // namespace tailmeter
