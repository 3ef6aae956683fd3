#include "parsers/httpd_format.h"
#include "test/fuzz/splitter_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace tailmeter;
  compare_with_pattern(parse_httpd_format, bytes, size);
  return 0;
}
