// Makes lines of a log_format, as servers write them, and damages them.
//
// The lines are the same for the same seed and compiler.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/log_format.h"

namespace tailmeter {

struct GeneratedLine {
  std::string text;
  std::vector<std::string> fields;  // the value of each variable, as written
};

class LineGenerator {
 public:
  explicit LineGenerator(std::uint32_t seed) : random_(seed) {}

  // A line with values that the format's variables can have, odd ones among them.
  GeneratedLine line(const LogFormat& format);

  // `line` with one to three changes: bytes changed, put in, dropped, repeated; cut short; or gone on with the end of
  // `other`.
  std::string damage(std::string line, std::string_view other);

 private:
  std::size_t below(std::size_t bound) {
    return random_() % bound;
  }  // mt19937's own bits: distributions differ between libraries
  bool one_in(std::size_t n) { return below(n) == 0; }
  std::string_view one_of(std::span<const std::string_view> choices) { return choices[below(choices.size())]; }

  std::string value(const std::string& name);
  std::string address();
  std::string number(std::size_t decimals);
  std::string time_local();
  std::string time_iso();
  std::string request();
  std::string text();
  std::string list(const std::string& name);

  std::mt19937 random_;
};

}  // namespace tailmeter
