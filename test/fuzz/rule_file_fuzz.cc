// Any bytes as a rule file: rules in force, or reports.
#include <cstddef>
#include <cstdint>
#include <string>

#include "rules/program/compile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  try {
    (void)tailmeter::read_rules("fuzz.yml", std::string(reinterpret_cast<const char*>(bytes), size));
  } catch (const tailmeter::RuleFileError&) {
  }
  return 0;
}
