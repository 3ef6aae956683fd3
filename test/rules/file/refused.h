// What a rule file may not say, and how that is said: whole reports, with the line and the caret.
#pragma once

#include <catch2/catch.hpp>

#include "test/rules/file/loaded.h"

namespace tailmeter {

struct Refused {
  const char* file;
  const char* reports;
};

inline void check(const Refused& refused) {
  CAPTURE(refused.file);
  CHECK(load(refused.file).errors == without_first_newline(refused.reports));
}

// Behind one source "web" in line 1.
inline void check_metrics(const Refused& refused) {
  CAPTURE(refused.file);
  const std::string source = "sources: [{name: web, files: a.log, format: common}]\n";
  CHECK(load(source + without_first_newline(refused.file)).errors == without_first_newline(refused.reports));
}

}  // namespace tailmeter
