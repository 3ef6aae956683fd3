#include "parsers/formats.h"
#include "test/fuzz/open_format_fuzz.h"
#include "test/parsers/open_format_lines.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace tailmeter;
  compare_with_plain_reader(make_nginx_error_parser(), read_nginx_error, bytes, size);
  return 0;
}
