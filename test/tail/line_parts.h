// Lines in parts as tests write them, and what is to come of them: "aP..." is a part of stream a's line and "aF..." its
// last, of b likewise; any other line is whole.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/lines/line_ends.h"

namespace tailmeter {

inline LineEnds line_ends_of_parts() {
  return LineEnds([](std::string_view line, OpenStreams open) {
    if (line.size() < 2 || (line[0] != 'a' && line[0] != 'b') || (line[1] != 'P' && line[1] != 'F')) return open;
    const OpenStreams stream = line[0] == 'a' ? 1 : 2;
    return line[1] == 'P' ? open | stream : open & ~stream;
  });
}

struct CutText {
  std::vector<std::string> whole;       // what is handed over together
  std::vector<std::uint64_t> oversize;  // bytes of what does not fit
  std::string rest;                     // has not ended
};

// All of `text` as a reader with a buffer of `longest_bytes` cuts it, found byte by byte.
inline CutText cut_slowly(std::string_view text, std::size_t longest_bytes) {
  CutText cut;
  std::string whole;
  std::string line;
  bool is_open[2] = {false, false};
  for (const char c : text) {
    whole += c;
    line += c;
    if (c != '\n') continue;
    if (line.size() <= longest_bytes && line.size() > 2 && (line[0] == 'a' || line[0] == 'b')) {
      if (line[1] == 'P') is_open[line[0] - 'a'] = true;
      if (line[1] == 'F') is_open[line[0] - 'a'] = false;
    }
    line.clear();
    if (is_open[0] || is_open[1]) continue;
    if (whole.size() <= longest_bytes) {
      cut.whole.push_back(whole);
    } else {
      cut.oversize.push_back(whole.size());
    }
    whole.clear();
  }
  cut.rest = whole;
  return cut;
}

}  // namespace tailmeter
