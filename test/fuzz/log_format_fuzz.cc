#include "test/fuzz/splitter_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace tailmeter;
  compare_with_pattern([](std::string_view text) { return parse_log_format(text); }, bytes, size);
  return 0;
}
