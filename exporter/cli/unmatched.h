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

  struct Reason {
    std::string text;
    std::uint64_t lines = 0;
    std::size_t offset = 0;  // of the example
    std::string example;     // made printable
  };

  void add(const Mismatch& mismatch, std::string_view line);

  // The most frequent reasons, most frequent first.
  [[nodiscard]] std::vector<Reason> most_frequent(std::size_t count) const;

 private:
  std::map<std::string, Reason> reasons_;
};

}  // namespace tailmeter
