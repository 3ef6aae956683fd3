// The first byte chooses the carriers, the rest are lines: every byte is carried by one line, the cutter and the joiner
// agree on what is open, and nothing grows.
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "parsers/carrier.h"

namespace {

using namespace tailmeter;

std::vector<Carrier> carriers_of(std::uint8_t choice) {
  constexpr Carrier kFirst[] = {Carrier::kSyslog, Carrier::kDocker, Carrier::kCri, Carrier::kAnsi};
  std::vector<Carrier> carriers = {kFirst[choice % 4]};
  if ((choice & 4) != 0) carriers.push_back(Carrier::kSyslog);
  if ((choice & 16) != 0) carriers.push_back(Carrier::kCompose);
  if ((choice & 8) != 0) carriers.push_back(Carrier::kAnsi);
  return carriers;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::vector<Carrier> carriers = carriers_of(bytes[0]);
  Unwrapper unwrapper(carriers);
  std::string_view rest(reinterpret_cast<const char*>(bytes + 1), size - 1);
  std::size_t given_bytes = 0;
  std::size_t carried_bytes = 0;
  std::uint32_t open = 0;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + (line.size() < rest.size() ? 1 : 0));
    given_bytes += line.size() + 1;
    if (brings_parts(carriers.front())) open = open_streams_behind(carriers.front(), line, open);
    const auto carried = unwrapper.unwrap(line, line.size() + 1);
    if (!carried) continue;
    carried_bytes += carried->carried_bytes;
    assert(carried->text.size() <= carried->carried_bytes);
    assert(carried->diverged <= carried->text.size() + 1);  // with the carriage return that belongs to the line end
  }
  int unended = 0;
  for (; const auto carried = unwrapper.take_unended(); ++unended) carried_bytes += carried->carried_bytes;
  assert(unended == std::popcount(open));
  assert(carried_bytes == given_bytes);
  return 0;
}
