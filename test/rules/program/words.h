// Rules for lines of words, so that each case can have the fields it needs.
#pragma once

#include <string>

namespace tailmeter {

// One source, whose lines have the fields a, b and c.
inline std::string words(const std::string& metrics, const std::string& extract = "") {
  return "sources:\n"
         "  - name: words\n"
         "    files: [words.log]\n"
         "    format: {regex: '^(?P<a>\\S*) (?P<b>\\S*) (?P<c>.*)$'}\n" +
         extract + "metrics:\n" + metrics;
}

}  // namespace tailmeter
