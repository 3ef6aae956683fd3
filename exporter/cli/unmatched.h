// Why lines did not match: counts by reason, with the first line of each as an example.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/parser.h"

namespace tailmeter {

class UnmatchedReasons {
 public:
  static constexpr std::size_t kMaxExampleBytes = 200;
  static constexpr std::size_t kMaxReasonBytes = 1000;

  struct Reason {
    std::string text;  // made printable: it quotes the format
    std::uint64_t lines = 0;
    std::size_t offset = 0;  // in the example, from 0
    std::string example;     // made printable
  };

  void add(const Mismatch& mismatch, std::string_view line);

  // The most frequent reasons, most frequent first.
  [[nodiscard]] std::vector<Reason> most_frequent(std::size_t count) const;

 private:
  std::map<std::string, Reason> reasons_;
};

}  // namespace tailmeter
